"""Pages of paper in the admin: envelopes one after the other, batches by keyboard, comparing, the record; and the start page."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry

from ballots.models import Ballot, RollEntry
from ballots.paper.actions import enter_batch, make_batch
from ballots.paper.cards import tasks_of
from ballots.paper.models import PaperBatch, Reconciliation
from ballots.paper.numbers import paper_numbers
from tests.ballots.paper_world import ROWS, TALLY, close, enter, lines_of, send_envelopes
from tests.factories.ballots import cast, make_forms_vote, make_voters, open_by_two
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

YES, NO = {"1": ["1a"]}, {"1": ["1b"]}


@pytest.fixture
def voters(site_root, places):
    return make_voters(5, places.harbour)


@pytest.fixture
def vote(voters):
    return open_by_two(make_forms_vote("yes_no", on_paper=True))


@pytest.fixture
def closed(vote, voters):
    send_envelopes(vote, voters[:3])
    return close(vote)


@pytest.fixture
def gerda(db):
    return make_user("Gerda Griffie", roles=("clerk",))


@pytest.fixture
def otto(db):
    return make_user("Otto Proces", roles=("process manager",))


def address(name, vote, *rest):
    return reverse(f"vote:{name}", args=[vote.pk, *rest])


def text_of(response):
    main = response.content.decode().split("<main", 1)[-1]
    return " ".join(unescape(re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]+>", " ", main)).split())


# --- Envelopes ---------------------------------------------------------------------------------------------


def test_envelopes_are_registered_one_after_the_other(vote, voters, client_for, gerda):
    browser, page = client_for(gerda), address("envelopes", vote)
    assert "Beginnen" in text_of(browser.get(page))
    assert browser.post(page, {"who": voters[0].user.email}).status_code == 302
    assert RollEntry.objects.filter(has_cast=True).count() == 0
    browser.post(page, {"step": "begin"})
    answer = browser.post(page, {"who": f" {voters[0].user.email.upper()} "})
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert "Geregistreerd" in text_of(answer)
    # The same scan once more, or the page loaded again, is no second envelope.
    assert "Hij telt één keer" in text_of(browser.post(page, {"who": voters[0].user.email}))
    assert "Geregistreerd" in text_of(browser.post(page, {"who": voters[1].user.email}))
    refused = text_of(browser.post(page, {"who": voters[0].user.email}))
    assert ("Geweigerd" in refused, "Laat de envelop dicht" in refused) == (True, True)
    assert "Wij vinden dit niet" in text_of(browser.post(page, {"who": "niemand@example.nl"}))
    assert paper_numbers(vote.pk).registered == 2


def test_only_the_beginning_is_in_the_log(vote, voters, client_for, gerda):
    browser, page = client_for(gerda), address("envelopes", vote)
    before = ModelLogEntry.objects.count()
    browser.post(page, {"step": "begin"})
    browser.post(page, {"who": voters[0].user.email})
    browser.post(page, {"who": voters[1].user.email})
    assert ModelLogEntry.objects.count() == before + 1
    assert ModelLogEntry.objects.latest("pk").action == "ballots.envelopes"


def test_who_sent_an_envelope_reads_so(vote, voters, client_for):
    send_envelopes(vote, voters[:1])
    page = client_for(voters[0]).get(reverse("ballots:vote", args=[vote.pk])).content.decode()
    assert "of wij ontvingen uw envelop" in unescape(page)
    other = client_for(voters[1]).get(reverse("ballots:vote", args=[vote.pk])).content.decode()
    assert "of wij ontvingen uw envelop" not in unescape(other)


# --- Batches -----------------------------------------------------------------------------------------------


def fields(*typed):
    return {f"line-{place}-1": text for place, text in enumerate(typed)}


def test_two_persons_enter_a_batch_and_mend_what_differs(closed, client_for, gerda, otto):
    one, other = client_for(gerda), client_for(otto)
    assert one.post(address("paper", closed), {"size": 3, "manner": "rows"}).status_code == 302
    page = address("batch", closed, 1)
    assert one.post(page, fields("1", "2", "b")).status_code == 302
    assert "U hebt deze partij al ingevoerd" in text_of(one.get(page))
    # Otto sees nothing of what Gerda typed.
    assert 'value="1"' not in other.get(page).content.decode().split("<main")[1].split("line-0-1")[1][:200]
    other.post(page, fields("1", "1", "b"))
    assert Ballot.objects.count() == 0
    text = text_of(other.get(page))
    assert ("Stembiljet 2" in text, "Stembiljet 1" in text, "Stembiljet 3" in text) == (True, False, False)
    assert other.post(page, fields("", "2")).status_code == 302
    assert Ballot.objects.filter(channel="paper").count() == 3


def test_page_warns_of_few_envelopes_until_their_ballots_are_in_and_then_leads_on(closed, client_for, gerda):
    """Mutant: warn whenever there were few."""
    client, page = client_for(gerda), address("paper", closed)
    leads_on = f'class="button" href="{address("reconcile", closed)}"'
    before = client.get(page).content.decode()
    enter(closed, YES, NO, NO)
    after = client.get(page).content.decode()
    assert ["Er zijn weinig enveloppen" in each for each in (before, after)] == [True, False]
    assert [leads_on in each for each in (before, after)] == [False, True]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("choice", "Het nummer van de keuze met een kruis. Dus: 2."),
        ("approval", "De nummers van de keuzes met een kruis. Dus: 2 5"),
        ("ranking", "Een getal bij elke keuze"),
    ],
)
def test_who_types_reads_what_to_type_for_this_form(voters, client_for, gerda, form, words):
    vote = open_by_two(make_forms_vote(form, on_paper=True))
    send_envelopes(vote, voters[:1])
    make_batch(close(vote), size=1, manner=ROWS, actor=gerda)
    assert words in text_of(client_for(gerda).get(address("batch", vote, 1)))


def test_what_was_typed_wrong_is_said_at_its_field_and_kept(closed, client_for, gerda):
    make_batch(closed, size=2, manner=ROWS, actor=gerda)
    answer = client_for(gerda).post(address("batch", closed, 1), fields("7", ""))
    page = unescape(answer.content.decode())
    assert answer.status_code == 400
    assert "“7” is geen nummer van 1 tot en met 2." in page
    assert ('href="#id_line-0-1"' in page, 'value="7"' in page) == (True, True)
    assert page.count("Typ wat op het stembiljet staat") == 2


def test_tally_by_keyboard(closed, client_for, gerda, otto):
    for person in (gerda, otto):
        make_batch(closed, size=3, manner=TALLY, actor=gerda) if not PaperBatch.objects.exists() else None
        answer = client_for(person).post(
            address("batch", closed, 1), {"line-0": 2, "line-1": 0, "line-2": 0, "line-3": 1}
        )
        assert answer.status_code == 302
    assert Ballot.objects.filter(channel="paper").count() == 3
    wrong = make_batch(closed, size=9, manner=TALLY, actor=gerda)
    page = client_for(gerda).post(address("batch", closed, wrong.number), {f"line-{place}": 1 for place in range(4)})
    assert "De partij heeft er 9" in text_of(page)


def test_batch_of_the_wrong_size_is_withdrawn(closed, client_for, gerda, otto):
    make_batch(closed, size=2, manner=ROWS, actor=gerda)
    client_for(otto).post(address("batch", closed, 1), {"withdraw": "on"})
    assert not PaperBatch.objects.exists()
    answer = client_for(gerda).post(address("paper", closed), {"size": 400, "manner": "rows"})
    assert "1 tot 100" in text_of(answer)


def test_list_of_batches_asks_as_much_for_one_as_for_three(closed, client_for, gerda):
    def queries():
        browser = client_for(gerda)
        browser.get(address("paper", closed))
        with CaptureQueriesContext(connection) as asked:
            browser.get(address("paper", closed))
        return len(asked)

    enter_batch(make_batch(closed, size=1, manner=ROWS, actor=gerda), lines_of(YES), actor=gerda)
    one = queries()
    for _batch in range(2):
        enter_batch(make_batch(closed, size=1, manner=ROWS, actor=gerda), lines_of(NO), actor=gerda)
    assert queries() == one


# --- The end -----------------------------------------------------------------------------------------------


def test_two_persons_close_the_work(closed, client_for, gerda, otto):
    enter(closed, YES, NO)
    one, other, page = client_for(gerda), client_for(otto), address("reconcile", closed)
    assert "De telling wacht op de papieren stembiljetten" in text_of(one.get(address("inspect", closed)))
    text = text_of(one.get(page))
    assert "Er is 1 envelop meer dan stembiljetten" in text
    refused = one.post(page, {"write": "on", "opened": 3, "shut": 0, "reason": ""})
    assert "Zeg waarom de aantallen verschillen" in text_of(refused)
    one.post(page, {"write": "on", "opened": 3, "shut": 1, "reason": "Een envelop was leeg."})
    assert "dus iemand anders tekent" in text_of(one.get(page))
    one.post(page, {"sign": "on"})
    assert Reconciliation.objects.get().second_by is None
    other.post(page, {"sign": "on"})
    assert Reconciliation.objects.get().second_by == otto
    assert "De telling wacht op de papieren" not in text_of(one.get(address("inspect", closed)))


def test_cards_say_which_batch_waits_for_whom(closed, gerda, otto):
    batch = make_batch(closed, size=1, manner=ROWS, actor=gerda)
    assert [task.label for task in tasks_of(gerda)] == [f"Partij 1 wacht op invoer: {closed.title}"]
    enter_batch(batch, lines_of(YES), actor=gerda)
    assert tasks_of(gerda) == []
    assert [task.label for task in tasks_of(otto)] == [f"Partij 1 wacht op tweede invoer: {closed.title}"]
    assert tasks_of(make_user("Mo", roles=("moderator",))) == []


def test_who_may_not_sees_nothing_of_paper(closed, client_for, gerda):
    make_batch(closed, size=1, manner=ROWS, actor=gerda)
    moderator = client_for(make_user("Mo", roles=("moderator",)))
    for page in (address("paper", closed), address("batch", closed, 1), address("reconcile", closed)):
        assert moderator.get(page).status_code in (302, 403)


def test_web_ballot_stays_with_its_voter_when_an_envelope_comes_later(vote, voters, client_for, gerda):
    cast(vote, voters[0], [1])
    browser, page = client_for(gerda), address("envelopes", vote)
    browser.post(page, {"step": "begin"})
    assert "al gestemd" in text_of(browser.post(page, {"who": voters[0].user.email}))
    assert (Ballot.objects.count(), paper_numbers(vote.pk).registered) == (1, 0)
