"""The direct votes of the demonstration, made as `load_demo` makes them."""

from random import Random

import pytest
from django.utils import timezone

from ballots.frozen import frozen_vote
from ballots.register.issuing import figures_of
from ballots.voters import roll_entry, voter_with_code, voter_with_number
from config.demo.casting import ENVELOPES, TURNOUT, cast_ballots, send_envelopes
from config.demo.contributions import Cast
from config.demo.polls import CLOSES_SOON, make_polls
from config.demo.referendums import make_referendums
from config.demo.register import give_code
from config.demo.site_pages import make_site
from places.models import Address
from referendum.models import CouncilDecision
from referendum.outcome import outcome_of
from referendum.standing import standing_of
from tests.factories.people import make_user
from tests.factories.places import make_area

pytestmark = pytest.mark.django_db


@pytest.fixture
def quay(places):
    """The streets of the street referendum, with twelve houses each."""
    old_harbour = make_area(code="BU00010109", name="Oude Haven", parent=places.east, west=5.1)
    Address.objects.bulk_create(
        Address(postcode=f"1311A{letter}", number=number, street=street, neighbourhood=old_harbour)
        for letter, street in (("A", "Havenkade"), ("C", "Kaasmarkt"))
        for number in range(1, 13)
    )


def test_demonstration_has_a_decided_and_three_open_ones(site_root, anna, dirk, client_for, quay):
    now = timezone.now()
    make_user("Griffie", roles=("clerk",), email="griffie@waterveen.example")
    tree = make_site(now.date())
    pages = make_referendums(tree, Cast(residents=[anna], officer=dirk, random=Random(1), now=now))
    standings = [standing_of(page) for page in pages]
    assert [standing.stage for standing in standings] == ["decision", "open", "open", "open"]
    outcome = outcome_of(standings[0])
    assert (outcome.ballots, outcome.questions[0].summary) == (224, "“Ja” won.")
    decided = standings[0].vote
    days = [decided.closes_at, decided.published_at, now]
    # The steps follow each other on the page: voting closed, the result came out, the council decided.
    assert days == sorted(days)
    assert decided.published_at.date() < CouncilDecision.objects.get(vote=decided).decided_on < now.date()
    assert [page.kind for page in pages] == ["referendum", "themes", "preferendum", "street"]
    # The open ones opened after the council had decided about the first.
    decided_on = CouncilDecision.objects.get(vote=decided).decided_on
    assert all(standing.vote.opens_at.date() > decided_on for standing in standings[1:])
    client = client_for()
    assert [client.get(page.get_url()).status_code for page in pages] == [200, 200, 200, 200]


def test_street_referendum_has_codes_a_counter_and_envelopes(site_root, anna, dirk, quay):
    clerk = make_user("Griffie", roles=("clerk",), email="griffie@waterveen.example")
    now = timezone.now()
    pages = make_referendums(make_site(now.date()), Cast(residents=[anna], officer=dirk, random=Random(1), now=now))
    vote = pages[-1].vote
    code = give_code(vote, actor=dirk)
    number = vote.register.count()

    assert cast_ballots(vote, Random(1), but_not=anna.user) == int(number * TURNOUT)
    assert [send_envelopes(vote, Random(1), but_not=anna.user, actor=clerk) for _run in range(2)] == [ENVELOPES] * 2
    assert (vote.ballots.count(), vote.roll.filter(has_cast=True).count()) == (
        int(number * TURNOUT),
        int(number * TURNOUT) + ENVELOPES,
    )
    frozen = frozen_vote(vote.pk)
    for_visitors = [voter_with_code(frozen, code), voter_with_number(frozen, "1002")]
    assert [roll_entry(frozen, voter.reference).has_cast for voter in for_visitors] == [False, False]
    figures = figures_of(vote)
    assert (vote.at_counter, vote.on_paper, figures.at_counter, figures.secret > 0) == (True, True, 1, True)
    assert figures.waiting == number - figures.secret - 1


def test_demonstration_has_a_secret_vote_a_poll_that_is_not_and_one_that_waits_for_paper_soon(site_root, anna, dirk):
    make_user("Griffie", roles=("clerk",), email="griffie@waterveen.example")
    now = timezone.now()
    votes = make_polls(Cast(residents=[anna], officer=dirk, random=Random(1), now=now))
    assert [(vote.not_secret, vote.on_paper, vote.state) for vote in votes] == [
        (False, False, "open"),
        (True, False, "open"),
        (False, True, "open"),
    ]
    assert votes[2].closes_at == now + CLOSES_SOON
    assert cast_ballots(votes[1], Random(1), but_not=dirk) == 0  # of one person on the list less than half
