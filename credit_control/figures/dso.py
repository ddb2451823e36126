"""Days sales outstanding, by the two methods, the best that could be reached, and the difference.

Simple: the receivable in days of an even year of sales [CreditGuru, Upflow's library]. Countback (exhaustion): how many
days of the latest sales are still unpaid, month by month back. Average days delinquent is what is above the best
possible; both are worked out by the same method, so it is never below nought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from credit_control.figures.figure import Figure, Input, ratio
from credit_control.figures.words import (
    ADD,
    ADD_COUNTBACK,
    BEST,
    BEST_COUNTBACK,
    COUNTBACK,
    DSO,
    MORE_THAN,
    NOTHING_SOLD,
)


@dataclass(frozen=True, slots=True)
class MonthSales:
    """What was invoiced in a month, and how many days of it have passed."""

    sales: Decimal
    days: int


def dso(receivable: Decimal, sales: Decimal, days: int) -> Figure:
    """Simple DSO, in days."""
    return _simple(DSO, "open", receivable, sales, days)


def best_possible_dso(current: Decimal, sales: Decimal, days: int) -> Figure:
    """What DSO would be if nothing were overdue, in days."""
    return _simple(BEST, "not_due", current, sales, days)


def _simple(formula: str, name: str, amount: Decimal, sales: Decimal, days: int) -> Figure:
    inputs: dict[str, Input] = {name: amount, "sales": sales, "days": days}
    if not sales:
        return Figure(None, formula, inputs, NOTHING_SOLD)
    return Figure(ratio(amount, sales) * days, formula, inputs)


def countback(receivable: Decimal, months: Sequence[MonthSales]) -> Figure:
    """Countback DSO in days; ``months`` back from the running one, as far as there are invoices."""
    return _countback(COUNTBACK, "open", receivable, months)


def best_countback(current: Decimal, months: Sequence[MonthSales]) -> Figure:
    """Countback of what is not yet due, in days."""
    return _countback(BEST_COUNTBACK, "not_due", current, months)


def _countback(formula: str, name: str, amount: Decimal, months: Sequence[MonthSales]) -> Figure:
    """Whole months while the rest is not smaller than a month's sales; one without sales counts all its days."""
    rest, days = amount, 0
    inputs: dict[str, Input] = {name: amount}
    if amount <= 0:
        return Figure(Fraction(0), formula, inputs | {"months": 0, "rest": max(amount, Decimal(0))})
    for place, month in enumerate(months):
        if rest < month.sales:
            inputs |= {"months": place, "whole_days": days, "rest": rest}
            inputs |= {"sales_of_last": month.sales, "days_of_last": month.days}
            return Figure(days + ratio(rest, month.sales) * month.days, formula, inputs)
        rest -= month.sales
        days += month.days
        if not rest:
            return Figure(Fraction(days), formula, inputs | {"months": place + 1, "rest": rest})
    inputs |= {"months": len(months), "whole_days": days, "rest": rest}
    return Figure(None, formula, inputs, MORE_THAN, at_least=days)


def delinquent(whole: Figure, best: Figure, *, by_countback: bool = False) -> Figure:
    """Average days delinquent, in days, of two figures by the same method."""
    formula = ADD_COUNTBACK if by_countback else ADD
    if whole.value is None or best.value is None:
        lacking = whole if whole.value is None else best
        return Figure(None, formula, {}, lacking.unknown, lacking.at_least)
    return Figure(whole.value - best.value, formula, {"dso": whole.value, "best_possible": best.value})
