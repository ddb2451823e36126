"""A limit that a customer's own numbers speak for, with everything that it is made of. The formula is in docs/credit.md.

    what it usually owes = sold in 365 days ÷ 365 × days it takes to pay, weighted by amount
    suggested            = what it usually owes × room for its rating, rounded down to two leading digits

Room is 2 for who pays well, 1.5 for the average and 1 for who pays poorly, for whom no more days count than it was given.
While something is more than 60 days overdue, no more is suggested than is owed already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from credit_control.figures.books import Booked, sales_of
from credit_control.figures.figure import round_half_up
from credit_control.payer.rating import FEWEST, Rating

YEAR = 365
ROOM = {Rating.GOOD: Fraction(2), Rating.AVERAGE: Fraction(3, 2), Rating.POOR: Fraction(1)}
LONG_OVERDUE = 60
"""Days overdue from which on nothing further is suggested."""
_LEADING = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``amount`` None: there is too little to tell by. All else is what it is made of."""

    currency: str
    amount: Decimal | None
    rating: Rating
    sales: Decimal
    """Invoiced in the 365 days up to today."""
    paid: int
    """Invoices that were paid in full in these days."""
    days_to_pay: Fraction | None
    """How long those took from issue to full payment, weighted by amount."""
    days_given: Fraction | None
    """How long they had from issue to due date, weighted by amount."""
    days_counted: Fraction | None
    room: Fraction | None
    usual: Decimal | None
    """What it usually owes, to the cent."""
    held_at: Decimal | None
    """What is owed, where something is long overdue and no more is suggested; None: nothing is."""


def suggest(
    currency: str, invoices: Sequence[Booked], rating: Rating, exposure: Decimal, today: date
) -> Suggestion:
    """The limit of a customer in a currency by all its ``invoices`` in it; ``exposure`` is what it owes now."""
    first = today - timedelta(YEAR - 1)
    sales = sales_of(invoices, first, today)
    paid = [one for one in invoices if one.paid_on is not None and first <= one.paid_on <= today]
    weight = Fraction(sum(one.total for one in paid))
    took = Fraction(sum(one.total * (one.days_to_pay or 0) for one in paid)) / weight if weight > 0 else None
    given = (
        Fraction(sum(one.total * (one.due_on - one.issued_on).days for one in paid)) / weight
        if weight > 0
        else None
    )
    held_at = exposure if _is_long_overdue(invoices, today) else None
    if rating is Rating.NEW or len(paid) < FEWEST or took is None or given is None or sales <= 0:
        return Suggestion(currency, None, rating, sales, len(paid), took, given, None, None, None, held_at)
    counted = max(min(took, given) if rating is Rating.POOR else took, Fraction(0))
    usual = Fraction(sales) / YEAR * counted
    amount = _rounded_down(usual * ROOM[rating])
    if held_at is not None:
        amount = min(amount, held_at)
    return Suggestion(
        currency,
        amount,
        rating,
        sales,
        len(paid),
        took,
        given,
        counted,
        ROOM[rating],
        round_half_up(usual, 2),
        held_at,
    )


def _is_long_overdue(invoices: Sequence[Booked], today: date) -> bool:
    return any(one.left > 0 and (today - one.due_on).days > LONG_OVERDUE for one in invoices)


def _rounded_down(amount: Fraction) -> Decimal:
    """To two leading digits, as people name limits: 12,345 is 12,000."""
    whole = amount.numerator // amount.denominator
    step = 10 ** max(len(str(whole)) - _LEADING, 0)
    return Decimal(whole // step * step)
