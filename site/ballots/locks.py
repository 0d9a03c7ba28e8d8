"""The lock of a vote: everybody who casts shares it, who closes holds it alone.

Advisory locks of PostgreSQL, held until the transaction ends; outside a transaction they would be gone at once, so that is refused.
Order of locking, for whoever needs more than one thing: the vote's lock, its row, roll entries, ballots.
"""

import hashlib
from uuid import UUID

from django.db import connection

from ballots.prepared import first_row


class LockOutsideTransaction(RuntimeError):
    """A lock outside a transaction protects nothing."""


def share(vote_id: UUID) -> None:
    """Waits while somebody holds the vote alone; many may share."""
    _lock("SELECT pg_advisory_xact_lock_shared(%s)", "box", vote_id)


def hold_alone(vote_id: UUID) -> None:
    """Waits until nobody shares the vote: what was being cast has been committed, or has failed."""
    _lock("SELECT pg_advisory_xact_lock(%s)", "box", vote_id)


def try_to_count(vote_id: UUID) -> bool:
    """Whether nobody else is counting this vote; when so, nobody else will until this transaction ends."""
    return bool(_lock("SELECT pg_try_advisory_xact_lock(%s)", "count", vote_id))


def try_to_tell(vote_id: UUID) -> bool:
    """Whether nobody else is writing to the voters of this vote; as `try_to_count`."""
    return bool(_lock("SELECT pg_try_advisory_xact_lock(%s)", "tell", vote_id))


def give_codes(vote_id: UUID) -> None:
    """Waits while somebody else gives voting codes in this vote. After `share`, before anything else."""
    _lock("SELECT pg_advisory_xact_lock(%s)", "codes", vote_id)


def _lock(statement: str, purpose: str, vote_id: UUID) -> object:
    if not connection.in_atomic_block:
        raise LockOutsideTransaction(f"The lock of vote {vote_id} needs a transaction.")
    [found] = first_row(statement, [_key(purpose, vote_id)]) or [None]
    return found


def _key(purpose: str, vote_id: UUID) -> int:
    """A number of 64 bits for PostgreSQL."""
    digest = hashlib.sha256(f"ballots:{purpose}:{vote_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
