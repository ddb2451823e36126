"""The part of a claim that falls into one period, so that what was charged before is not charged again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from credit_control.late_payment.accrual import Line, rounded
from credit_control.late_payment.claim import Claim
from credit_control.words import Count, Day, Money, decimals

_NOTHING = Decimal(0)
LESS_BEFORE = "less what was charged before"
"""How the one line of a period counts whose days are not worth the same, as with whole months."""


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
    left = rest(claim, since=since, interest_before=interest_before, compensation_before=compensation_before)
    if left is None:
        return None
    last = _last_day(left)
    lines = [
        ChargeLine(
            _words(line, number, claim.debt.currency), rounded(line.amount, decimals(claim.debt.currency))
        )
        for line in left.lines
    ]
    if left.compensation:
        fixed = f"Fixed sum for the late payment of {number}. {claim.rules.title}"
        lines.append(ChargeLine(fixed, left.compensation))
    return Charge(left.start, last, left.interest, left.compensation or _NOTHING, tuple(lines))


def rest(
    claim: Claim,
    *,
    since: date | None = None,
    interest_before: Decimal = _NOTHING,
    compensation_before: Decimal = _NOTHING,
) -> Claim | None:
    """The claim without what earlier periods have given, each line rounded; None where nothing is left of it.

    The parameters are those of ``charge``. It begins with the first day that no earlier period covers, and its lines
    add up to its interest: the last bears what rounding leaves over.
    """
    if not claim.days:
        return None
    first, last = max(since or claim.start, claim.start), _last_day(claim)
    if first > last:
        return None
    interest = max(claim.interest - interest_before, _NOTHING)
    compensation = max((claim.compensation or _NOTHING) - compensation_before, _NOTHING)
    if not interest + compensation:
        return None
    return replace(
        claim,
        start=first,
        days=(last - first).days + 1,
        lines=tuple(_shared_out(claim, first, last, interest)),
        interest=interest,
        compensation=None if claim.compensation is None else compensation,
    )


def _last_day(claim: Claim) -> date:
    return claim.start + timedelta(days=claim.days - 1)


def _shared_out(claim: Claim, first: date, last: date, interest: Decimal) -> Iterator[Line]:
    """The lines of the period, as long as something of the interest is left for them."""
    if not interest:
        return
    shown = _clipped(claim.lines, first, last)
    if not shown:
        whole = claim.lines[-1]
        yield Line(first, last, whole.principal, whole.percent, Fraction(interest), LESS_BEFORE)
        return
    places, told = decimals(claim.debt.currency), _NOTHING
    for line in shown[:-1]:
        amount = min(rounded(line.amount, places), interest - told)
        told += amount
        if amount:
            yield replace(line, amount=Fraction(amount))
    if interest - told:
        yield replace(shown[-1], amount=Fraction(interest - told))


def _clipped(lines: Sequence[Line], first: date, last: date) -> list[Line]:
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
        found.append(replace(line, first=begins, last=ends, amount=line.amount * days / line.days))
    return found


def _words(line: Line, number: str, currency: str) -> str:
    if line.how == LESS_BEFORE:
        return f"Interest on {number} up to {Day(line.last)}, {LESS_BEFORE}"
    how = line.how or Count(line.days, "day")
    return (
        f"Interest on {number}: {Money(line.principal, currency)} from {Day(line.first)} to {Day(line.last)},"
        f" {how} at {line.percent:f} % a year"
    )
