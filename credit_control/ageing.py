"""How old the money owed is: amounts due in buckets of days overdue, currency by currency."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_control.facts import Invoice
from credit_control.stops import is_open

BUCKETS = ("current", "1-30", "31-60", "61-90", "91+")
_LAST_DAYS = (0, 30, 60, 90)
"""The last day overdue that belongs to each bucket but the final one."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is owed in one currency, by bucket in the order of ``BUCKETS``."""

    currency: str
    amounts: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        """All buckets together: the open receivable of this currency, credits not taken off."""
        return sum(self.amounts, Decimal(0))

    @property
    def by_bucket(self) -> dict[str, Decimal]:
        return dict(zip(BUCKETS, self.amounts, strict=True))


def ageing(invoices: Iterable[Invoice], on: date) -> dict[str, Ageing]:
    """Age the open invoices as of ``on`` by days since the due date; an invoice due on the day is current."""
    amounts: dict[str, list[Decimal]] = {}
    for invoice in invoices:
        if is_open(invoice):
            buckets = amounts.setdefault(invoice.currency, [Decimal(0)] * len(BUCKETS))
            buckets[bucket_of((on - invoice.due_on).days)] += invoice.amount_due
    return {currency: Ageing(currency, tuple(amounts[currency])) for currency in sorted(amounts)}


def bucket_of(days_overdue: int) -> int:
    """The index in ``BUCKETS`` for so many days overdue; 0 or fewer is current."""
    return bisect_left(_LAST_DAYS, days_overdue)
