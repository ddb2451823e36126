"""How late invoices are paid, and how late those are that are not.

“Days late” runs from the due day to the day of full payment and is negative for whoever pays early; “days to pay” runs
from the issue day. Several vendors call the first of them average days to pay; here each has its own name.
Weighted means are weighted by the total of the invoice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from credit_control.figures.figure import Figure, Input, ratio
from credit_control.figures.words import (
    DAYS_LATE,
    DAYS_LATE_WEIGHTED,
    DAYS_OVERDUE,
    DAYS_TO_PAY,
    DAYS_TO_PAY_WEIGHTED,
    DBT_CLIPPED,
    NOTHING_EITHER,
    NOTHING_OVERDUE,
    NOTHING_PAID,
    PAYMENT_DELAY,
    WADO,
)


@dataclass(frozen=True, slots=True)
class Paid:
    """An invoice that was paid in full."""

    amount: Decimal
    days_late: int
    days_to_pay: int = 0
    invoices: int = 1
    """So many it is the sum of, paid with the same days."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is open of an invoice that is past its due day, and by how many days (at least one)."""

    amount: Decimal
    days: int
    invoices: int = 1
    """So many it is the sum of, as many days overdue."""


def overdue_by(due_on: date, day: date) -> int:
    """By how many days it is overdue at the end of the day; nought and less: it is not."""
    return (day - due_on).days


def days_to_pay(paid: Sequence[Paid]) -> Figure:
    """In days, each invoice alike."""
    return _mean(DAYS_TO_PAY, [(one.days_to_pay, one.invoices) for one in paid])


def days_to_pay_weighted(paid: Sequence[Paid]) -> Figure:
    """In days, by amount."""
    return _weighted(DAYS_TO_PAY_WEIGHTED, paid, lambda one: one.days_to_pay)


def days_late(paid: Sequence[Paid]) -> Figure:
    """In days, each invoice alike; a customer's DvD (days versus due date) is this of its own invoices."""
    return _mean(DAYS_LATE, [(one.days_late, one.invoices) for one in paid])


def days_late_weighted(paid: Sequence[Paid]) -> Figure:
    """Days beyond terms (DBT), signed, by amount."""
    return _weighted(DAYS_LATE_WEIGHTED, paid, lambda one: one.days_late)


def dbt_clipped(paid: Sequence[Paid]) -> Figure:
    """Days beyond terms where paying early makes up for nothing."""
    return _weighted(DBT_CLIPPED, paid, lambda one: max(one.days_late, 0))


def wado(overdue: Sequence[Overdue]) -> Figure:
    """Weighted average days overdue; what is not yet due is left out."""
    days = sum((one.amount * one.days for one in overdue), Decimal(0))
    return _by_amount(WADO, days, (one.amount for one in overdue), _count(overdue), NOTHING_OVERDUE)


def average_days_overdue(overdue: Sequence[Overdue]) -> Figure:
    """In days, each overdue invoice alike."""
    return _mean(DAYS_OVERDUE, [(one.days, one.invoices) for one in overdue], NOTHING_OVERDUE)


def average_payment_delay(paid: Sequence[Paid], overdue: Sequence[Overdue]) -> Figure:
    """What was paid and what is overdue now together, by amount (Upflow's figure)."""
    days = sum((one.amount * one.days_late for one in paid), Decimal(0))
    days += sum((one.amount * one.days for one in overdue), Decimal(0))
    amounts = [*(one.amount for one in paid), *(one.amount for one in overdue)]
    return _by_amount(PAYMENT_DELAY, days, amounts, _count(paid) + _count(overdue), NOTHING_EITHER)


def _count(some: Iterable[Paid | Overdue]) -> int:
    return sum(one.invoices for one in some)


def _mean(formula: str, days: Sequence[tuple[int, int]], none: str = NOTHING_PAID) -> Figure:
    """Of pairs of days and how many invoices have them."""
    whole, invoices = sum(each * count for each, count in days), sum(count for _, count in days)
    inputs: dict[str, Input] = {"days": whole, "invoices": invoices}
    if not invoices:
        return Figure(None, formula, inputs, none)
    return Figure(Fraction(whole, invoices), formula, inputs)


def _weighted(formula: str, paid: Sequence[Paid], days: Callable[[Paid], int]) -> Figure:
    weighed = sum((one.amount * days(one) for one in paid), Decimal(0))
    return _by_amount(formula, weighed, (one.amount for one in paid), _count(paid), NOTHING_PAID)


def _by_amount(formula: str, days: Decimal, amounts: Iterable[Decimal], invoices: int, none: str) -> Figure:
    amount = sum(amounts, Decimal(0))
    inputs: dict[str, Input] = {"amount_days": days, "amount": amount, "invoices": invoices}
    if not amount:
        return Figure(None, formula, inputs, none)
    return Figure(ratio(days, amount), formula, inputs)
