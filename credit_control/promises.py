"""What became of a promise: how much of it came by its day, by what the ledger says of its invoices.

What an invoice owed when the promise was made is compared with what it owes now, so a payment counts however it came:
as money, as a credit note, entered on the day or later. Once the day of grace is over only what is dated in time
still counts on top of what had been seen by then. Nobody breaks his word by not paying what is in dispute, and the
credit that ends a dispute pays nothing of a promise which had left that sum out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

_NOTHING = Decimal(0)


class PromiseState(StrEnum):
    """Where a promise stands."""

    OPEN = "open"
    KEPT = "kept"
    PART_KEPT = "part_kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


JUDGED = frozenset({PromiseState.KEPT, PromiseState.PART_KEPT, PromiseState.BROKEN})
"""These count for how often a customer keeps its word."""


@dataclass(frozen=True, slots=True)
class Covered:
    """An invoice that a promise is about, when it was made and now."""

    currency: str
    due_then: Decimal
    paid_then: Decimal
    """The payments that were known when the promise was made."""
    due_now: Decimal
    gone: bool = False
    """Voided or deleted: nobody owes it any more."""
    paid_in_full_on: date | None = None
    payments: tuple[tuple[date, Decimal], ...] = ()
    """All that are known now, with their days."""
    rests: Decimal = _NOTHING
    """What of it is in dispute now."""
    credited: Decimal = _NOTHING
    """What was credited since."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How much came in time, and what that makes of the promise."""

    state: PromiseState
    paid: Decimal
    missing: Decimal


def judge(
    amount: Decimal,
    currency: str,
    covered: Sequence[Covered],
    last_day: date,
    today: date,
    seen: Decimal,
    apart: Decimal = _NOTHING,
) -> Judgement:
    """The promise of ``amount`` on these invoices as it stands today; ``last_day`` is its last day of grace.

    ``seen`` is how much had come when this was last asked; ``apart`` what was in dispute when it was made, and so is no
    part of it. Invoices in another currency do not count.
    """
    owed = [one for one in covered if one.currency == currency and not one.gone]
    target = up_to(amount, owed)
    if target <= 0:
        waits = owed and today <= last_day
        return Judgement(PromiseState.OPEN if waits else PromiseState.WITHDRAWN, _NOTHING, _NOTHING)
    less = come(owed, apart)
    if today <= last_day:
        paid = less
    else:
        dated = sum((_dated_in_time(one, last_day) for one in owed), _NOTHING)
        paid = min(less, max(seen, dated))
    missing = max(target - paid, _NOTHING)
    if not missing:
        return Judgement(PromiseState.KEPT, paid, missing)
    if today <= last_day:
        return Judgement(PromiseState.OPEN, paid, missing)
    return Judgement(PromiseState.PART_KEPT if paid else PromiseState.BROKEN, paid, missing)


def up_to(amount: Decimal, owed: Sequence[Covered]) -> Decimal:
    """How much of an amount is to come: not what is in dispute."""
    return min(amount, sum((one.due_then - one.rests for one in owed), _NOTHING))


def come(owed: Sequence[Covered], apart: Decimal = _NOTHING) -> Decimal:
    """By how much less is owed, without the credits that ended what was in dispute (``apart``) when it was promised."""
    less = sum((_less(one) for one in owed), _NOTHING)
    credited = sum((min(one.credited, _less(one)) for one in owed), _NOTHING)
    ended = apart - sum((one.rests for one in owed), _NOTHING)
    return less - max(min(ended, credited), _NOTHING)


def _less(one: Covered) -> Decimal:
    """By how much less is owed now."""
    return max(one.due_then - one.due_now, _NOTHING)


def _dated_in_time(one: Covered, last_day: date) -> Decimal:
    if one.paid_in_full_on and one.paid_in_full_on <= last_day:
        return _less(one)
    dated = sum((amount for on, amount in one.payments if on <= last_day), _NOTHING)
    return min(max(dated - one.paid_then, _NOTHING), _less(one))


@dataclass(frozen=True, slots=True)
class KeptRate:
    """How often a customer has kept its word: of so many promises that are judged, so many in full."""

    kept: int
    judged: int

    @property
    def percent(self) -> int | None:
        """Whole percent; None where nothing is judged yet."""
        return round(100 * self.kept / self.judged) if self.judged else None

    @property
    def text(self) -> str:
        """Never a percentage without its count: ``kept 3 of 4 promises (75 %)``."""
        if not self.judged:
            return "no promise has come to its day yet"
        noun = "promise" if self.judged == 1 else "promises"
        return f"kept {self.kept} of {self.judged} {noun} ({self.percent} %)"
