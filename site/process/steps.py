"""The timeline of an instrument, in the words of its page: a step per stage, with its period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from process.periods import Period


@dataclass(frozen=True)
class Step:
    """One step; `state` is past, now or next."""

    title: str
    period: str
    text: str
    state: str


def periods(phases: Sequence[Period]) -> str:
    """From the first day of these phases until the last, "" without any."""
    if not phases:
        return ""
    return from_until(min(phase.starts_on for phase in phases), max(phase.ends_on for phase in phases))


def from_until(first: date, last: date) -> str:
    """A period in words; both days belong to it."""
    return _("%(first)s until %(last)s") % {"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")}


def last_day(closes_at: datetime) -> date:
    """The last day on which one can still take part: what closes at midnight closes on the day before."""
    return timezone.localdate(closes_at - timedelta(seconds=1))
