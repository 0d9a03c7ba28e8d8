"""The database clock: the only clock that opens and closes a vote, whatever a web server thinks the time is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import DateTimeField, Func

from ballots.prepared import first_row


class ClockTimestamp(Func):
    """The database's time at this moment (not at the start of the transaction)."""

    function = "clock_timestamp"
    output_field = DateTimeField()


@dataclass(frozen=True)
class Window:
    """The state of a vote, and where the clock stands."""

    state: str
    has_begun: bool
    has_ended: bool

    @property
    def is_open(self) -> bool:
        return self.state == "open" and self.has_begun and not self.has_ended


def window(vote_id: UUID) -> Window:
    """One statement. Raises `LookupError` when there is no such vote."""
    statement = (
        "SELECT state, opens_at <= clock_timestamp(), closes_at <= clock_timestamp() FROM ballots_vote WHERE id = %s"
    )
    if row := first_row(statement, [vote_id]):
        return Window(*row)
    raise LookupError(vote_id)


def now() -> datetime:
    """The database's time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
