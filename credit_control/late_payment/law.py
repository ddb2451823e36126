"""What a rule set is: the law of one country, or of a contract, as dated data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from credit_control.late_payment.facts import LatePaymentError
from credit_control.words import Day

_JULY = 7


class Accrual(Enum):
    """Simple interest, or interest that joins the principal after every 30 days."""

    SIMPLE = "simple"
    COMPOUND = "compound"


class RateChanges(Enum):
    """Whether the rate of the first day holds for good, or each half-year has its own."""

    NEVER = "never"
    HALF_YEARLY = "half-yearly"


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """A reference rate (percent) of the half-year that begins on ``since``; ``unverified`` says what is doubtful."""

    since: date
    rate: Decimal
    source: str
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class RateTable:
    """A bank's reference rates, one row a half-year; ``file`` is where a row is added."""

    name: str
    file: str
    rows: tuple[ReferenceRate, ...]

    def for_half_year(self, since: date) -> ReferenceRate:
        """The rate of the half-year that begins on ``since``; ``MissingRate`` when there is no row for it."""
        for row in self.rows:
            if row.since == since:
                return row
        raise MissingRate(self, since)


class MissingRate(LatePaymentError):
    """A rate is needed that the table does not hold. It is never guessed."""

    def __init__(self, table: RateTable, since: date) -> None:
        super().__init__(
            f"The {table.name} for the half-year from {Day(since)} is not known:"
            f" add it to {table.file} with its source, or give it as the reference rate of {since}."
        )


@dataclass(frozen=True, slots=True)
class TermLimit:
    """How long an agreed term may be, in days; ``if_fair`` holds when a longer one is fair (None: any length)."""

    days: int
    if_fair: int | None


@dataclass(frozen=True, slots=True)
class Band:
    """The fixed compensation for debts smaller than ``below`` (None: of any size), in the law's currency."""

    below: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Version:
    """How the law stands for contracts made from ``since`` on; ``margin`` is in percentage points."""

    since: date
    source: str
    margin: Decimal
    business: TermLimit | None
    public_authority: TermLimit | None
    compensation: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The law of one place.

    ``days_without_agreement`` is the period where no payment day was agreed (None: one must be), and
    ``first_day_counts`` says whether a period begins with its first day or after it.
    ``longest_days`` is for how many days interest runs at most.
    """

    id: str
    title: str
    currency: str | None
    accrual: Accrual
    days_in_year: int
    rate_changes: RateChanges
    may_split: bool
    days_without_agreement: int | None
    first_day_counts: bool
    waits_for_performance: bool
    longest_days: int | None
    table: RateTable | None
    versions: tuple[Version, ...]
    notes: tuple[str, ...]
    unverified: str = ""

    def version_on(self, day: date) -> Version:
        """How the law stood for a contract of ``day``; ``LatePaymentError`` before its first version."""
        standing = [version for version in self.versions if version.since <= day]
        if not standing:
            raise LatePaymentError(
                f"The rules “{self.title}” hold for contracts from {Day(self.versions[0].since)} on,"
                f" and this one is of {Day(day)}: they cannot be used."
            )
        return standing[-1]


def half_year(day: date) -> date:
    """The 1 January or 1 July with which the half-year of ``day`` begins."""
    return date(day.year, _JULY if day.month >= _JULY else 1, 1)


def next_half_year(day: date) -> date:
    """The 1 January or 1 July after ``day``."""
    begun = half_year(day)
    return date(day.year, _JULY, 1) if begun.month == 1 else date(day.year + 1, 1, 1)
