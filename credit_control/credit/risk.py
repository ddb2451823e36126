"""How risky it is to give a customer credit, in points from 0 to 100, and which category that is. Formula: docs/credit.md.

points = those of how it pays (or of its credit report, where too little was paid to say)
− 30 × share of what is open that is overdue
− 5 for each promise not kept in 365 days, at most 20
− 15 while more is owed than its limit
− 30 × (50 − score of the credit report) ÷ 50, for a score below 50
and never below 0. More points are less risk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from credit_control.credit.early_payment import Offer
from credit_control.credit.payment_terms import PaymentTerms

OVERDUE_POINTS = 30
BROKEN_POINTS, MOST_BROKEN_POINTS = 5, 20
EXCEEDED_POINTS = 15
REPORT_POINTS, REPORT_FAIR = 30, 50
MOST_POINTS = 100
_FEWEST = 2
"""Of one category everybody would be."""

UNRATED = "unrated"
"""The category of whom nothing can be said."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open of a customer's invoices in one currency, how much of it is overdue, and of how many invoices."""

    open: Fraction
    overdue: Fraction
    invoices: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the points are made of."""

    payer_points: Fraction | None
    """Of how it pays; None: too little was paid to say."""
    share_overdue: Fraction
    """Of what is open; over several currencies each counts by its number of open invoices."""
    broken: int
    """Promises and instalments of the last 365 days that were not kept."""
    exceeded: bool
    """More is owed than its limit, in at least one currency."""
    report: int | None
    """The score of the newest credit report, from 0 to 100; None: there is none."""


@dataclass(frozen=True, slots=True)
class Risk:
    """The points with what was taken off, part by part."""

    points: Fraction | None
    """None: nothing can be said yet."""
    base: Fraction | None
    overdue: Fraction
    broken: Fraction
    exceeded: Fraction
    report: Fraction
    inputs: Inputs


@dataclass(frozen=True, slots=True)
class Category:
    """A category as the organisation named it: customers with at least so many points, and fewer than the next better."""

    key: str
    """Stays the same when it gets another name."""
    name: str
    at_least: int
    watch: bool = False
    """Whoever comes to it is proposed for a watch."""
    schedule_id: str | None = None
    """Whoever comes to it is proposed for this schedule; None: schedules are left alone."""
    terms: PaymentTerms | None = None
    """Whoever comes to it is proposed for these payment terms; None: terms are left alone."""
    discount: Offer | None = None
    """The same of a discount for early payment."""


DEFAULTS = (
    Category("low", "Low", 75),
    Category("medium", "Medium", 50),
    Category("high", "High", 25),
    Category("very_high", "Very high", 0, watch=True),
)


def share_overdue(owed: Sequence[Owed]) -> Fraction:
    """How much of what is open is overdue; currencies are not added, each counts by its number of open invoices."""
    counted = [one for one in owed if one.open > 0]
    invoices = sum(one.invoices for one in counted)
    if not invoices:
        return Fraction(0)
    return sum((one.overdue / one.open * one.invoices for one in counted), Fraction(0)) / invoices


def judge(inputs: Inputs) -> Risk:
    """The points by the formula above."""
    by_report = inputs.payer_points is None
    base = inputs.payer_points
    if base is None and inputs.report is not None:
        base = Fraction(inputs.report)
    overdue = OVERDUE_POINTS * inputs.share_overdue
    broken = Fraction(min(BROKEN_POINTS * inputs.broken, MOST_BROKEN_POINTS))
    exceeded = Fraction(EXCEEDED_POINTS if inputs.exceeded else 0)
    short = 0 if inputs.report is None or by_report else max(REPORT_FAIR - inputs.report, 0)
    report = Fraction(REPORT_POINTS * short, REPORT_FAIR)
    points = None if base is None else max(base - overdue - broken - exceeded - report, Fraction(0))
    return Risk(points, base, overdue, broken, exceeded, report, inputs)


def category_of(points: Fraction | None, categories: Sequence[Category]) -> str:
    """The key of the category, the best first in ``categories`` and the last from 0; ``UNRATED`` without points."""
    if points is None:
        return UNRATED
    return next(one.key for one in categories if points >= one.at_least)


def problem_with(categories: Sequence[Category]) -> str | None:
    """What is wrong with a table of categories: ``few``, ``names``, ``order``, ``last``; None: nothing."""
    names = [one.name.strip().casefold() for one in categories]
    if len(categories) < _FEWEST:
        return "few"
    if not all(names) or len(set(names)) < len(names):
        return "names"
    bounds = [one.at_least for one in categories]
    if any(not 0 <= one <= MOST_POINTS for one in bounds) or any(
        better <= worse for better, worse in pairwise(bounds)
    ):
        return "order"
    return "last" if bounds[-1] != 0 else None
