"""Terms against the text of the law, a calendar, and themselves."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from process.terms import Term, Unit, add_working_days, days_off, is_working_day, working_days_between

DAYS = some.dates(date(2024, 1, 1), date(2035, 12, 31))


def test_days_off_are_those_of_the_law():
    """Article 3. Easter 2027 is 28 March; 27 April 2025 was a Sunday, so King's Day came a day earlier."""
    assert days_off(2027) == {
        date(2027, 1, 1),
        date(2027, 3, 26),
        date(2027, 3, 28),
        date(2027, 3, 29),
        date(2027, 4, 27),
        date(2027, 5, 5),
        date(2027, 5, 6),
        date(2027, 5, 16),
        date(2027, 5, 17),
        date(2027, 12, 25),
        date(2027, 12, 26),
    }
    assert date(2025, 4, 26) in days_off(2025)
    assert date(2025, 4, 27) not in days_off(2025)
    assert all(date(year, 5, 5) in days_off(year) for year in range(2024, 2036))


@pytest.mark.parametrize(
    ("start", "number", "unit", "end"),
    [
        (date(2026, 11, 2), 8, "weeks", date(2026, 12, 28)),
        # Friday 30 October plus 8 weeks is Christmas Day, then the second day and a Sunday.
        (date(2026, 10, 30), 8, "weeks", date(2026, 12, 28)),
        (date(2026, 11, 28), 6, "weeks", date(2027, 1, 11)),
        (date(2026, 12, 31), 1, "months", date(2027, 2, 1)),
        (date(2026, 1, 31), 1, "months", date(2026, 3, 2)),
        # Three months and 90 days are extended, four months and 91 days are not.
        (date(2026, 9, 28), 3, "months", date(2026, 12, 28)),
        (date(2026, 9, 25), 3, "months", date(2026, 12, 28)),
        (date(2026, 8, 25), 4, "months", date(2026, 12, 25)),
        (date(2026, 9, 26), 90, "days", date(2026, 12, 28)),
        (date(2026, 9, 26), 91, "days", date(2026, 12, 26)),
        # Article 2: Thursday to Sunday has one working day, so it goes on until Tuesday (Monday is Christmas).
        (date(2028, 12, 21), 3, "days", date(2028, 12, 27)),
        (date(2026, 11, 27), 1, "days", date(2026, 11, 30)),
        (date(2026, 12, 24), 1, "working_days", date(2026, 12, 28)),
        (date(2026, 11, 27), 10, "working_days", date(2026, 12, 11)),
    ],
)
def test_term_ends_where_the_law_says(start, number, unit, end):
    """Mutants: count the first day; leave out `_to_working_days`; extend terms of any length."""
    assert Term(number, Unit(unit)).ends(start) == end


def test_term_of_nothing_is_refused():
    for number in (0, -1):
        with pytest.raises(ValueError, match="at least one"):
            Term(number, Unit.WEEKS)


@given(DAYS, some.integers(1, 12), some.sampled_from([Unit.WORKING_DAYS, Unit.WEEKS]))
def test_term_ends_on_a_working_day_and_never_too_early(start, number, unit):
    end = Term(number, unit).ends(start)
    assert is_working_day(end)
    least = start + timedelta(weeks=number) if unit == Unit.WEEKS else start + timedelta(days=number)
    assert least <= end <= least + timedelta(days=5 if unit == Unit.WEEKS else 30)


@given(DAYS, some.integers(1, 60))
def test_working_days_are_added_and_counted_back(start, number):
    end = add_working_days(start, number)
    assert working_days_between(start, end) == number
    assert working_days_between(end, start) == 0


@given(DAYS, some.integers(0, 30), some.integers(1, 12))
def test_who_starts_later_ends_no_earlier(start, later, number):
    term = Term(number, Unit.WEEKS)
    assert term.ends(start) <= term.ends(start + timedelta(days=later))
