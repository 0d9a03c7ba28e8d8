"""The direct votes of the demonstration, made as `load_demo` makes them."""

from random import Random

import pytest
from django.utils import timezone

from config.demo.casting import cast_ballots
from config.demo.contributions import Cast
from config.demo.polls import make_polls
from config.demo.referendums import make_referendums
from config.demo.site_pages import make_site
from referendum.models import CouncilDecision
from referendum.outcome import outcome_of
from referendum.standing import standing_of
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


def test_demonstration_has_a_decided_and_two_open_ones(site_root, anna, dirk, client_for):
    now = timezone.now()
    make_user("Griffie", roles=("clerk",), email="griffie@waterveen.example")
    tree = make_site(now.date())
    pages = make_referendums(tree, Cast(residents=[anna], officer=dirk, random=Random(1), now=now))
    standings = [standing_of(page) for page in pages]
    assert [standing.stage for standing in standings] == ["decision", "open", "open"]
    outcome = outcome_of(standings[0])
    assert (outcome.ballots, outcome.questions[0].summary) == (224, "“Ja” won.")
    decided = standings[0].vote
    days = [decided.closes_at, decided.published_at, now]
    # The steps follow each other on the page: voting closed, the result came out, the council decided.
    assert days == sorted(days)
    assert decided.published_at.date() < CouncilDecision.objects.get(vote=decided).decided_on < now.date()
    assert [page.kind for page in pages] == ["referendum", "themes", "preferendum"]
    # The open ones opened after the council had decided about the first.
    decided_on = CouncilDecision.objects.get(vote=decided).decided_on
    assert all(standing.vote.opens_at.date() > decided_on for standing in standings[1:])
    client = client_for()
    assert [client.get(page.get_url()).status_code for page in pages] == [200, 200, 200]


def test_demonstration_has_a_secret_vote_and_a_poll_that_is_not(site_root, anna, dirk):
    make_user("Griffie", roles=("clerk",), email="griffie@waterveen.example")
    votes = make_polls(Cast(residents=[anna], officer=dirk, random=Random(1), now=timezone.now()))
    assert [(vote.not_secret, vote.state) for vote in votes] == [(False, "open"), (True, "open")]
    assert cast_ballots(votes[1], Random(1), but_not=dirk) == 0  # of one person on the list less than half
