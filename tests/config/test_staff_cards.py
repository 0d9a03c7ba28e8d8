"""Cards on the start page of staff about votes that belong to no page."""

from datetime import timedelta

import pytest

from ballots.actions import count_vote, import_closed_vote
from ballots.drafting import ONLY
from ballots.models import Vote
from config.staff_cards import vote_cards
from tests.factories.ballots import make_vote
from tests.factories.process import make_index
from tests.factories.referendum import make_referendum_in

pytestmark = pytest.mark.django_db


def counts(user) -> list[int]:
    return [card.count for card in vote_cards(user)]


def test_votes_wait_for_who_may_open_and_publish_them(clerk, dirk, eva, auditor, anna):
    draft = make_vote()
    vote = make_vote(opens_in=timedelta(days=-20), open_for=timedelta(days=15))
    import_closed_vote(vote, ballots=[{ONLY: ["A"]}], source="proefbestand")
    count_vote(vote)
    cards = vote_cards(clerk)
    assert [(card.count, card.url) for card in cards] == [
        (1, "/beheer/vote/?state=draft"),
        (1, "/beheer/vote/?state=counted"),
    ]
    assert cards[0].due == draft.opens_at
    assert [counts(dirk), counts(eva), counts(auditor)] == [[1, 1], [], []]


def test_vote_of_a_referendum_is_counted_on_its_own_card(site_root, places, clerk):
    """Mutant: leave an instrument out of `LINKS`: the same work then waits twice."""
    make_referendum_in(make_index(site_root).get_parent(), "draft", clerk)
    assert Vote.objects.filter(state=Vote.State.DRAFT).count() == 1
    assert counts(clerk) == [0, 0]


def test_dry_run_waits_for_nobody(clerk):
    make_vote(is_test=True)
    assert counts(clerk) == [0, 0]


def test_cards_cost_two_queries(clerk, django_assert_num_queries):
    clerk.has_perm("ballots.open_vote")
    for number in (1, 2):
        make_vote()
        with django_assert_num_queries(2):
            assert counts(clerk) == [number, 0]
