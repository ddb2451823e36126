"""Good, average or poor: how somebody has paid in the last twelve months, by limits that anybody can check.

The word follows two figures: the days late, weighted by amount, and the share of invoices that were paid by their
due date. Points from 0 to 100 put customers of the same word in an order. The formula with an example worked out by
hand is in docs/payers.md; a change here is a change there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from credit_control.payer.facts import Settled

WINDOW = timedelta(days=365)
HALF = timedelta(days=182)
FEWEST = 3
"""With fewer settled invoices nothing is said."""
GOOD_DAYS, GOOD_SHARE, AVERAGE_DAYS = 5, Fraction(4, 5), 20

_LATE_POINTS, _NO_POINTS_FROM = 50, 40
_ON_TIME_POINTS = 30
_TREND_POINTS, _TREND_DAYS = 10, 20
_PROMISE_POINTS = 10


class Rating(StrEnum):
    """How a customer pays."""

    NEW = "new"
    GOOD = "good"
    AVERAGE = "average"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a rating is made of. ``invoices`` were paid in full within the year that ends with ``on``."""

    on: date
    invoices: int
    weighted_days_late: Fraction | None
    """By amount within a currency; over several currencies, each counts by its number of invoices."""
    on_time: int
    """Paid on the due date or before."""
    lately: int
    """Of the invoices, those of the last 182 days …"""
    days_lately: Fraction | None
    """… with their mean days late (each invoice counts the same) …"""
    days_before: Fraction | None
    """… and that of the others."""
    promises_kept: int
    promises_judged: int

    @property
    def since(self) -> date:
        """The first day that is looked at."""
        return self.on - WINDOW + timedelta(days=1)

    @property
    def share_on_time(self) -> Fraction | None:
        return Fraction(self.on_time, self.invoices) if self.invoices else None

    @property
    def trend(self) -> Fraction | None:
        """By how many days it pays later than before (negative: sooner); None: fewer than three invoices in a half."""
        known = min(self.lately, self.invoices - self.lately) >= FEWEST
        if not known or self.days_lately is None or self.days_before is None:
            return None
        return self.days_lately - self.days_before


@dataclass(frozen=True, slots=True)
class Points:
    """Where the points come from."""

    late: Fraction
    on_time: Fraction
    trend: Fraction
    promises: Fraction

    @property
    def total(self) -> Fraction:
        return self.late + self.on_time + self.trend + self.promises


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating with all that it is made of."""

    rating: Rating
    points: Points | None
    """None: too few invoices to say anything."""
    inputs: Inputs


def rate(settled: Iterable[Settled], on: date, promises_kept: int = 0, promises_judged: int = 0) -> Rated:
    """Rate by the invoices settled in the 365 days that end with ``on``; others are left out."""
    inputs = _inputs(
        [one for one in settled if on - WINDOW < one.settled_on <= on], on, promises_kept, promises_judged
    )
    if inputs.invoices < FEWEST:
        return Rated(Rating.NEW, None, inputs)
    return Rated(_word(inputs), _points(inputs), inputs)


def weighted_days_late(settled: Sequence[Settled]) -> Fraction | None:
    """Days late weighted by amount; no currency is added to another, each has the weight of its number of invoices.

    Where the amounts of a currency add up to nothing, its invoices count the same.
    """
    by_currency: dict[str, list[Settled]] = defaultdict(list)
    for one in settled:
        by_currency[one.currency].append(one)
    if not by_currency:
        return None
    return sum((_within(some) * len(some) for some in by_currency.values()), Fraction(0)) / len(settled)


def _within(settled: Sequence[Settled]) -> Fraction:
    whole = sum(one.amount for one in settled)
    if whole <= 0:
        return mean_days_late(settled) or Fraction(0)
    return Fraction(sum(one.amount * one.days_late for one in settled)) / Fraction(whole)


def mean_days_late(settled: Sequence[Settled]) -> Fraction | None:
    """Days late where each invoice counts the same."""
    return Fraction(sum(one.days_late for one in settled), len(settled)) if settled else None


def _inputs(settled: Sequence[Settled], on: date, kept: int, judged: int) -> Inputs:
    lately = [one for one in settled if one.settled_on > on - HALF]
    before = [one for one in settled if one.settled_on <= on - HALF]
    return Inputs(
        on,
        len(settled),
        weighted_days_late(settled),
        sum(one.days_late <= 0 for one in settled),
        len(lately),
        mean_days_late(lately),
        mean_days_late(before),
        kept,
        judged,
    )


def _word(inputs: Inputs) -> Rating:
    late, share = inputs.weighted_days_late or Fraction(0), inputs.share_on_time or Fraction(0)
    if late <= GOOD_DAYS and share >= GOOD_SHARE:
        return Rating.GOOD
    return Rating.AVERAGE if late <= AVERAGE_DAYS else Rating.POOR


def _points(inputs: Inputs) -> Points:
    late, share = inputs.weighted_days_late or Fraction(0), inputs.share_on_time or Fraction(0)
    trend = min(max(inputs.trend or Fraction(0), Fraction(-_TREND_DAYS)), Fraction(_TREND_DAYS))
    kept = Fraction(inputs.promises_kept, inputs.promises_judged) if inputs.promises_judged else Fraction(1)
    return Points(
        late=_LATE_POINTS * (1 - min(max(late, Fraction(0)), Fraction(_NO_POINTS_FROM)) / _NO_POINTS_FROM),
        on_time=_ON_TIME_POINTS * share,
        trend=Fraction(_TREND_POINTS, 2) * (1 - trend / _TREND_DAYS),
        promises=_PROMISE_POINTS * kept,
    )


@dataclass(frozen=True, slots=True)
class MonthOfTrend:
    """A month of a year's trend: the invoices settled in it, and the rating as it was on its last day, or is today."""

    first: date
    invoices: int
    weighted_days_late: Fraction | None
    on_time: int
    rated: Rated

    @property
    def share_on_time(self) -> Fraction | None:
        return Fraction(self.on_time, self.invoices) if self.invoices else None


def trend(settled: Sequence[Settled], today: date, months: int = 12) -> list[MonthOfTrend]:
    """Month by month, the running one last. Promises are not in it: a past month's rating is by invoices alone."""
    found: list[MonthOfTrend] = []
    first, last = today.replace(day=1), today
    for _ in range(months):
        within = [one for one in settled if first <= one.settled_on <= last]
        found.append(
            MonthOfTrend(
                first,
                len(within),
                weighted_days_late(within),
                sum(one.days_late <= 0 for one in within),
                rate(settled, last),
            )
        )
        last = first - timedelta(days=1)
        first = last.replace(day=1)
    return found[::-1]
