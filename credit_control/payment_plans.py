"""Payment plans: whether instalments make sense, and what became of each. Payments count onto them in their order.

An instalment is a promise of everything up to it by its day, so the rule for promises judges it: whoever pays ahead is
ahead, and a missing part of the first is missing of the second as well.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from itertools import pairwise

from credit_control.promises import Covered, PromiseState, come, judge, up_to
from credit_control.words import Count, Day, Money, decimals


class PlanState(StrEnum):
    """Where a plan stands."""

    PROPOSED = "proposed"
    RUNNING = "running"
    MISSED = "missed"
    """An instalment did not come; a person decides how it goes on, and until then nobody is chased."""
    BROKEN = "broken"
    """An instalment did not come, and chasing goes on."""
    KEPT = "kept"
    ENDED = "ended"
    CHANGED = "changed"
    DECLINED = "declined"


class InstalmentState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    MISSED = "missed"
    LATE = "late"
    """It did not come by its day, but it has come since."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part that is paid by a day."""

    on: date
    amount: Decimal


class Rhythm(StrEnum):
    """How often an instalment is paid."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


def spread(owed: Decimal, currency: str, count: int, first: date, rhythm: Rhythm) -> list[Instalment]:
    """What is owed in so many equal instalments; the last takes what does not divide."""
    unit = Decimal(1).scaleb(-decimals(currency))
    each = (owed / count).quantize(unit, ROUND_DOWN)
    amounts = [each] * (count - 1) + [owed - each * (count - 1)]
    return [Instalment(_later(first, number, rhythm), amount) for number, amount in enumerate(amounts)]


def _later(first: date, number: int, rhythm: Rhythm) -> date:
    """So many times the rhythm after the first day; in a shorter month its last day."""
    if rhythm is not Rhythm.MONTHLY:
        return first + timedelta(weeks=number * (2 if rhythm is Rhythm.FORTNIGHTLY else 1))
    years, month = divmod(first.month - 1 + number, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a customer may propose."""

    most_instalments: int = 6
    longest_days: int = 180
    least_percent: int = 10
    """Of the whole, that each instalment has at least."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An instalment as it stands: ``paid`` is what has come in time for it and all before it."""

    state: InstalmentState
    paid: Decimal


def fault(instalments: Sequence[Instalment], currency: str, owed: Decimal, today: date) -> str | None:
    """Why these instalments are no plan for what is owed, as a sentence; None: they are one."""
    if len(instalments) < 2:
        return "A plan has at least two instalments; one alone is a promise."
    if any(one.amount <= 0 for one in instalments):
        return "Each instalment must be more than nothing."
    if any(round(one.amount, decimals(currency)) != one.amount for one in instalments):
        return f"An instalment has more decimals than {currency} has."
    if instalments[0].on < today:
        return "The day of the first instalment is over already."
    if any(later.on <= sooner.on for sooner, later in pairwise(instalments)):
        return "Each instalment must be later than the one before it."
    total = sum((one.amount for one in instalments), Decimal(0))
    if total != owed:
        return (
            f"The instalments come to {Money(total, currency)}, and {Money(owed, currency)} is open and not in dispute"
            " on the invoices; make them the same, or choose other invoices."
        )
    return None


def out_of_bounds(instalments: Sequence[Instalment], bounds: Bounds, today: date) -> str | None:
    """Why a customer may not propose this, as a sentence; None: it may."""
    if len(instalments) > bounds.most_instalments:
        return f"No more than {Count(bounds.most_instalments, 'instalment')} can be proposed."
    if (instalments[-1].on - today).days > bounds.longest_days:
        return f"The last instalment can be at most {Count(bounds.longest_days, 'day')} away."
    total = sum((one.amount for one in instalments), Decimal(0))
    if any(one.amount * 100 < total * bounds.least_percent for one in instalments):
        return f"Each instalment must be at least {bounds.least_percent} % of the whole."
    return None


def judge_instalments(
    instalments: Sequence[tuple[Instalment, date, Decimal]],
    currency: str,
    covered: Sequence[Covered],
    today: date,
) -> list[Judged]:
    """Each as it stands today, given with its last day of grace and what had come when this was last asked.

    What its invoices owed beyond the plan was in dispute when it was agreed, so it is no part of it.
    """
    found: list[Judged] = []
    so_far = Decimal(0)
    apart = left_out([instalment for instalment, _, _ in instalments], covered)
    for instalment, last_day, seen in instalments:
        so_far += instalment.amount
        one = judge(so_far, currency, covered, last_day, today, seen, apart)
        whenever = judge(so_far, currency, covered, last_day, last_day, seen, apart)
        not_in_time = InstalmentState.MISSED if whenever.missing else InstalmentState.LATE
        state = {
            PromiseState.OPEN: InstalmentState.OPEN,
            PromiseState.KEPT: InstalmentState.KEPT,
            PromiseState.WITHDRAWN: InstalmentState.KEPT,
        }.get(one.state, not_in_time)
        found.append(Judged(state, one.paid))
    return found


def left_out(instalments: Sequence[Instalment], covered: Sequence[Covered]) -> Decimal:
    """What of the invoices was in dispute when the plan was agreed."""
    owed = sum((one.due_then for one in covered), Decimal(0))
    return max(owed - sum((one.amount for one in instalments), Decimal(0)), Decimal(0))


def still_to_come(instalments: Sequence[Instalment], number: int, covered: Sequence[Covered]) -> Decimal:
    """How much of this instalment (from 1) is to come yet, with all before it: nobody is asked for what is in dispute by now."""
    owed = [one for one in covered if not one.gone]
    target = up_to(sum((one.amount for one in instalments[:number]), Decimal(0)), owed)
    left = target - come(owed, left_out(instalments, covered))
    return min(max(left, Decimal(0)), instalments[number - 1].amount)


def in_words(instalments: Sequence[Instalment], currency: str) -> str:
    """``GBP 100.00 by 1 December 2026, GBP 50.00 by 1 January 2027``"""
    return ", ".join(f"{Money(one.amount, currency)} by {Day(one.on)}" for one in instalments)
