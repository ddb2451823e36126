"""For how long the score of a report counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.score_age import MOST_MONTHS, counts_until

days = st.dates(date(2000, 1, 1), date(2090, 1, 1))
months = st.integers(1, MOST_MONTHS)


@pytest.mark.parametrize(
    ("day", "many", "last"),
    [
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_the_last_day_is_that_of_the_calendar(day: date, many: int, last: date) -> None:
    assert counts_until(day, many) == last


@given(days, months)
def test_it_never_counts_longer_than_so_many_months_and_nearly_as_long(day: date, many: int) -> None:
    last = counts_until(day, many)
    assert (last.year - day.year) * 12 + last.month - day.month == many
    assert last.day == day.day or (last.day < day.day and (last + timedelta(1)).day == 1)


@given(days, days, months)
def test_a_newer_report_never_ends_sooner(one: date, other: date, many: int) -> None:
    early, late = sorted((one, other))
    assert counts_until(early, many) <= counts_until(late, many)
