"""Periods of days, both ends included: do they overlap, and where does a day lie?"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Protocol, TypeVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _


class Period(Protocol):
    title: str
    starts_on: date
    ends_on: date


P = TypeVar("P", bound=Period)


def in_order(periods: Iterable[P]) -> list[P]:
    """By first day; periods that lack a day (in a draft) are left out."""
    whole = [period for period in periods if period.starts_on and period.ends_on]
    return sorted(whole, key=lambda period: (period.starts_on, period.ends_on))


def first_overlap(periods: Iterable[P]) -> tuple[P, P] | None:
    """The first two periods that share a day, or None."""
    ordered = in_order(periods)
    return next(((a, b) for a, b in pairwise(ordered) if b.starts_on <= a.ends_on), None)


def overlap_message(earlier: Period, later: Period) -> str:
    """The sentence an editor reads."""
    return _("“%(later)s” begins on %(begin)s, but “%(earlier)s” lasts until %(end)s. Phases cannot overlap.") % {
        "later": later.title,
        "begin": date_format(later.starts_on, "j F Y"),
        "earlier": earlier.title,
        "end": date_format(earlier.ends_on, "j F Y"),
    }


def state_on(period: Period, day: date) -> str:
    """past | now | next"""
    if period.ends_on < day:
        return "past"
    return "now" if period.starts_on <= day else "next"


def overall_state(periods: Sequence[Period], day: date) -> str:
    """State of the whole: running from the first day to the last, breaks included; nothing planned yet is coming.

    running | coming | finished
    """
    if not periods or min(period.starts_on for period in periods) > day:
        return "coming"
    return "finished" if max(period.ends_on for period in periods) < day else "running"
