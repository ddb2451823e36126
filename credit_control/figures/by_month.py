"""Ageing by calendar months, as ledgers do it beside buckets of days.

What is due today or later is current; what is overdue stands in the month of its due day: this month, each of the
three before, and older. The columns add up to what is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

MONTHS = ("current", "this_month", "1_month_ago", "2_months_ago", "3_months_ago", "older")


def month_bucket(due_on: date, day: date) -> int:
    """The index in ``MONTHS`` of what is due on ``due_on``, seen at the end of ``day``."""
    if due_on >= day:
        return 0
    return min((day.year - due_on.year) * 12 + day.month - due_on.month, 4) + 1


def aged_by_month(amounts: Iterable[tuple[date, Decimal]], day: date) -> dict[str, Decimal]:
    """Amounts by due day, by the names of ``MONTHS``."""
    found = [Decimal(0)] * len(MONTHS)
    for due_on, amount in amounts:
        found[month_bucket(due_on, day)] += amount
    return dict(zip(MONTHS, found, strict=True))


def month_end(day: date) -> date:
    """The last day of its month."""
    return date.fromordinal(next_month(day).toordinal() - 1)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months_back(day: date, back: int) -> date:
    """The first day of the month so many months before."""
    place = day.year * 12 + day.month - 1 - back
    return date(place // 12, place % 12 + 1, 1)
