"""Telling voters: exactly once, in batches, and never with a choice."""

import pytest
from django.db import connection

from ballots import tasks, telling
from ballots.actions import annul_vote, close_vote, count_vote, publish_result
from ballots.models import RollEntry
from notices.mails import make_mail
from notices.models import OutboxLine
from tests.ballots.clocks import database_clock
from tests.factories.ballots import cast, make_open_vote, make_voters
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def voters(places):
    return make_voters(45, places.harbour)


@pytest.fixture
def vote(voters):
    return make_open_vote()


def told(kind):
    return set(OutboxLine.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def close(vote):
    with database_clock(vote.closes_at):
        close_vote(vote)
    return vote


def test_nobody_is_told_while_a_batch_would_be_small(vote, voters):
    for voter in voters[:39]:
        cast(vote, voter, [1])
    assert tasks.tell_voters() == 0
    assert told(telling.CAST) == set()


def test_batch_holds_twenty_back(vote, voters):
    for voter in voters:
        cast(vote, voter, [1])
    assert tasks.tell_voters() == 25
    assert len(told(telling.CAST)) == 25
    assert RollEntry.objects.filter(vote=vote, has_cast=True, told=False).count() == 20
    assert tasks.tell_voters() == 0


def test_after_closing_everybody_who_voted_is_told_once(vote, voters):
    for voter in voters[:43]:
        cast(vote, voter, [1])
    tasks.tell_voters()
    close(vote)
    tasks.tell_voters()
    tasks.tell_voters()
    assert told(telling.CAST) == {voter.user_id for voter in voters[:43]}
    assert OutboxLine.objects.filter(kind=telling.CAST).count() == 43


def test_sweep_killed_halfway_tells_once(vote, voters, monkeypatch):
    """Lines and marks are one transaction. Mutant killed: marks written after the commit of the lines."""
    for voter in voters:
        cast(vote, voter, [1])
    close(vote)

    def die(_entries):
        raise KeyboardInterrupt

    monkeypatch.setattr(telling, "_mark_told", die)
    with pytest.raises(KeyboardInterrupt):
        tasks.tell_voters()
    assert told(telling.CAST) == set()
    monkeypatch.undo()
    tasks.tell_voters()
    assert len(told(telling.CAST)) == 45


def test_batch_rewrites_the_roll_in_one_transaction_in_no_order(vote, voters):
    """What the rows of the roll say (xmin, place) becomes that of the batch, not that of casting. Mutant killed: no shuffle."""
    for voter in voters:
        cast(vote, voter, [1])
    with connection.cursor() as cursor:
        # Whatever the planner prefers: read in the order of the table, which is that of casting.
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            "SELECT voter_key FROM ballots_rollentry WHERE vote_id = %s AND has_cast ORDER BY ctid", [vote.pk]
        )
        before = [bytes(key) for (key,) in cursor.fetchall()]
        tasks.tell_voters()
        cursor.execute("SELECT voter_key FROM ballots_rollentry WHERE vote_id = %s AND told ORDER BY ctid", [vote.pk])
        after = [bytes(key) for (key,) in cursor.fetchall()]
    assert after != [key for key in before if key in set(after)]


def test_mail_about_casting_says_nothing_of_a_choice(vote, voters):
    for voter in voters:
        cast(vote, voter, [4])
    close(vote)
    tasks.tell_voters()
    line = OutboxLine.objects.filter(kind=telling.CAST).first()
    assert line.payload == {"title": vote.title, "url": f"/stemmen/{vote.pk}/"}
    mail = make_mail(line)
    everything = mail.subject + mail.body + mail.alternatives[0].content
    assert vote.title in mail.subject
    assert f"/stemmen/{vote.pk}/" in mail.body
    for word in ("Bomen", "Speeltuin", "60.000"):
        assert word not in everything


def test_result_is_told_to_everybody_who_voted(vote, voters):
    for voter in voters[:5]:
        cast(vote, voter, [1])
    close(vote)
    count_vote(vote)
    tasks.tell_voters()
    assert told(telling.RESULT) == set()
    publish_result(vote, actor=make_user("Publiceert", roles=("clerk",)))
    tasks.tell_voters()
    tasks.tell_voters()
    assert told(telling.RESULT) == {voter.user_id for voter in voters[:5]}
    vote.refresh_from_db()
    assert vote.voters_told_at is not None


def test_who_has_left_is_not_told_and_stops_nobody(vote, voters):
    for voter in voters[:3]:
        cast(vote, voter, [1])
    voters[0].user.delete()
    close(vote)
    assert tasks.tell_voters() == 3
    assert told(telling.CAST) == {voter.user_id for voter in voters[1:3]}


def test_annulled_vote_tells_nobody(vote, voters, clerk):
    for voter in voters:
        cast(vote, voter, [1])
    annul_vote(vote, actor=clerk, reason="Fout")
    assert tasks.tell_voters() == 0


def test_sweep_without_voters_asks_once(vote, django_assert_num_queries):
    """Two questions: who has not been told, which results have not been told."""
    with django_assert_num_queries(2):
        tasks.tell_voters()
