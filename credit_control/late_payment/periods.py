"""The part of a claim that falls into one period, so that what was charged before is not charged again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from credit_control.late_payment.accrual import Line, rounded
from credit_control.late_payment.claim import Claim
from credit_control.words import Day, Money, decimals

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One line of a charge: how it comes about, and its amount."""

    description: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Charge:
    """What may be charged from ``first`` to ``last``, both included. The lines add up to the total."""

    first: date
    last: date
    interest: Decimal
    compensation: Decimal
    lines: tuple[ChargeLine, ...]

    @property
    def total(self) -> Decimal:
        return self.interest + self.compensation


def charge(
    claim: Claim,
    number: str,
    *,
    since: date | None = None,
    interest_before: Decimal = _NOTHING,
    compensation_before: Decimal = _NOTHING,
) -> Charge | None:
    """What the claim gives beyond what earlier periods have given; None where that is nothing.

    ``since`` is the first day that no earlier period covers (None: there was none), and ``interest_before`` with
    ``compensation_before`` are the sums of those periods. However the days are cut into periods, and whatever was
    paid or known later, all charges together are never more than the claim of their last day.
    ``number`` is the invoice's, for the descriptions.
    """
    if not claim.days:
        return None
    first = max(since or claim.start, claim.start)
    last = claim.start.fromordinal(claim.start.toordinal() + claim.days - 1)
    if first > last:
        return None
    interest = max(claim.interest - interest_before, _NOTHING)
    compensation = max((claim.compensation or _NOTHING) - compensation_before, _NOTHING)
    if not interest + compensation:
        return None
    lines = [*_interest_lines(claim, number, first, last, interest)]
    if compensation:
        lines.append(
            ChargeLine(f"Fixed sum for the late payment of {number}. {claim.rules.title}", compensation)
        )
    return Charge(first, last, interest, compensation, tuple(lines))


def _interest_lines(
    claim: Claim, number: str, first: date, last: date, interest: Decimal
) -> Iterator[ChargeLine]:
    """The working of the period. What rounding leaves over stands in the last line."""
    if not interest:
        return
    shown = _clipped(claim.lines, first, last)
    if not shown:
        yield ChargeLine(f"Interest on {number} up to {Day(last)}, less what was charged before", interest)
        return
    places, told = decimals(claim.debt.currency), _NOTHING
    for line, exact in shown[:-1]:
        amount = min(rounded(exact, places), interest - told)
        told += amount
        if amount:
            yield ChargeLine(_words(line, number, claim.debt.currency), amount)
    if interest - told:
        yield ChargeLine(_words(shown[-1][0], number, claim.debt.currency), interest - told)


def _clipped(lines: Sequence[Line], first: date, last: date) -> list[tuple[Line, Fraction]]:
    """The lines within the period, each day of a line being worth the same; empty where that cannot be said."""
    found = []
    for line in lines:
        begins, ends = max(line.first, first), min(line.last, last)
        if begins > ends:
            continue
        whole = (begins, ends) == (line.first, line.last)
        if line.how and not whole:
            return []
        days = (ends - begins).days + 1
        part = Line(begins, ends, line.principal, line.percent, line.amount * days / line.days, line.how)
        found.append((part, part.amount))
    return found


def _words(line: Line, number: str, currency: str) -> str:
    how = line.how or (f"{line.days} days" if line.days > 1 else "1 day")
    return (
        f"Interest on {number}: {Money(line.principal, currency)} from {Day(line.first)} to {Day(line.last)},"
        f" {how} at {line.percent:f} % a year"
    )
