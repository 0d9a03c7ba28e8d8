"""What a voter can still see, from the vote itself until the list of voters has gone: the mail, the own ballot, the own name."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from ballots import tasks
from ballots.actions import close_vote, count_vote, forget_roll, publish_result, rewrite_box
from ballots.codes import new_code
from ballots.models import Vote
from ballots.telling import CAST, RESULT
from notices.models import OutboxLine
from tests.ballots.clocks import database_clock
from tests.ballots.test_voting_pages import text_of
from tests.factories.ballots import cast, make_open_vote
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

CAST_IN_YOUR_NAME, NONE_IN_YOUR_NAME = "A ballot was cast in your name.", "No ballot was cast in your name."
GONE = "The list of voters has been deleted"
PROMISE, KEPT = "this page says if a ballot was cast in your name", "Until the list of voters was deleted"


def page(name, vote, client, data=None):
    with translation.override("en"):
        url = reverse(f"ballots:{name}", args=[vote.pk])
    return text_of(client.post(url, data) if data else client.get(url))


def publish(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    count_vote(vote)
    rewrite_box(vote)
    return publish_result(Vote.objects.get(pk=vote.pk), actor=make_user("Publiceert", roles=("clerk",)))


def test_voter_sees_the_own_vote_in_every_stage_and_hears_of_it(site_root, anna, bram, client_for):
    """Mutants killed: a lookup by the tag only, which shredding empties; a promise that outlives the roll; a page that says nothing."""
    vote, code = make_open_vote(), new_code()
    cast(vote, anna, [2], code)
    voter, other, stranger = client_for(anna), client_for(bram), client_for()
    assert "Bankjes" in page("look_up", vote, stranger, {"code": code})
    assert [CAST_IN_YOUR_NAME in page("vote", vote, voter), NONE_IN_YOUR_NAME in page("vote", vote, other)] == [
        True,
        False,
    ]

    published = publish(vote)
    tasks.tell_voters()
    told = {(line.kind, line.recipient_id) for line in OutboxLine.objects.filter(kind__in=(CAST, RESULT))}
    assert told == {(CAST, anna.user.pk), (RESULT, anna.user.pk)}
    assert {line.payload["url"] for line in OutboxLine.objects.filter(kind__in=(CAST, RESULT))} == {
        f"/stemmen/{vote.pk}/"
    }
    assert "Bankjes" in page("look_up", vote, stranger, {"code": code})
    text = page("vote", vote, voter)
    assert [CAST_IN_YOUR_NAME in text, PROMISE in text, GONE in text] == [True, True, False]
    assert NONE_IN_YOUR_NAME in page("vote", vote, other)

    with database_clock(published.published_at + timedelta(days=settings.BALLOTS_APPEAL_DAYS)):
        forget_roll(published)
    for client in (voter, other, stranger):
        text = page("vote", vote, client)
        assert [CAST_IN_YOUR_NAME in text, NONE_IN_YOUR_NAME in text, GONE in text] == [False, False, True]
        assert [PROMISE in text, KEPT in text] == [False, True]
    assert "Bankjes" in page("look_up", vote, stranger, {"code": code})
    assert "No ballot of this vote has this code" in page("look_up", vote, stranger, {"code": new_code()})
