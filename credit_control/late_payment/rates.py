"""Which yearly rate holds from when to when, and where it is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from credit_control.late_payment.facts import Choices
from credit_control.late_payment.law import (
    RateChanges,
    ReferenceRate,
    RuleSet,
    Version,
    half_year,
    next_half_year,
)

GIVEN = "given by you"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RateUsed:
    """A yearly rate (``percent``) from ``first`` to ``last``, both included.

    It is ``reference`` plus ``margin`` percentage points; a rate given whole has no reference.
    """

    first: date
    last: date
    percent: Decimal
    reference: ReferenceRate | None
    margin: Decimal
    source: str
    unverified: str = ""


def rates_over(
    first: date, last: date, rules: RuleSet, version: Version, choices: Choices
) -> tuple[RateUsed, ...]:
    """The rates of the days from ``first`` to ``last``, in order; ``MissingRate`` if one is not known."""
    if choices.yearly_rate is not None or rules.table is None:
        percent = choices.yearly_rate or Decimal(0)
        return (RateUsed(first, last, percent, None, Decimal(0), GIVEN),)
    splits = choices.split or rules.rate_changes is RateChanges.HALF_YEARLY
    spans = _half_years(first, last) if splits else iter([(first, last)])
    return tuple(_rate(*span, rules, version, choices) for span in spans)


def _half_years(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = min(last, next_half_year(first) - _DAY)
        yield first, end
        first = end + _DAY


def _rate(first: date, last: date, rules: RuleSet, version: Version, choices: Choices) -> RateUsed:
    assert rules.table is not None
    since = half_year(first)
    given = choices.references.get(since)
    row = rules.table.for_half_year(since) if given is None else ReferenceRate(since, given, GIVEN)
    percent = row.rate + version.margin
    return RateUsed(first, last, percent, row, version.margin, row.source, row.unverified)
