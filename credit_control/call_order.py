"""In which order to call customers: by money, age, and the chance that the call brings something.

The points of a call are ``money × age × chance``:

- money: what is overdue, measured in typical overdue invoices of its currency (the middle one of the book), so that
  no amounts of different currencies are ever added;
- age: 1 on the day after the due date of the oldest of them, 4 from the ninetieth day on, evenly between;
- chance: how often somebody was reached there, times how often what was promised came; each counted with one success
  and one failure more, so that one call alone decides nothing and nobody's chance is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

OLD_DAYS = 90
"""From this age on a debt does not become more urgent."""
_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class CallCase:
    """What is known of a customer who is to be called. ``calls`` of the last twelve months."""

    contact_id: str
    name: str
    overdue: Mapping[str, Decimal]
    """What is asked for of it, by currency: not what is in dispute."""
    oldest_due_on: date
    calls: int = 0
    reached: int = 0
    promises: int = 0
    """Those of which it is known whether they were kept, with instalments."""
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A customer with what its place in the list was worked out from."""

    case: CallCase
    money: Decimal
    age: Decimal
    chance: Decimal

    @property
    def points(self) -> Decimal:
        """Without a unit, to two places; more is more urgent."""
        return (self.money * self.age * self.chance).quantize(_PLACES)


def in_order(cases: Iterable[CallCase], typical: Mapping[str, Decimal], today: date) -> list[Ranked]:
    """The calls with the most points first; of equals by the customer's id, so that the order is always the same.

    ``typical``: the middle overdue invoice of each currency of the book.
    """
    return sorted((_ranked(case, typical, today) for case in cases), key=place)


def place(ranked: Ranked) -> tuple[Decimal, str]:
    """By what calls are sorted: its place is behind those of which this is less."""
    return -ranked.points, ranked.case.contact_id


def _ranked(case: CallCase, typical: Mapping[str, Decimal], today: date) -> Ranked:
    money = sum((amount / typical[currency] for currency, amount in case.overdue.items()), Decimal(0))
    days = min(max((today - case.oldest_due_on).days, 0), OLD_DAYS)
    age = 1 + Decimal(3 * days) / OLD_DAYS
    return Ranked(case, money, age, _share(case.reached, case.calls) * _share(case.kept, case.promises))


def _share(successes: int, tries: int) -> Decimal:
    return Decimal(successes + 1) / (tries + 2)
