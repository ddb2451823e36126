"""What was open of an invoice at the end of any day, from what the ledger has dated.

At the end of day d that is nought before it was issued, and otherwise its total less the payments and allocated credits
that are dated d or earlier. What the ledger has taken off without a date (its payments and allocations do not add up to
what it says is settled) counts on the day on which the invoice was fully paid; of one that is still open on the day of
its last dated movement, or else on the day it was issued. A settlement that is dated before the invoice was issued
counts from the issue day on, because before there was nothing to settle; one that is dated after the day on which the
ledger has the invoice as paid in full counts on that day. Where more is dated than the ledger says is settled (a payment
of which the invoice does not know yet), the earliest counts first, and the rest not at all: nothing is open for less
than nought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

COUNTS = frozenset({"AUTHORISED", "PAID"})
"""The ledger's words for invoices that were really sent: no drafts, and neither voided nor deleted ones."""
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settled:
    """What was taken off an invoice on a day: by a payment, or by a credit that was allocated to it."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Booked:
    """A sales invoice that counts, with everything that was taken off it, each with a day."""

    id: str
    issued_on: date
    due_on: date
    total: Decimal
    paid_on: date | None = None
    """When it was paid in full, as the ledger says."""
    settled: tuple[Settled, ...] = ()
    left: Decimal = _NOTHING
    """What the ledger says is due of it now."""
    undated: Decimal = _NOTHING
    """How much of ``settled`` the ledger has not dated."""
    alike: int = 1
    """So many invoices it stands for, whose sums these are: issued, due and paid on the same days (``together``)."""

    def open_at(self, day: date) -> Decimal:
        """What was open of it at the end of the day."""
        if day < self.issued_on:
            return _NOTHING
        return self.total - sum((one.amount for one in self.settled if one.on <= day), _NOTHING)

    @property
    def days_late(self) -> int | None:
        """From the due day to the day it was paid in full; early is negative, None: it is not paid."""
        return None if self.paid_on is None else (self.paid_on - self.due_on).days

    @property
    def days_to_pay(self) -> int | None:
        """From the issue day to the day it was paid in full; None: it is not paid."""
        return None if self.paid_on is None else (self.paid_on - self.issued_on).days


def booked(
    *,
    own_id: str,
    issued_on: date,
    due_on: date,
    total: Decimal,
    amount_due: Decimal,
    fully_paid_on: date | None,
    movements: Sequence[Settled] = (),
) -> Booked:
    """An invoice whose settlements come to exactly total less amount due, whatever of it the ledger has dated."""
    whole = total - amount_due
    full = fully_paid_on if not amount_due else None
    dated = _up_to(whole, [Settled(_counts_on(one.on, issued_on, full), one.amount) for one in movements])
    undated = whole - sum((one.amount for one in dated), _NOTHING)
    last = dated[-1].on if dated else None
    paid_on = full or (last if not amount_due else None)
    if undated:
        dated.append(Settled(max(paid_on or last or issued_on, issued_on), undated))
    return Booked(own_id, issued_on, due_on, total, paid_on, tuple(dated), amount_due, undated)


def _counts_on(day: date, issued_on: date, full: date | None) -> date:
    return max(issued_on, day if full is None else min(day, full))


def _up_to(whole: Decimal, movements: Iterable[Settled]) -> list[Settled]:
    """By day, the first so much of them."""
    found = []
    for one in sorted(movements, key=lambda one: one.on):
        if (amount := min(one.amount, whole)) > 0:
            found.append(Settled(one.on, amount))
            whole -= amount
    return found


def together(
    *,
    issued_on: date,
    due_on: date,
    total: Decimal,
    left: Decimal,
    paid_on: date | None,
    invoices: int,
    undated: Decimal,
) -> Booked:
    """The sum of invoices of more than nothing, none of them settled in part: nothing was taken off any of them
    (``paid_on`` None), or each was paid whole on one day and nothing is dated before it.

    Whatever is a sum over invoices is the same of them one by one as of this. ``undated``: nought, or what the ledger
    has not dated of them, where that is something of each.
    """
    settled = () if paid_on is None else (Settled(max(paid_on, issued_on), total),)
    return Booked("", issued_on, due_on, total, paid_on, settled, left, undated, invoices)


def open_at(invoices: Iterable[Booked], day: date) -> Decimal:
    """What all of them were open for at the end of the day."""
    return sum((one.open_at(day) for one in invoices), _NOTHING)


def current_at(invoices: Iterable[Booked], day: date) -> Decimal:
    """What was open and not yet due at the end of the day; what is due on the day is not yet overdue."""
    return sum((one.open_at(day) for one in invoices if one.due_on >= day), _NOTHING)


def sales_of(invoices: Iterable[Booked], first: date, last: date) -> Decimal:
    """Credit sales: the totals of what was issued on these days. Credit notes take nothing off."""
    return sum((one.total for one in invoices if first <= one.issued_on <= last), _NOTHING)
