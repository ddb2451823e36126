"""The working of a late-payment claim as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from credit_control.late_payment.accrual import Line, rounded
from credit_control.late_payment.claim import Claim
from credit_control.late_payment.rates import RateUsed
from credit_control.words import Count, Day, Money
from services.late_payment_json import percent

_LINE_DECIMALS = 4
"""Lines show more than pence, so that a reader can add them up and meet the total."""
_LABEL = 15


def claim_as_text(claim: Claim) -> str:
    """Title, dates, rates, one line a stretch, sums, and what else is to be known."""
    return "\n".join([claim.rules.title, "", *_about(claim), *_working(claim), *_sums(claim), *_notes(claim)])


def _about(claim: Claim) -> Iterator[str]:
    debt = claim.debt
    yield _row("Debt", Money(debt.amount, debt.currency))
    yield from (
        _row("Part payment", f"{Money(paid.amount, debt.currency)} on {Day(paid.on)}")
        for paid in debt.payments
    )
    yield _row("Last day to pay", Day(claim.relevant_day))
    if claim.lines:
        yield _row("Interest from", f"{Day(claim.start)}, for {Count(claim.days, 'day')}")
    yield from (_row("Rate", _rate(rate)) for rate in claim.rates)


def _rate(rate: RateUsed) -> str:
    doubt = " (not verified)" if rate.unverified else ""
    if rate.reference is None:
        return f"{percent(rate.percent)} % a year, {rate.source}{doubt}"
    parts = f"{percent(rate.reference.rate)} + {percent(rate.margin)}"
    since = f"from {Day(rate.first)}"
    return f"{percent(rate.percent)} % a year {since}: {parts}; {rate.source}{doubt}"


def _working(claim: Claim) -> list[str]:
    rows = [_cells(line, claim.debt.currency) for line in claim.lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return ["", *(f"  {line}" for line in lines)] if lines else []


def _cells(line: Line, currency: str) -> list[str]:
    return [
        f"{Day(line.first)} – {Day(line.last)}",
        line.how or str(Count(line.days, "day")),
        f"on {Money(line.principal, currency)}",
        f"at {percent(line.percent)} %",
        f"{rounded(line.amount, _LINE_DECIMALS):,f}",
    ]


def _sums(claim: Claim) -> Iterator[str]:
    currency = claim.debt.currency
    yield ""
    yield _row("Interest", Money(claim.interest, currency))
    if claim.compensation is not None:
        yield _row("Compensation", Money(claim.compensation, currency))
    yield _row("Total", Money(claim.total, currency))
    if claim.per_day is not None:
        yield _row("One day more", f"{currency} {claim.per_day:,f}")


def _notes(claim: Claim) -> Iterator[str]:
    if claim.notes:
        yield ""
    yield from (f"· {note}" for note in claim.notes)


def _row(label: str, value: object) -> str:
    return f"{label:<{_LABEL}}  {value}"
