"""One month's end of one currency from the movements that are kept: little enough to be had of many organisations at once.

The figures are those of the review of the month, by the same formulas.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from credit_control.figures import collecting, dso
from credit_control.figures.by_month import month_end, months_back
from credit_control.figures.dso import MonthSales
from credit_control.figures.figure import Figure, ratio
from credit_control.figures.flows import AT_RISK_AFTER
from credit_control.figures.words import NOTHING_PAID
from services.figures.monthly import YEAR_OF_MONTHS
from store.queries.figures import MonthOf

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """What was open, overdue, and more than 90 days overdue at the end of a month."""

    open: Decimal
    overdue: Decimal
    long_overdue: Decimal

    @property
    def not_due(self) -> Decimal:
        return self.open - self.overdue


class MonthEnds:
    """The months of one currency of one organisation."""

    def __init__(self, moved: Sequence[MonthOf]) -> None:
        self._moved: Mapping[date, MonthOf] = {one.month: one for one in moved}
        self._first = min((one.month for one in moved if one.sums["invoices"]), default=None)
        self._months = sorted(self._moved)
        self._stood = list(accumulate(map(_movement, (self._moved[month] for month in self._months)), _added))

    def knows(self, month: date) -> bool:
        """Whether something had been invoiced by the end of the month."""
        return self._first is not None and self._first <= month

    def standing(self, month: date) -> Standing:
        """How things stood at the end of the month."""
        place = bisect_right(self._months, month)
        return self._stood[place - 1] if place else Standing(_NOTHING, _NOTHING, _NOTHING)

    def dso(self, month: date) -> tuple[Figure, Figure]:
        """DSO by the invoices of twelve months up to the month's end, and the best possible."""
        stood, back = self.standing(month), months_back(month, YEAR_OF_MONTHS - 1)
        sales, days = self._sales_of_year(month), (month_end(month) - back).days + 1
        return dso.dso(stood.open, sales, days), dso.best_possible_dso(stood.not_due, sales, days)

    def countback(self, month: date) -> Figure:
        """DSO by countback."""
        history, each = [], month
        while self.knows(each):
            history.append(MonthSales(self._sales(each), month_end(each).day))
            each = months_back(each, 1)
        return dso.countback(self.standing(month).open, history)

    def cei(self, month: date) -> Figure:
        """Collection effectiveness of the twelve months up to the month's end."""
        opening, stood = self.standing(months_back(month, YEAR_OF_MONTHS)), self.standing(month)
        return collecting.cei(opening.open, self._sales_of_year(month), stood.open, stood.not_due)

    def days_late(self, month: date) -> tuple[Figure, Figure]:
        """Of what was paid in full in the month: each invoice alike, and weighted by amount."""
        own = self._moved.get(month)
        if own is None or not own.sums["paid_invoices"]:
            return Figure(None, "", unknown=NOTHING_PAID), Figure(None, "", unknown=NOTHING_PAID)
        sums = own.sums
        weighted = ratio(sums["amount_days_late"], sums["paid_amount"]) if sums["paid_amount"] else None
        return (
            Figure(Fraction(int(sums["days_late"]), int(sums["paid_invoices"])), ""),
            Figure(weighted, "", unknown=None if weighted is not None else NOTHING_PAID),
        )

    def at_risk(self, month: date) -> Figure:
        """Of the latest month all of whose invoices were 90 days past due at this month's end."""
        latest_due = month_end(month) - timedelta(AT_RISK_AFTER)
        for each in reversed(self._months[: bisect_right(self._months, month)]):
            one = self._moved[each]
            if one.last_due is not None and one.last_due <= latest_due:
                return collecting.at_risk(one.sums["sales"], one.sums["unpaid_at_90"])
        return collecting.at_risk(_NOTHING, _NOTHING)

    def _sales_of_year(self, month: date) -> Decimal:
        return _sum(self._sales(months_back(month, back)) for back in range(YEAR_OF_MONTHS))

    def _sales(self, month: date) -> Decimal:
        one = self._moved.get(month)
        return one.sums["sales"] if one else _NOTHING


def _movement(one: MonthOf) -> Standing:
    sums = one.sums
    return Standing(sums["sales"] - sums["settled"], sums["reach_1"], sums["reach_91"])


def _added(before: Standing, more: Standing) -> Standing:
    return Standing(
        before.open + more.open, before.overdue + more.overdue, before.long_overdue + more.long_overdue
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _NOTHING)
