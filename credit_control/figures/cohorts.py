"""What each month's invoices bring: how much of what was billed in a month was settled by the end of it, of the next, and so on.

A cohort is everything that was billed in one calendar month; its age at a month's end is the number of months since (0 in
its own month). Settled is what was paid or credited, as in all figures. The mean of the past cohorts, each alike however
large it was, is applied to those that are still open (``collecting.cohort_forecast``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from credit_control.figures.books import Booked
from credit_control.figures.by_month import next_month
from credit_control.figures.collecting import cohort_forecast, cohort_shares

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cohort:
    """What was billed in one month, and what came of it."""

    month: date
    """Its first day."""
    billed: Decimal
    settled: tuple[Decimal, ...]
    """By the end of month 0, 1, 2… after billing, as far as these are over."""
    open: Decimal
    """What the ledger says is due of it now."""

    @property
    def by_now(self) -> Decimal:
        """What has been settled of it."""
        return self.billed - self.open

    @property
    def share_by_now(self) -> Fraction:
        """The same as a share of what was billed."""
        return Fraction(self.by_now) / Fraction(self.billed)

    @property
    def shares(self) -> list[Fraction]:
        """The same as ``settled``, as shares of what was billed."""
        return [Fraction(one) / Fraction(self.billed) for one in self.settled]


@dataclass(frozen=True, slots=True)
class Age:
    """What past cohorts had brought by the end of a month after billing, as shares."""

    mean: Fraction
    lowest: Fraction
    highest: Fraction
    cohorts: int
    """Of how many that have come so far."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is to come of the cohorts together; a month without anything is among them."""

    months: tuple[tuple[date, Fraction], ...]
    """From the rest of the running month on, as far as past cohorts reach."""
    rest: Fraction
    """What of the cohorts is open and comes later by the mean, or not at all."""


def cohorts(invoices: Iterable[Booked], running: date, most_age: int) -> list[Cohort]:
    """The cohorts of these invoices, the oldest first. ``running``: the first day of the month that is not over."""
    billed: dict[date, Decimal] = defaultdict(Decimal)
    left: dict[date, Decimal] = defaultdict(Decimal)
    moved: dict[date, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in invoices:
        month = one.issued_on.replace(day=1)
        billed[month] += one.total
        left[month] += one.left
        for each in one.settled:
            moved[month][each.on.replace(day=1)] += each.amount
    return [
        Cohort(month, billed[month], _by_age(moved[month], month, running, most_age), left[month])
        for month in sorted(billed)
        if billed[month] > 0 and month <= running
    ]


def ages(found: Sequence[Cohort]) -> list[Age]:
    """Age by age, what past cohorts had brought; of the oldest age at the end."""
    shares = [one.shares for one in found]
    made = []
    for age, mean in enumerate(cohort_shares(shares)):
        come = [one[age] for one in shares if len(one) > age]
        made.append(Age(mean, min(come), max(come), len(come)))
    return made


def ahead(found: Sequence[Cohort], running: date) -> Ahead:
    """What is still to come of all cohorts, by the mean of those of the past."""
    shares = cohort_shares([one.shares for one in found])
    coming: list[Fraction] = [Fraction(0)] * len(shares)
    for one in found:
        for place, amount in enumerate(of_one(one, running, shares)):
            coming[place] += amount
    months, month = [], running
    for amount in coming:
        months.append((month, amount))
        month = next_month(month)
    still = Fraction(sum((one.open for one in found), _NOTHING))
    return Ahead(tuple(months), still - sum(coming, Fraction(0)))


def of_one(one: Cohort, running: date, shares: Sequence[Fraction]) -> list[Fraction]:
    """What comes of one cohort in the rest of the running month, in the next month and so on.

    Its age is counted in months that are over, so that the first to come is the running month.
    """
    return cohort_forecast(one.billed, one.by_now, age_of(one.month, running) - 1, shares)


def age_of(month: date, running: date) -> int:
    """How many months before the running one it was."""
    return (running.year - month.year) * 12 + running.month - month.month


def _by_age(moved: dict[date, Decimal], month: date, running: date, most_age: int) -> tuple[Decimal, ...]:
    found: list[Decimal] = []
    come, end = _NOTHING, month
    while end < running and len(found) <= most_age:
        come += moved.get(end, _NOTHING)
        found.append(come)
        end = next_month(end)
    return tuple(found)
