"""How two parts of the customers paid, of which each followed a schedule of its own: by the draw, not by what came after.

A customer counts in the part that it was drawn into, even where a person moved it later (intention to treat): whoever is moved is
no chance customer, and leaving it out would undo the draw. Each invoice is watched for the same time, so that an open one needs
no guess. The formulas, worked out, are in docs/effect.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from credit_control.effect.drawing import Part
from credit_control.effect.shares import (
    Interval,
    OfCustomer,
    Share,
    difference_of_means,
    difference_of_shares,
    share,
)

WITHIN = (0, 7, 14, 30)
"""Days after the due date within which invoices are seen to be paid."""
LATE_WITHIN = 30
"""What is later than so many days, or is open, counts as so many days late."""


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice of a customer that was drawn, with the day on which it was settled in full (None: it is open)."""

    contact_id: str
    part: Part
    due_on: date
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Paid:
    """The invoices that were settled within so many days after the due date, part by part."""

    within: int
    a: Share
    b: Share
    difference: Interval | None
    """B − A, from −1 to 1; None: too few to tell."""


@dataclass(frozen=True, slots=True)
class Late:
    """The average of the days that invoices were late, early ones negative; B − A in days."""

    a: Fraction | None
    b: Fraction | None
    invoices_a: int
    invoices_b: int
    customers_a: int
    customers_b: int
    difference: Interval | None
    """None: too few to tell."""
    within: int = LATE_WITHIN


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a comparison so far."""

    paid: tuple[Paid, ...]
    late: Late

    @property
    def says_something(self) -> bool:
        """Whether any of the measures has enough behind it."""
        return self.late.difference is not None or any(one.difference for one in self.paid)


def outcome(invoices: Iterable[Owed], from_on: date, last: date, today: date) -> Outcome:
    """Of invoices due from the first day on; each counts for a time that is over, by ``last`` and before ``today``."""
    known = [one for one in invoices if one.due_on >= from_on]
    end = min(last, today - timedelta(days=1))
    return Outcome(tuple(_paid(known, within, end) for within in WITHIN), _late(known, end))


def _paid(invoices: Sequence[Owed], within: int, end: date) -> Paid:
    by_part = _by_part(
        [
            (one, int(one.paid_on is not None and _days(one) <= within))
            for one in _watched(invoices, within, end)
        ]
    )
    a, b = share(by_part[Part.A]), share(by_part[Part.B])
    gap = difference_of_shares(a.interval, b.interval) if a.interval and b.interval else None
    return Paid(within, a, b, gap)


def _late(invoices: Sequence[Owed], end: date) -> Late:
    by_part = _by_part(
        [
            (one, min(_days(one), LATE_WITHIN) if one.paid_on else LATE_WITHIN)
            for one in _watched(invoices, LATE_WITHIN, end)
        ]
    )
    a, b = by_part[Part.A], by_part[Part.B]
    return Late(
        _mean(a),
        _mean(b),
        sum(one.invoices for one in a),
        sum(one.invoices for one in b),
        len(a),
        len(b),
        difference_of_means(a, b),
    )


def _watched(invoices: Iterable[Owed], within: int, end: date) -> Iterable[Owed]:
    return (one for one in invoices if one.due_on + timedelta(days=within) <= end)


def _by_part(counted: Iterable[tuple[Owed, int]]) -> dict[Part, list[OfCustomer]]:
    sums: dict[tuple[Part, str], list[int]] = defaultdict(list)
    for one, value in counted:
        sums[one.part, one.contact_id].append(value)
    return {
        part: [
            OfCustomer(sum(values), len(values)) for (its, _), values in sorted(sums.items()) if its is part
        ]
        for part in Part
    }


def _days(one: Owed) -> int:
    return (one.paid_on - one.due_on).days if one.paid_on else 0


def _mean(customers: Sequence[OfCustomer]) -> Fraction | None:
    count = sum(one.invoices for one in customers)
    return Fraction(sum(one.total for one in customers), count) if count else None
