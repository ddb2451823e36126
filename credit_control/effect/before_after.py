"""The invoices of a customer from before its first reminder beside those from after it.

Nothing here says that reminders are the cause: the months differ in more than that, and a customer gets its first reminder
just when it pays late. Only invoices that are old enough to know count, so that open ones need no guess: those of
before whose window was over when the first reminder left, and those of after whose window is over now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from credit_control.effect.shares import Change, OfCustomer, change

WINDOWS = (30, 60, 90)
"""Days after the due date within which an invoice is watched; the first one unless another is asked for."""
LOOKED_BACK = 365
"""Of before, only invoices whose window ended in so many days up to the first reminder."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An invoice that counts, with the day on which it was settled in full (None: it is open)."""

    contact_id: str
    issued_on: date
    due_on: date
    paid_on: date | None


class Side(Enum):
    BEFORE = "before"
    AFTER = "after"
    BETWEEN = "between"
    """Issued before the first reminder, and still watched when it left."""
    TOO_NEW = "too_new"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Compared:
    """The same customers before and after. Days and shares are exact ratios."""

    customers: int
    """With invoices on both sides; the others are left out."""
    left_out: int
    invoices_before: int
    invoices_after: int
    between: int
    too_new: int
    paid_in_window: Change
    days_late: Change
    days_to_pay: Change


def side_of(one: Seen, first_reminder: date, window: int, today: date) -> Side:
    """On which side of its customer's first reminder an invoice is."""
    end = one.due_on + timedelta(days=window)
    if one.issued_on >= first_reminder:
        return Side.AFTER if end < today else Side.TOO_NEW
    if end >= first_reminder:
        return Side.BETWEEN
    return Side.BEFORE if end >= first_reminder - timedelta(days=LOOKED_BACK) else Side.TOO_OLD


def compare(
    invoices: Iterable[Seen], first_reminders: Mapping[str, date], window: int, today: date
) -> Compared:
    """All customers of ``first_reminders``; invoices of others are passed over, for nobody chased them."""
    sides: dict[tuple[str, Side], list[Seen]] = defaultdict(list)
    for one in invoices:
        if first := first_reminders.get(one.contact_id):
            sides[one.contact_id, side_of(one, first, window, today)].append(one)
    both = [
        (sides[contact, Side.BEFORE], sides[contact, Side.AFTER])
        for contact in sorted(first_reminders)
        if (contact, Side.BEFORE) in sides and (contact, Side.AFTER) in sides
    ]
    return Compared(
        customers=len(both),
        left_out=len(first_reminders) - len(both),
        invoices_before=sum(len(old) for old, _ in both),
        invoices_after=sum(len(new) for _, new in both),
        between=sum(len(found) for (_, side), found in sides.items() if side is Side.BETWEEN),
        too_new=sum(len(found) for (_, side), found in sides.items() if side is Side.TOO_NEW),
        paid_in_window=change([(_paid(old, window), _paid(new, window)) for old, new in both]),
        days_late=change([(_late(old, window), _late(new, window)) for old, new in both]),
        days_to_pay=change([(_to_pay(old, window), _to_pay(new, window)) for old, new in both]),
    )


def _paid(invoices: list[Seen], window: int) -> OfCustomer:
    return OfCustomer(
        sum(1 for one in invoices if one.paid_on and (one.paid_on - one.due_on).days <= window), len(invoices)
    )


def _late(invoices: list[Seen], window: int) -> OfCustomer:
    return OfCustomer(sum((_end(one, window) - one.due_on).days for one in invoices), len(invoices))


def _to_pay(invoices: list[Seen], window: int) -> OfCustomer:
    return OfCustomer(sum((_end(one, window) - one.issued_on).days for one in invoices), len(invoices))


def _end(one: Seen, window: int) -> date:
    """When it was paid; what took longer than the window, or is open, counts as paid at its end."""
    last = one.due_on + timedelta(days=window)
    return min(one.paid_on, last) if one.paid_on else last
