"""For how long the score of a credit report counts: whole months of the calendar from its day on."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final

MOST_MONTHS: Final = 60


def counts_until(day: date, months: int) -> date:
    """The last day on which it counts: the same day so many months later, or the last of a month that is shorter."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
