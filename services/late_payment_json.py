"""A late-payment claim as JSON, for the command line and the API. Money is text, in the one ``currency`` beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from credit_control.late_payment.accrual import Line, rounded
from credit_control.late_payment.claim import Claim
from credit_control.late_payment.rates import RateUsed
from credit_control.words import decimals

_UNROUNDED_DECIMALS = 6


def claim(worked_out: Claim, *, least_decimals: int = 0) -> dict[str, Any]:
    """The claim with its working. Rates are in percent a year; ``total`` is without the debt itself.

    Money has the decimals of its currency, but never fewer than ``least_decimals``.
    """
    debt = worked_out.debt
    places = max(decimals(debt.currency), least_decimals)
    return {
        "rules": worked_out.rules.id,
        "title": worked_out.rules.title,
        "unverified": worked_out.rules.unverified or None,
        "currency": debt.currency,
        "amount": _money(debt.amount, places),
        "due_date": debt.due_on.isoformat() if debt.due_on else None,
        "paid_date": debt.paid_on.isoformat(),
        "relevant_day": worked_out.relevant_day.isoformat(),
        "interest_from": worked_out.start.isoformat(),
        "days": worked_out.days,
        "rate": percent(worked_out.rates[0].percent) if len(worked_out.rates) == 1 else None,
        "rates": [_rate(rate) for rate in worked_out.rates],
        "lines": [_line(line, debt.currency, places) for line in worked_out.lines],
        "per_day": None if worked_out.per_day is None else f"{worked_out.per_day:f}",
        "interest": _money(worked_out.interest, places),
        "compensation": (
            None if worked_out.compensation is None else _money(worked_out.compensation, places)
        ),
        "total": _money(worked_out.total, places),
        "notes": list(worked_out.notes),
    }


def percent(rate: Decimal) -> str:
    """``12.75``, with at least two decimals."""
    return f"{rate:.2f}" if rate == round(rate, 2) else f"{rate.normalize():f}"


def _rate(rate: RateUsed) -> dict[str, Any]:
    return {
        "from": rate.first.isoformat(),
        "to": rate.last.isoformat(),
        "rate": percent(rate.percent),
        "reference": percent(rate.reference.rate) if rate.reference else None,
        "reference_from": rate.reference.since.isoformat() if rate.reference else None,
        "margin": percent(rate.margin),
        "source": rate.source,
        "unverified": rate.unverified or None,
    }


def _line(line: Line, currency: str, places: int) -> dict[str, Any]:
    return {
        "from": line.first.isoformat(),
        "to": line.last.isoformat(),
        "days": line.days,
        "principal": _money(line.principal, places),
        "rate": percent(line.percent),
        "amount": _money(rounded(line.amount, decimals(currency)), places),
        "unrounded": f"{rounded(line.amount, _UNROUNDED_DECIMALS):f}",
        "how": line.how or None,
    }


def _money(amount: Decimal, places: int) -> str:
    return f"{amount:.{places}f}"
