"""Celery tasks. The states in the database say what is to be done, so each may run twice, late, or be killed."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from ballots import queries, rewriting
from ballots.actions import BoxDamaged, close_vote, count_vote, forget_roll, shred_vote, wipe_test, write_checkpoint
from ballots.models import Vote
from ballots.telling import tell_casters, tell_result
from people.verdict import NotAllowed

log = logging.getLogger(__name__)


@shared_task
def close_due_votes() -> int:
    """Closes what is over by the database clock and asks for the counts that are due; returns how many it closed."""
    closed = [vote for vote in queries.due_to_close() if close_vote(vote)]
    ask_for_counts()
    if any(vote.on_paper for vote in closed):
        rewriting.forget_old_versions()
    return len(closed)


def ask_for_counts() -> None:
    """Sends a task for every count that is due. Without a broker the next sweep does it."""
    for vote_id in queries.ids_to_count():
        try:
            count_closed_vote.delay(str(vote_id))
        except OperationalError as problem:
            log.warning("Vote %s waits to be counted: %s", vote_id, problem)


@shared_task
def count_closed_vote(vote_id: str) -> None:
    """Counts and seals one vote. A box that is damaged waits for a person: see the vote's page in the admin."""
    vote = Vote.objects.get(pk=vote_id)
    try:
        count_vote(vote)
    except BoxDamaged:
        log.exception("Vote %s cannot be counted", vote_id)
    except NotAllowed as refusal:
        log.info("Vote %s is not counted: %s", vote_id, refusal)


@shared_task
def write_checkpoints() -> int:
    """Mixes every open box that something came into, and fixes what is in it; returns the number of new checkpoints."""
    votes = list(queries.with_log_to_write())
    written = sum(write_checkpoint(vote) for vote in votes)
    if votes:
        rewriting.forget_old_versions()
    return written


@shared_task
def shred_boxes() -> int:
    """Shreds the boxes of votes that were counted or annulled; returns how many are done with this."""
    return sum(shred_vote(vote) for vote in queries.with_box_to_shred())


@shared_task
def tell_voters() -> int:
    """Tells who voted, and of every published vote everybody who voted in it; returns the number of mails."""
    told = sum(tell_casters(vote) for vote in queries.with_untold_voters())
    return told + sum(tell_result(vote) for vote in queries.with_untold_result())


@shared_task
def forget_old_rolls() -> int:
    """Deletes the rolls of votes whose term to object has passed; returns the number of votes.

    A pepper that was emptied stands in an old version of its row until the file is written anew: every time, because somebody may have
    been able to see it the last time.
    """
    forgotten = sum(1 for vote in queries.with_old_roll(timezone.now()) if forget_roll(vote))
    transaction.on_commit(lambda: rewriting.write_files_anew(rewriting.VOTES))
    return forgotten


@shared_task
def wipe_old_tests() -> int:
    """Deletes dry runs that were kept long enough; returns their number."""
    tests = list(queries.old_tests())
    for test in tests:
        wipe_test(test)
    return len(tests)
