"""What stands with an option, from the form of staff to the ballot, the ballot to practise on and the page of the vote."""

import pytest
from django.urls import reverse
from django.utils import translation

from ballots.ballot_form import LONG
from ballots.models import Option
from tests.ballots.test_question_admin import filled_in, page_of, photo, write
from tests.ballots.test_voting_pages import en, text_of
from tests.factories.ballots import make_vote, open_by_two

pytestmark = pytest.mark.django_db

SIDES = (("argument_for", "What supporters say"), ("argument_against", "What opponents say"))


@pytest.fixture
def draft(site_root, anna, settings, tmp_path):
    settings.UPLOADS_ROOT = tmp_path
    vote = make_vote(options=[])
    vote.questions.all().delete()
    return vote


def state_everything(staff, draft, *titles):
    """Staff write a budget question and give its first option all it can have."""
    costs = {f"options-{place}-cost": "1250.50" for place in range(len(titles))}
    write(staff, draft, "knapsack", *titles, argument_length="60", **costs)
    own = {
        "options-0-text": "Met een glijbaan.",
        "options-0-photo": photo(),
        "options-0-image_alt": "De glijbaan",
        "options-0-argument_for": "v" * 60,
        "options-0-argument_against": "t" * 60,
    }
    page = staff.get(page_of("edit_question", draft, 1))
    assert staff.post(page_of("edit_question", draft, 1), filled_in(page) | own).status_code == 302
    open_by_two(draft)


def pages_of_a_vote(client_for, anna, vote):
    yield client_for(anna).get(en("choose", vote))
    yield client_for().get(en("practise", vote))
    yield client_for().get(en("vote", vote))


def test_statement_of_an_option_is_on_every_page_with_a_ballot(draft, dirk, anna, client_for):
    state_everything(client_for(dirk), draft, "Speeltuin", "Bankjes")
    with translation.override("en"):
        photo_of_it = reverse("ballots:photo", args=[draft.pk, 1])
    for page in pages_of_a_vote(client_for, anna, draft):
        text, content = text_of(page), page.content.decode()
        assert f"What supporters say {'v' * 60} What opponents say {'t' * 60}" in text
        assert "Both sides had room for 60 characters." in text
        assert "€1,250.50" in text
        assert "Met een glijbaan." in text
        assert content.count(f'src="{photo_of_it}?klein" alt="De glijbaan"') == 1


@pytest.mark.parametrize(("given", "silent"), [SIDES, SIDES[::-1]])
def test_side_without_words_is_said_to_have_none(site_root, anna, client_for, given, silent):
    """Words of one side alone would look like the opinion of the municipality."""
    vote = make_vote(argument_length=60)
    Option.objects.filter(vote=vote, number=1).update(**{given[0]: "Zo is het."})
    open_by_two(vote)
    for page in pages_of_a_vote(client_for, anna, vote):
        assert f"{silent[1]} They gave no text." in text_of(page)
        assert text_of(page).count("They gave no text.") == 1


def test_photos_of_many_options_are_folded_away(draft, dirk, anna, client_for):
    """A phone would have to scroll past all of them."""
    state_everything(client_for(dirk), draft, *(f"Plan {number}" for number in range(LONG + 1)))
    content = client_for(anna).get(en("choose", draft)).content.decode()
    fold = content.index('<details class="pm-more-about"')
    assert fold < content.index('<img class="pm-option__photo"') < content.index("</details>", fold)
