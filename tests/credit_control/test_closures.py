"""Closed periods of an organisation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.closures import LONGEST_DAYS, ClosedPeriod, check_periods, days_of

CHRISTMAS = ClosedPeriod(date(2026, 12, 24), date(2027, 1, 1), "Christmas", yearly=True)


def test_a_yearly_period_covers_both_ends_of_every_year() -> None:
    days = set(days_of(CHRISTMAS, range(2028, 2029)))
    assert days == {date(2028, 1, 1), *(date(2028, 12, day) for day in range(24, 32))}


def test_a_single_period_is_over_when_it_is_over() -> None:
    once = ClosedPeriod(date(2026, 12, 24), date(2027, 1, 1), "Christmas")
    assert len(list(days_of(once, range(2025, 2031)))) == 9
    assert list(days_of(once, range(2028, 2031))) == []


def test_a_leap_day_is_the_last_of_february_in_other_years() -> None:
    leap = ClosedPeriod(date(2028, 2, 29), date(2028, 2, 29), "Stocktaking", yearly=True)
    assert list(days_of(leap, range(2026, 2029))) == [date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(0, LONGEST_DAYS - 1), st.booleans())
def test_a_period_is_closed_from_its_first_to_its_last_day_and_on_no_other(
    first: date, length: int, yearly: bool
) -> None:
    last = first + timedelta(days=length)
    days = set(days_of(ClosedPeriod(first, last, "Closed", yearly), range(first.year, last.year + 1)))
    assert {first + timedelta(days=number) for number in range(length + 1)} <= days
    if not yearly:
        assert len(days) == length + 1


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (ClosedPeriod(date(2026, 12, 24), date(2026, 12, 23), "Christmas"), "ends before it begins"),
        (ClosedPeriod(date(2026, 12, 24), date(2027, 12, 23), "Sabbatical"), "switch chasing off"),
        (ClosedPeriod(date(2026, 12, 24), date(2026, 12, 24), "  "), "needs a name"),
        (ClosedPeriod(date(2026, 12, 24), date(2026, 12, 24), "x" * 61), "too long a name"),
    ],
)
def test_what_is_no_period_is_refused_in_a_sentence(period: ClosedPeriod, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_periods([CHRISTMAS, period])


def test_most_of_a_year_cannot_be_closed() -> None:
    quarters = [
        ClosedPeriod(
            date(2026, month, 1), date(2026, month, 1) + timedelta(days=80), f"Quarter {month}", True
        )
        for month in (1, 4, 7)
    ]
    with pytest.raises(ValueError, match="more than half of the year"):
        check_periods(quarters)
