"""In which order a morning's work is shown: what stands still first, then what is late; within that, by money.

The place of a line is its urgency, and among lines of the same urgency its points: what is overdue at the customer and
asked for, measured in typical overdue invoices of its currency (the middle one of the book), so that no amounts of
different currencies are ever added. Of equal points the one that was due first comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

_PLACES = Decimal("0.01")


class Urgency(IntEnum):
    """The first of these comes first."""

    STOPPED = 0
    """Nothing leaves until somebody sees to it."""
    LATE = 1
    """It should have been seen to before today."""
    TODAY = 2
    LATER = 3


class Sort(StrEnum):
    """What a line asks for: one for each tile, and the tasks that are none of these."""

    APPROVE = "approve"
    REPLY = "reply"
    PROMISE = "promise"
    CALL = "call"
    PROBLEM = "problem"
    TASK = "task"
    LETTER = "letter"
    """A step of a schedule: something to be posted."""
    REVIEW = "review"
    """A step of a schedule: a person looks at the account before it goes on."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to be done. ``overdue``: what is overdue at the customer and asked for, by currency."""

    sort: Sort
    key: str
    """Of what it is about: the id of the message, reply, task, customer; or the name of a problem."""
    what: str
    """In words."""
    urgency: Urgency
    due_on: date
    contact_id: str | None = None
    contact_name: str = ""
    owner_id: str | None = None
    """Who sees to it; None: whoever comes first."""
    overdue: Mapping[str, Decimal] = field(default_factory=dict)
    ready: bool = False
    """One click is enough, because what it seems to be can be taken as it stands."""
    on_its_page: bool = False
    """It is about a message, and decided on the page of that message; ``key`` is its id."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with the points by which it stands where it does."""

    ask: Ask
    points: Decimal
    """Without a unit, to two places; more is more urgent."""


def urgency_of(due_on: date, today: date) -> Urgency:
    """How urgent something is that was to be done by a day."""
    if due_on < today:
        return Urgency.LATE
    return Urgency.TODAY if due_on == today else Urgency.LATER


def in_order(asks: Iterable[Ask], typical: Mapping[str, Decimal]) -> list[Placed]:
    """The lines, first things first. ``typical``: the middle overdue invoice of each currency of the book."""
    return sorted((_placed(ask, typical) for ask in asks), key=_place)


def _placed(ask: Ask, typical: Mapping[str, Decimal]) -> Placed:
    points = sum((amount / typical[currency] for currency, amount in ask.overdue.items()), Decimal(0))
    return Placed(ask, points.quantize(_PLACES))


def _place(placed: Placed) -> tuple[int, Decimal, date, str, str]:
    ask = placed.ask
    return ask.urgency, -placed.points, ask.due_on, ask.sort, ask.key
