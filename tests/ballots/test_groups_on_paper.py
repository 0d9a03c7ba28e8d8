"""Groups of voters in a vote that is also held on paper, from the opening to the checked result. A ballot on paper names no group."""

import json
from collections import Counter

import pytest
from django.urls import reverse
from django.utils import translation

from ballots.actions import BoxDamaged, count_vote, publish_result
from ballots.electorates.tables import GroupTallies
from ballots.publishing import verify
from tests.ballots.paper_world import close, enter, reconcile, send_envelopes
from tests.ballots.published import read_json, write_files
from tests.ballots.second_verifier import problems_in
from tests.ballots.test_staff import text_of
from tests.factories.ballots import cast, open_by_two
from tests.factories.electorates import make_grouped_vote
from tests.factories.people import make_resident, make_user

pytestmark = pytest.mark.django_db
ABOUT = "A ballot on paper does not say which group it is from."


def people_of(area, number):
    return [make_resident(f"{area} {each}", area) for each in range(number)]


@pytest.fixture
def vote(places, settings):
    """The harbour: 4 on the website and 2 envelopes of 8. The meadow: 3 and 3 of 6. The rest: 2 and 1 of 4. One envelope was empty."""
    settings.BALLOTS_CELL_MINIMUM = 2
    harbour, meadow, heath = people_of(places.harbour, 8), people_of(places.meadow, 6), people_of(places.heath, 4)
    vote = open_by_two(make_grouped_vote(places.harbour, places.meadow, on_paper=True))
    for person in (*harbour[:4], *heath[:2]):
        cast(vote, person, [1])
    for person in meadow[:3]:
        cast(vote, person, [2])
    send_envelopes(vote, [*harbour[4:6], *meadow[3:6], heath[2]])
    close(vote)
    enter(vote, *[{"1": ["A"]}] * 2, *[{"1": ["B"]}] * 2, {"1": None})
    reconcile(vote, opened=6, reason="Een envelop was leeg.")
    return vote


@pytest.fixture
def held(vote):
    count_vote(vote)
    publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))
    vote.refresh_from_db()
    return vote


def groups_in(vote):
    return {line["electorate"]: line.get("ballots") for line in json.loads(vote.seal.result)["electorates"]}


def votes_in(vote):
    return {each["option"]: each["votes"] for each in json.loads(vote.seal.result)["questions"]["1"]["options"]}


def test_everybody_who_voted_is_on_the_roll_with_a_group_and_only_paper_has_none(vote):
    assert Counter(vote.roll.filter(has_cast=True).values_list("electorate", flat=True)) == {1: 6, 2: 6, 3: 3}
    assert Counter(vote.ballots.values_list("channel", "electorate")) == {
        ("web", 1): 4,
        ("web", 2): 3,
        ("web", 3): 2,
        ("paper", None): 5,
    }


def test_paper_counts_in_the_result_and_in_no_group(held):
    assert groups_in(held) == {"1": 4, "2": 3, "3": 2}
    assert {name: number for name, number in votes_in(held).items() if number} == {"A": 8, "B": 5}
    assert held.seal.ballots == 14


def test_mutant_that_gives_paper_to_a_group_is_not_counted(vote, monkeypatch):
    """The harbour would have nine ballots of six people who voted."""
    add = GroupTallies.add
    monkeypatch.setattr(GroupTallies, "add", lambda self, group, *what: add(self, group or 1, *what))

    with pytest.raises(BoxDamaged, match="more ballots than people"):
        count_vote(vote)


@pytest.mark.parametrize(
    ("language", "path", "words"),
    [
        ("nl", "/stemmen/", "Op een papieren stembiljet staat niet van welke groep het is."),
        ("en", "/en/stemmen/", ABOUT),
    ],
)
def test_page_says_in_plain_words_that_paper_is_not_in_these_numbers(
    held, site_root, client_for, language, path, words
):
    page = text_of(client_for().get(f"{path}{held.pk}/"))

    assert words in page
    with translation.override(language):
        assert str(translation.gettext("Ballots, without paper")) in page


def test_no_percentage_is_told_of_a_group_that_also_voted_on_paper(held, site_root, client_for):
    """4 of 8 voted on the website, 6 of 8 in all: 50 percent would be wrong. Mutant: show the column always."""
    page = text_of(client_for().get(f"/en/stemmen/{held.pk}/"))
    section = page.split("Per group of voters", 1)[1].split("Check it yourself", 1)[0]

    assert ("Havenbuurt 8 4" in section, "Percent" in section, "50.0" in section) == (True, False, False)


def test_both_verifiers_find_it_right(held, tmp_path):
    said = []

    assert verify.main([str(write_files(held, tmp_path)), "--lang", "en"], said.append) == 0, said
    assert "The numbers of 3 groups fit in the result." in "\n".join(said)
    assert problems_in(tmp_path) == []
    assert "electorate" not in (tmp_path / "ballots.jsonl").read_text()
    assert read_json(tmp_path, "vote.json")["missing"] == 1


def test_group_is_hidden_when_few_ballots_came_on_paper(places, settings):
    """With every group shown, the difference would be one ballot on paper. Mutant: leave `unknown` out of `_can_be_found`."""
    settings.BALLOTS_CELL_MINIMUM = 3
    harbour, heath = people_of(places.harbour, 5), people_of(places.heath, 4)
    vote = open_by_two(make_grouped_vote(places.harbour, on_paper=True))
    for person in (*harbour[:4], *heath):
        cast(vote, person, [1])
    send_envelopes(vote, harbour[4:])
    close(vote)
    enter(vote, {"1": ["B"]})
    reconcile(vote, opened=1)
    count_vote(vote)
    vote.refresh_from_db()

    assert groups_in(vote) == {"1": 4, "2": None}


def test_staff_read_it_where_they_make_the_groups(site_root, places, dirk, client_for):
    for on_paper in (True, False):
        vote = make_grouped_vote(places.harbour, on_paper=on_paper)
        page = text_of(client_for(dirk).get(reverse("vote:groups", args=[vote.pk])))
        assert ("Op een papieren stembiljet staat niet" in page) == on_paper
