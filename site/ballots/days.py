"""The days of a vote: the first day of voting, the day whose roll it is, the day on which age counts."""

from datetime import date, datetime, time, timedelta
from typing import Protocol

from django.utils import timezone

from people.models import Resident

# The Dutch rule for referendums: who may vote is who was a voter on the forty-third day before the vote.
DAYS_BEFORE = 43


class HasDays(Protocol):
    """A vote, frozen or not."""

    @property
    def opens_at(self) -> datetime: ...
    @property
    def reference_kind(self) -> str: ...
    @property
    def reference_day(self) -> date | None: ...
    @property
    def age_day(self) -> date | None: ...


def opening_day(vote: HasDays) -> date:
    """The first day of voting."""
    return timezone.localtime(vote.opens_at).date()


def reference_day(vote: HasDays) -> date | None:
    """The day as whose end the roll is made; None when it is made as things stand at opening."""
    if vote.reference_kind == "day_43":
        return opening_day(vote) - timedelta(days=DAYS_BEFORE)
    return vote.reference_day if vote.reference_kind == "day" else None


def age_day(vote: HasDays) -> date:
    """The day on which somebody's age counts."""
    return vote.age_day or opening_day(vote)


def end_of(day: date) -> datetime:
    """The first moment after a day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def known_since(resident: Resident, minimum_proof: int) -> date | None:
    """Since which day somebody meets what a vote asks of proof, as far as we know: the day of their proof, else that of their account."""
    since = resident.proved_at if minimum_proof else resident.user.date_joined
    return timezone.localdate(since) if since else None
