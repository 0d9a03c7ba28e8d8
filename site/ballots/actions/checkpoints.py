"""Checkpoints: from time to time the log fixes what is in the box, and the box is mixed.

Mixing happens at every call when something came in; a checkpoint only with enough new ballots, because it says of each ballot between
which hours it was cast. `docs/decisions/0007-checkpoints.md` weighs the numbers.
"""

import secrets
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from ballots import chain, locks, observing, rewriting
from ballots.models import Ballot, Checkpoint, Vote

State = Vote.State
FIXED_BY_NOW = (State.CLOSED, State.ANNULLED)


def begin_log(vote: Vote, voters: int) -> None:
    """Number 0, in the transaction that opens the vote: fixes the rules, and the roll with its size."""
    _append(vote, None, voters, chain.first_root(bytes(vote.rules_hash or b""), bytes(vote.roll_root or b"")))


def write_checkpoint(vote: Vote) -> bool:
    """Mixes what came in, and fixes it when there is enough; True when there is a new checkpoint.

    Safe to call at any time, twice at once, and to kill: one transaction, under the vote's lock.
    """
    with transaction.atomic():
        # Who writes to the voters has entries of the roll locked: let them finish, the next call does the rest.
        if not locks.try_to_tell(vote.pk):
            return False
        locks.hold_alone(vote.pk)
        state = Vote.objects.values_list("state", flat=True).get(pk=vote.pk)
        if state != State.OPEN or rewriting.is_mixed(vote.pk):
            return False
        return _mix(vote)


def _mix(vote: Vote) -> bool:
    pending = _pending(vote.pk)
    secrets.SystemRandom().shuffle(pending)
    held_back, batch = pending[: settings.BALLOTS_HELD_BACK], pending[settings.BALLOTS_HELD_BACK :]
    seq = None
    if len(batch) >= settings.BALLOTS_LEAST_BATCH:
        seq = _fix(vote, [leaf for _pk, leaf in batch])
    else:
        held_back = pending
    rewriting.mix_ballots(vote.pk, seq=seq, held_back=[pk for pk, _leaf in held_back])
    rewriting.mix_marks(vote.pk)
    return seq is not None


def mix_what_waits(vote: Vote) -> None:
    """Mixes what came in, and fixes nothing: before a vote with paper closes. The caller holds the vote alone."""
    open_paper = Vote.objects.filter(pk=vote.pk, state=State.OPEN, on_paper=True)
    if not open_paper.exists() or rewriting.is_mixed(vote.pk):
        return
    rewriting.mix_ballots(vote.pk, seq=None, held_back=[pk for pk, _leaf in _pending(vote.pk)])
    if locks.try_to_tell(vote.pk):
        rewriting.mix_marks(vote.pk)


def finish_log(vote: Vote) -> bool:
    """The last checkpoint: every ballot that waits, once the box is closed or annulled; True when this call wrote one."""
    with transaction.atomic():
        locks.hold_alone(vote.pk)
        state = Vote.objects.values_list("state", flat=True).get(pk=vote.pk)
        has_log = Checkpoint.objects.filter(vote=vote).exists()
        pending = _pending(vote.pk) if has_log and state in FIXED_BY_NOW else []
        if not pending:
            return False
        seq = _fix(vote, [leaf for _pk, leaf in pending])
        rewriting.mix_ballots(vote.pk, seq=seq, held_back=[])
    return True


def _pending(vote_id: UUID) -> list[tuple[UUID, bytes]]:
    rows = Ballot.objects.filter(vote_id=vote_id, batch=None).values_list("pk", "leaf")
    return [(pk, bytes(leaf)) for pk, leaf in rows]


def _fix(vote: Vote, leaves: list[bytes]) -> int:
    last = Checkpoint.objects.filter(vote=vote).latest("seq")
    return _append(vote, last, len(leaves), chain.merkle_root(leaves))


def _append(vote: Vote, last: Checkpoint | None, leaves: int, root: bytes) -> int:
    """The next line of the log, and a notice of it to every observer; returns its number."""
    seq, previous = (last.seq + 1, bytes(last.head)) if last else (0, chain.NO_HEAD)
    head = chain.head_of(previous, seq, root)
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [vote.pk, seq, leaves, root, previous, head])
    observing.tell_head(vote, seq=seq, leaves=leaves, head=head)
    return seq


_APPEND = """
    INSERT INTO ballots_checkpoint (vote_id, seq, leaves, root, previous, head, hour)
    VALUES (%s, %s, %s, %s, %s, %s, date_trunc('hour', clock_timestamp()))
"""
