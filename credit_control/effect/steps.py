"""What came after each step of a schedule: of the invoices that got it, how many were paid, and within how many days.

That something came after a step does not say that it came by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from credit_control.effect.shares import OfCustomer, Share, share

SOON, LATER = 7, 14

Step = tuple[str, str]
"""A schedule's id, and the name of the step."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left about an invoice; those of an invoice follow each other in time."""

    invoice_id: str
    contact_id: str
    step: Step | None
    """None: it went along, or a step sent it that is not known any more."""
    on: date
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class After:
    """What came after one step."""

    reached: int
    """Invoices that got it."""
    soon: Share
    """Paid within seven days, of those that got it longer ago."""
    later: Share
    """Within fourteen days."""
    before_next: Share
    """Paid before the next message about them, of those that were paid or got one."""
    still_open: int
    """Neither paid, nor has another message left about them."""
    paid_already: int
    """The ledger dates their payment before the step left; they are in none of the shares."""


@dataclass(slots=True)
class _Tally:
    reached: int = 0
    still_open: int = 0
    paid_already: int = 0
    soon: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    later: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    next: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


def after_steps(messages: Iterable[Sent], today: date) -> dict[Step, After]:
    """Every step that left. An invoice that got one more than once counts from the first time."""
    tallies: dict[Step, _Tally] = defaultdict(_Tally)
    for _, group in groupby(messages, key=lambda one: one.invoice_id):
        own, seen = list(group), set[Step]()
        for at, one in enumerate(own):
            if one.step is None or one.step in seen:
                continue
            seen.add(one.step)
            _count(tallies[one.step], one, own[at + 1].on if at + 1 < len(own) else None, today)
    return {step: _after(tally) for step, tally in tallies.items()}


def _count(tally: _Tally, one: Sent, following: date | None, today: date) -> None:
    tally.reached += 1
    if one.paid_on and one.paid_on < one.on:
        tally.paid_already += 1
        return
    for days, kept in ((SOON, tally.soon), (LATER, tally.later)):
        end = one.on + timedelta(days=days)
        if end < today:
            _add(kept[one.contact_id], one.paid_on is not None and one.paid_on <= end)
    if one.paid_on and (following is None or one.paid_on <= following):
        _add(tally.next[one.contact_id], True)
    elif following:
        _add(tally.next[one.contact_id], False)
    else:
        tally.still_open += 1


def _add(kept: list[int], hit: bool) -> None:
    kept[0] += hit
    kept[1] += 1


def _after(tally: _Tally) -> After:
    soon, later, following = (
        share([OfCustomer(hits, count) for hits, count in kept.values()])
        for kept in (tally.soon, tally.later, tally.next)
    )
    return After(tally.reached, soon, later, following, tally.still_open, tally.paid_already)
