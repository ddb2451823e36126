"""The part that an invoice has in each balance: what of it was open, overdue, invoiced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from credit_control.ageing import BUCKETS, bucket_of
from credit_control.figures.books import Booked
from credit_control.figures.lateness import overdue_by
from services.figures.kpis import Known

_NOTHING: Final = Decimal(0)
_LONG: Final = 91
_Part = Callable[[Known, Booked], Decimal]


def _open(known: Known, one: Booked) -> Decimal:
    return known.left(one, known.period.last)


def _not_due(known: Known, one: Booked) -> Decimal:
    return _open(known, one) if one.due_on >= known.period.last else _NOTHING


def _overdue(known: Known, one: Booked) -> Decimal:
    return _open(known, one) - _not_due(known, one)


def _long_overdue(known: Known, one: Booked) -> Decimal:
    return _open(known, one) if overdue_by(one.due_on, known.period.last) >= _LONG else _NOTHING


def _sales(known: Known, one: Booked) -> Decimal:
    return one.total if known.period.holds(one.issued_on) else _NOTHING


def _opening(known: Known, one: Booked) -> Decimal:
    return one.open_at(known.period.eve)


def _in_bucket(place: int) -> _Part:
    def part(known: Known, one: Booked) -> Decimal:
        return (
            _open(known, one) if bucket_of(overdue_by(one.due_on, known.period.last)) == place else _NOTHING
        )

    return part


PART: Final[Mapping[str, _Part]] = {
    "opening": _opening,
    "sales": _sales,
    "open": _open,
    "not_due": _not_due,
    "overdue": _overdue,
    "long_overdue": _long_overdue,
    **{name: _in_bucket(place) for place, name in enumerate(BUCKETS)},
}
