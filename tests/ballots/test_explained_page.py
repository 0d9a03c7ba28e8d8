"""The explanation on the public page of a vote: from the seal, and no more of it than its number of ballots allows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ballots.actions import count_vote, import_closed_vote, publish_result
from ballots.frozen import frozen_vote
from ballots.results import result_of
from tests.factories.ballots import make_forms_vote
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

# 24 ballots; three options are level, so a lot decides who goes out.
BALLOTS = [("a", "c")] * 8 + [("b", "c")] * 8 + [("c", "a")] * 8


def published(ballots, **fields):
    vote = make_forms_vote("ranking", opens_at=timezone.now() - timedelta(days=30), **fields)
    import_closed_vote(vote, ballots=[{"1": [f"1{x}" for x in each]} for each in ballots], source="Bedacht")
    count_vote(vote)
    publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))
    return vote


def page_of(vote):
    return Client().get(f"/en/stemmen/{vote.pk}/").content.decode()


def test_rounds_and_lot_stand_on_the_page(site_root):
    page = page_of(published(BALLOTS, counting={"rule": "instant-runoff"}))
    # In its round, and among the ties.
    assert page.count("A lot decided.") == 2
    assert "The count, round by round" in page
    assert "| sha256sum" in page


def test_few_ballots_are_explained_by_votes_only(site_root):
    """Mutant: a page that shows the rounds of 19 ballots, which result.json leaves out."""
    page = page_of(published(BALLOTS[:19], counting={"rule": "instant-runoff"}))
    assert "The count, round by round" not in page
    assert "There are few ballots. More about the count could give away what somebody chose" in page


def test_explaining_asks_the_database_nothing():
    vote = published(BALLOTS, counting={"rule": "schulze"})
    frozen, seal = frozen_vote(vote.pk), vote.seal
    with CaptureQueriesContext(connection) as captured:
        [question] = result_of(frozen, seal).questions
        assert question.explained.pairs is not None
    assert len(captured) == 0
