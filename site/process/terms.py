"""Terms (termijnen) as Dutch law counts them. Pure: whoever asks gives the days.

Source: Algemene termijnenwet, articles 1 to 4, and Awb 4:14. Days off are those of its article 3: the general holidays, Good Friday and
Liberation Day of every year, and King's Day as it is kept.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays
from dateutil.relativedelta import relativedelta

SATURDAY = 5
# Longer terms end on the day itself, whatever day that is (article 4).
LONGEST_EXTENDED = {"days": 90, "weeks": 12, "months": 3}


class Unit(StrEnum):
    """What a term is counted in."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True)
class Term:
    """So many of a unit. Raises `ValueError` for less than one."""

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"A term has at least one of its unit, not {self.number}.")

    def ends(self, start: date) -> date:
        """The last day of the term. The day on which it starts does not count."""
        if self.unit == Unit.WORKING_DAYS:
            return add_working_days(start, self.number)
        end = start + relativedelta(**{str(self.unit): self.number})
        return _to_working_days(start, end) if self.number <= LONGEST_EXTENDED[self.unit] else end


def _to_working_days(start: date, end: date) -> date:
    """Article 1: not on a day off; article 2: with two working days in it, when it has three days or more."""
    wanted = 2 if (end - start).days >= 3 else 0
    while not is_working_day(end) or (wanted and working_days_between(start, end) < wanted):
        end += timedelta(days=1)
    return end


@lru_cache(maxsize=64)
def days_off(year: int) -> frozenset[date]:
    """The holidays of a year; weekends are not in it."""
    return frozenset(holidays.country_holidays("NL", years=year, categories=("public", "optional")))


def is_working_day(day: date) -> bool:
    """No Saturday, no Sunday, no holiday."""
    return day.weekday() < SATURDAY and day not in days_off(day.year)


def add_working_days(start: date, number: int) -> date:
    """The day that lies so many working days after `start`."""
    day = start
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Working days after `start`, up to and with `end`; 0 when it lies before."""
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
