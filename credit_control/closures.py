"""Periods in which an organisation is closed: between Christmas and New Year, say, once or every year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_DAYS = 92
MOST = 20
LONGEST_NAME = 60
_HALF_A_YEAR = 183
_DAY = timedelta(days=1)
_LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """From ``first`` to ``last``, both included; ``yearly``: on the same days of every year, before and after."""

    first: date
    last: date
    name: str
    yearly: bool = False


def days_of(period: ClosedPeriod, years: range) -> Iterator[date]:
    """The days of a period that lie in these years."""
    length = (period.last - period.first).days
    begins = [_in_year(period.first, year) for year in (years.start - 1, *years)]
    for first in begins if period.yearly else [period.first]:
        for number in range(length + 1):
            day = first + number * _DAY
            if day.year in years:
                yield day


def check_periods(periods: Sequence[ClosedPeriod]) -> None:
    """Raise ``ValueError`` with one sentence on the first thing that is wrong with closed periods."""
    if len(periods) > MOST:
        raise ValueError(f"At most {MOST} closed periods can be kept; remove those that are over.")
    for period in periods:
        _check(period)
    for year in {period.first.year for period in periods}:
        years = range(year, year + 1)
        if len({day for period in periods for day in days_of(period, years)}) > _HALF_A_YEAR:
            raise ValueError(
                f"In {year} that would be more than half of the year; to send nothing, switch chasing off."
            )


def _check(period: ClosedPeriod) -> None:
    if not period.name.strip():
        raise ValueError(
            "A closed period needs a name, which is given as the reason where mails wait for it."
        )
    if len(period.name) > LONGEST_NAME:
        raise ValueError(f"“{period.name[:20]}…” is too long a name; use at most {LONGEST_NAME} characters.")
    if period.last < period.first:
        raise ValueError(f"“{period.name}” ends before it begins; change one of its days.")
    if (period.last - period.first).days >= LONGEST_DAYS:
        raise ValueError(
            f"“{period.name}” is longer than {LONGEST_DAYS} days; for so long, switch chasing off instead."
        )


def _in_year(day: date, year: int) -> date:
    """The same day of another year; 29 February is the 28th where there is none."""
    if (day.month, day.day) == _LEAP_DAY:
        return date(year, 3, 1) - _DAY
    return day.replace(year=year)
