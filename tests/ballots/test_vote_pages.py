"""The list of votes and the page of each: what it says follows where the vote stands, and is true."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from ballots import promises
from ballots.actions import annul_vote, close_vote, count_vote, publish_result, rewrite_box
from ballots.counting import RULES
from ballots.frozen import frozen_vote
from ballots.models import Option, Shredding, Vote
from ballots.phases import Phase, phase_of
from ballots.results import REASONS
from ballots.rule_words import RULE_NAMES, how_counted
from people.models import Resident
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_vote, open_by_two
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


def read(client, name="vote", vote=None):
    """The English page as text."""
    with translation.override("en"):
        address = reverse(f"ballots:{name}", args=[vote.pk] if vote else [])
    response = client.get(address)
    assert response.status_code == 200
    page = re.sub(r"(?s)<head.*?</head>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def vote(site_root, anna, bram):
    return make_open_vote()


@pytest.fixture
def publisher(db):
    return make_user("Publiceert", roles=("clerk",))


def counted(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    return vote


# --- Where it stands ----------------------------------------------------------------------------------------------------


def test_page_before_opening(site_root, anna):
    text = read(Client(), vote=make_open_vote(opens_in=timedelta(days=2)))
    assert "Not open yet" in text
    assert "You can vote from" in text
    assert "Go to the ballot" not in text


def test_page_while_open(vote, anna, client_for):
    text = read(Client(), vote=vote)
    for sentence in ("You can vote until", "Go to the ballot", "Speeltuin €40,000", "What we promise"):
        assert sentence in text
    assert "Result" not in text.split("What is on the ballot")[0]


def test_page_after_the_closing_time_is_closed_even_before_the_worker(vote):
    with database_clock(vote.closes_at):
        text = read(Client(), vote=vote)
    assert "Closed, being counted" in text
    assert "Go to the ballot" not in text


def test_page_after_the_count_shows_no_result_to_anybody(vote, anna, dirk, client_for):
    cast(vote, anna, [1])
    counted(vote)
    for client in (Client(), client_for(anna), client_for(dirk)):
        text = read(client, vote=vote)
        assert "Counted, result follows" in text
        assert "Outcome" not in text
        assert "Won" not in text


def test_page_after_publication_shows_the_result(vote, anna, bram, publisher):
    cast(vote, anna, [1, 2])
    cast(vote, bram, [])
    publish_result(counted(vote), actor=publisher)
    text = read(Client(), vote=vote)
    assert "2 of 2 people on the list voted: 100.0 percent. 1 ballot was blank." in text
    assert "2 winners, for €50,000 together" in text
    assert re.search(r"Bankjes 1 €10,000 Won", text)
    assert re.search(r"Bomen 0 €60,000 No votes", text)


def test_page_of_an_annulled_vote_gives_the_reason(vote, clerk):
    annul_vote(vote, actor=clerk, reason="Er stond een verkeerd bedrag op het stembiljet.")
    text = read(Client(), vote=vote)
    assert "This vote has been annulled" in text
    assert "Er stond een verkeerd bedrag" in text


@pytest.mark.parametrize(
    ("state", "moment", "phase"),
    [
        ("open", timedelta(days=-1), Phase.COMING),
        ("open", timedelta(0), Phase.OPEN),
        ("open", timedelta(days=14), Phase.CLOSED),
        ("closed", timedelta(days=14), Phase.CLOSED),
        ("counted", timedelta(days=14), Phase.COUNTED),
        ("published", timedelta(days=14), Phase.PUBLISHED),
        ("annulled", timedelta(0), Phase.ANNULLED),
    ],
)
def test_phase_follows_state_and_clock(state, moment, phase):
    opens_at = timezone.now()
    vote = Vote(state=state, opens_at=opens_at, closes_at=opens_at + timedelta(days=14))
    assert phase_of(vote, opens_at + moment) == phase
    assert str(phase.label)
    assert phase.badge


# --- P9: was a ballot cast in my name? --------------------------------------------------------------------------------------


def test_everybody_reads_whether_a_ballot_was_cast_in_their_own_name(vote, anna, bram, eva, client_for):
    cast(vote, anna, [1])
    assert "A ballot was cast in your name." in read(client_for(anna), vote=vote)
    assert "No ballot was cast in your name yet." in read(client_for(bram), vote=vote)
    for other in (Client(), client_for(eva)):
        assert "in your name." not in read(other, vote=vote).split("What we promise")[0]


# --- Promises are true -------------------------------------------------------------------------------------------------------


def test_page_prints_the_conditions_from_the_vote_itself(places, anna):
    vote = make_open_vote(area=places.east, minimum_age=12, minimum_proof=Resident.Proof.EMAIL)
    with translation.override("en"):
        lines = promises.who_may_vote(frozen_vote(vote.pk))
    assert lines[0] == "You live in Wijk Oost."
    assert lines[1].startswith("You are 12 or older on ")
    assert lines[2] == "You confirmed your e-mail address. Nobody checked where you live."


@pytest.mark.parametrize("proof", Resident.Proof.values)
def test_page_states_the_level_of_proof(anna, proof):
    from ballots.frozen import freeze

    with translation.override("en"):
        lines = promises.who_may_vote(freeze(make_vote(minimum_proof=proof)))
    assert ("Nobody checked" in lines[2]) == (proof < Resident.Proof.LETTER)


def test_page_promises_no_more_than_is_true_now(vote, anna, settings):
    """While open somebody with the database could link a ballot, and the page says so, with the real numbers; after shredding not."""
    settings.BALLOTS_HELD_BACK = 17
    every = ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10"]
    frozen = frozen_vote(vote.pk)
    assert [promise.key for promise in promises.promises(frozen, is_shredded=False)] == every
    assert [limit.key for limit in promises.limits(frozen, is_shredded=False)] == ["P4", "P11"]
    text = read(Client(), vote=vote)
    assert "can link your ballot to you for about 5 minutes" in text
    assert "With fewer than 17 ballots that helps little." in text
    assert "With fewer than 20 ballots we publish only the totals" in text
    cast(vote, anna, [1])
    counted(vote)
    rewrite_box(vote)
    assert "can link your ballot to you" in read(Client(), vote=vote)
    Shredding.objects.update(cleaned_at=timezone.now())
    text = read(Client(), vote=vote)
    assert "can link your ballot to you" not in text
    assert "What led from you to your ballot is gone." in text
    assert [limit.key for limit in promises.limits(frozen, is_shredded=True)] == ["P11"]


def test_promise_about_changing_follows_the_policy(vote):
    fixed = make_open_vote(change_policy=Vote.ChangePolicy.NONE)
    with translation.override("en"):
        titles = [promises.promises(frozen_vote(each.pk), is_shredded=False)[6].title for each in (vote, fixed)]
    assert titles == ["You can change your vote", "You cannot change your vote"]


@pytest.mark.parametrize("rule", RULES)
def test_every_counting_rule_is_explained(anna, rule):
    from ballots.frozen import freeze

    settings = {"min_votes": 3} if RULES[rule].ballots == "marks" else {}
    [question] = freeze(make_vote(counting={"rule": rule, **settings})).questions
    sentences = how_counted(question)
    assert rule in RULE_NAMES
    assert len(sentences) >= 4
    assert all(sentence.endswith(".") for sentence in sentences)


def test_every_reason_of_a_count_has_words():
    import inspect

    from ballots.counting import result

    named = set(re.findall(r"`(\w+)`", inspect.getdoc(result.Explanation).split("`reason`:")[1].split("What would")[0]))
    assert named <= set(REASONS)


# --- The list ------------------------------------------------------------------------------------------------------------------


def test_list_has_votes_of_now_soon_and_the_past_but_no_drafts(vote, anna, publisher):
    make_open_vote(title="Straks", opens_in=timedelta(days=2))
    make_vote(title="Ontwerp")
    publish_result(counted(make_open_vote(title="Vorig jaar")), actor=publisher)
    text = read(Client(), "list")
    assert (
        text.index("You can vote now")
        < text.index("Buurtbudget Oost")
        < text.index("Opens soon")
        < text.index("Straks")
    )
    assert text.index("Straks") < text.index("Closed votes") < text.index("Vorig jaar")
    assert "Ontwerp" not in text


def test_empty_list_says_so(site_root):
    assert "There are no votes yet" in read(Client(), "list")


def _queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_list_costs_the_same_for_one_and_three_votes(vote, anna):
    counted(make_open_vote())
    one = _queries(Client(), "/stemmen/")
    for _number in range(2):
        make_open_vote()
        counted(make_open_vote())
    assert _queries(Client(), "/stemmen/") == one == 3


def test_vote_page_costs_the_same_for_one_and_forty_options(site_root, anna):
    one = make_open_vote(options=[("A", "Enige", 100)])
    many = make_open_vote(options=[(str(n), f"Plan {n}", 100) for n in range(40)])
    assert _queries(Client(), f"/stemmen/{one.pk}/") == _queries(Client(), f"/stemmen/{many.pk}/") == 1


def test_pages_are_not_kept_by_the_page_cache(vote):
    client = Client()
    for address in ("/stemmen/", f"/stemmen/{vote.pk}/"):
        assert "X-Page-Cache" not in client.get(address).headers


def test_home_page_shows_votes_that_are_open(vote, anna):
    from ballots.showing import open_now

    make_open_vote(title="Straks", opens_in=timedelta(days=2))
    make_vote(title="Ontwerp")
    assert [card.title for card in open_now(3)] == ["Buurtbudget Oost"]


def test_text_of_the_municipality_keeps_its_language(vote):
    Option.objects.filter(vote=vote)
    with translation.override("en"):
        page = Client().get(reverse("ballots:vote", args=[vote.pk])).content.decode()
    assert re.search(r'<h1[^>]* lang="nl">Buurtbudget Oost', page)


def test_process_keeps_few_votes_in_memory(anna):
    from ballots import frozen

    for _number in range(frozen.KEPT + 3):
        frozen_vote(open_by_two(make_vote(options=[("A", "Plan", 100)])).pk)
    assert len(frozen._kept) == frozen.KEPT


@pytest.mark.parametrize(
    ("kind", "share", "sentence"),
    [
        ("none", 0, "There is no minimum."),
        ("turnout", 2_000, "The outcome counts when 20 percent of the people on the list vote."),
        ("outcome", 33, "The outcome counts when 0.33 percent of the people on the list vote for the winner."),
    ],
)
def test_page_says_what_the_council_does_and_when(site_root, anna, kind, share, sentence):
    vote = make_open_vote(commitment="De raad besluit op 3 maart.", threshold_kind=kind, threshold_share=share)
    with translation.override("en"):
        text = read(Client(), vote=vote)
    assert "De raad besluit op 3 maart." in text
    assert sentence in text
