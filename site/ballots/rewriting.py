"""Writing rows again: same content, another place in the table, another transaction, in random order.

PostgreSQL keeps with every row which transaction wrote it (`xmin`) and where it stands (`ctid`). Casting writes a roll entry and a
ballot in one transaction, so those two would tie a ballot to a person. A row that is deleted and inserted again in one statement,
among others and in random order, has neither any more. Guards of the database check that nothing else changes.

Every function needs the vote's lock, held alone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection

BOX = ("ballots_ballot", "ballots_rollentry")
# Holds the peppers; a few rows, so this takes a moment.
VOTES = "ballots_vote"
# How long a table may be waited for: who waits for a table makes everybody else wait behind it.
PATIENCE = "200ms"

_PENDING = """
    WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s AND batch IS NULL RETURNING *)
    INSERT INTO ballots_ballot (id, vote_id, tag, tracker, version, nonce, payload, leaf, channel, batch, electorate)
    SELECT gen_random_uuid(), vote_id, tag, tracker, version, nonce, payload, leaf, channel,
        CASE WHEN id = ANY (%s::uuid[]) THEN NULL ELSE %s::integer END, electorate
    FROM gone ORDER BY gen_random_uuid()
"""
_BALLOTS = """
    WITH gone AS (DELETE FROM ballots_ballot WHERE vote_id = %s RETURNING *)
    INSERT INTO ballots_ballot (id, vote_id, tag, tracker, version, nonce, payload, leaf, channel, batch, electorate)
    SELECT gen_random_uuid(), vote_id, NULL, tracker, version, nonce, payload, leaf, channel, batch, NULL
    FROM gone ORDER BY gen_random_uuid()
"""
_ROLL = """
    WITH gone AS (DELETE FROM ballots_rollentry WHERE vote_id = %s {which} RETURNING *)
    INSERT INTO ballots_rollentry (id, vote_id, voter_key, has_cast, told, electorate)
    SELECT gen_random_uuid(), vote_id, voter_key, has_cast, told, electorate FROM gone ORDER BY gen_random_uuid()
"""


def mix_ballots(vote_id: UUID, *, seq: int | None, held_back: Sequence[UUID]) -> None:
    """Writes every pending ballot again; all but those `held_back` get the number `seq` of their checkpoint."""
    _execute(_PENDING, [vote_id, list(held_back), seq])


def mix_marks(vote_id: UUID) -> None:
    """Writes the marks again of who voted and has not been told yet: what `telling` has marked, it wrote again itself."""
    _execute(_ROLL.format(which="AND has_cast AND NOT told"), [vote_id])


def rewrite_box(vote_id: UUID) -> None:
    """Writes the whole roll and all ballots again, without tags and groups."""
    _execute(_ROLL.format(which=""), [vote_id])
    _execute(_BALLOTS, [vote_id])


_IS_MIXED = """
    SELECT (SELECT count(DISTINCT xmin::text) < 2 FROM ballots_ballot WHERE vote_id = %(vote)s AND batch IS NULL)
        AND (NOT (SELECT on_paper FROM ballots_vote WHERE id = %(vote)s) OR
            (SELECT count(DISTINCT xmin::text) < 2 FROM ballots_rollentry WHERE vote_id = %(vote)s AND has_cast AND NOT told))
"""


def is_mixed(vote_id: UUID) -> bool:
    """Whether one transaction wrote all that waits: then nothing new has come in since. An envelope comes in as a mark alone."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_MIXED, {"vote": vote_id})
        return bool(cursor.fetchone()[0])


def forget_old_versions() -> None:
    """Removes the old versions of rewritten rows; waits for nobody and lets nobody wait. Outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (SKIP_LOCKED, TRUNCATE false) ballots_ballot, ballots_rollentry")


def write_files_anew(*tables: str) -> bool:
    """Writes the files of these tables anew, so that nothing is left in their empty room. Outside a transaction.

    Needs no more than owning the tables. False when one was in use for longer than PATIENCE.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
        try:
            for table in tables:
                cursor.execute(f"VACUUM FULL {table}")
        except OperationalError:
            return False
        finally:
            cursor.execute("RESET lock_timeout")
    return True


def _execute(statement: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
