"""A made-up company's sales: what it bills to whom, and when each customer gets round to paying.

Everything follows from a seed and from the day that counts as today, so the same day always gives the same
book. The year behind today is history; some weeks ahead are laid out too, for the sandbox's clock to reach.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sandbox.company_people import Customer, Habit
from sandbox.records import ZERO, Line

DAYS_BEHIND = 365
DAYS_AHEAD = 60
_STALLED_SINCE = 95
_VAT = Decimal("0.20")
_CENT = Decimal("0.01")
_SEASON = (0.70, 0.80, 1.00, 1.10, 1.20, 1.25, 1.15, 0.95, 1.10, 1.05, 0.95, 0.75)
"""Factors on an invoice's usual size, January to December: building work follows the weather."""


@dataclass(frozen=True, slots=True)
class Sale:
    """One invoice with its future known; `settled_on` is `None` when the customer never pays unasked."""

    customer: Customer
    day: date
    due: date
    order: str
    lines: tuple[Line, ...]
    currency_rate: Decimal
    settled_on: date | None
    first_part: tuple[date, Decimal] | None = None
    credited: tuple[date, Decimal] | None = None
    quarrel: tuple[date, str] | None = None

    @property
    def total(self) -> Decimal:
        """What the invoice asks for, tax included, in the customer's currency."""
        return sum((line.amount + line.tax_amount for line in self.lines), ZERO)


def sales_of(customers: Sequence[Customer], work: Sequence[str], today: date, seed: int) -> list[Sale]:
    """Every sale from a year before today to some weeks after it, by date."""
    rng = random.Random(seed)  # invents plausible trade, guards nothing
    sales = [sale for customer in customers for sale in _sales_to(customer, work, today, rng)]
    return sorted(sales, key=lambda sale: (sale.day, sale.customer.name))


def _sales_to(customer: Customer, work: Sequence[str], today: date, rng: random.Random) -> Iterator[Sale]:
    gap = DAYS_BEHIND / customer.a_year
    offset = -DAYS_BEHIND + rng.uniform(0, gap)
    while offset < DAYS_AHEAD:
        yield _sale(customer, work, _working_day(today + timedelta(days=round(offset))), today, rng)
        offset += gap * rng.uniform(0.6, 1.4)


def _sale(customer: Customer, work: Sequence[str], day: date, today: date, rng: random.Random) -> Sale:
    due = day + timedelta(days=customer.terms)
    lines = tuple(_line(customer, what, day, rng) for what in rng.sample(work, rng.choice((1, 1, 2))))
    total = sum((line.amount + line.tax_amount for line in lines), ZERO)
    return Sale(
        customer=customer,
        day=day,
        due=due,
        order=f"PO {rng.randint(1000, 9999)}",
        lines=lines,
        currency_rate=_rate(customer.currency, rng),
        settled_on=_settled_on(customer.habit, due, today, rng),
        first_part=_first_part(customer, due, total, rng),
        credited=_credited(day, total, rng),
        quarrel=_quarrel(customer.habit, due, rng),
    )


def _line(customer: Customer, what: str, day: date, rng: random.Random) -> Line:
    size = customer.size * _SEASON[day.month - 1] * rng.lognormvariate(0, 0.4)
    amount = Decimal(max(round(size / 1.4), 20)) + Decimal(rng.choice((0, 0, 25, 50, 95))) / 100
    if customer.country != "GB":
        return Line(what, amount, tax_type="ZERORATEDOUTPUT")
    return Line(what, amount, tax_amount=(amount * _VAT).quantize(_CENT), tax_type="OUTPUT2")


def _rate(currency: str, rng: random.Random) -> Decimal:
    middle = {"GBP": 1.0, "EUR": 1.16, "USD": 1.29}[currency]
    return Decimal(1) if middle == 1.0 else Decimal(f"{middle * rng.uniform(0.98, 1.02):.4f}")


def _settled_on(habit: Habit, due: date, today: date, rng: random.Random) -> date | None:
    if habit is Habit.STALLED and due > today - timedelta(days=_STALLED_SINCE):
        return None
    if habit is Habit.PAYMENT_RUN:
        return _working_day(_next_25th(due))
    return _working_day(due + timedelta(days=_days_late(habit, rng)))


def _days_late(habit: Habit, rng: random.Random) -> int:
    if habit is Habit.PROMPT:
        return -rng.randint(0, 6)
    if habit is Habit.SLOW:
        return min(max(round(rng.gauss(27, 10)), 6), 55)
    if habit is Habit.FORGETFUL:
        return rng.randint(-3, 4) if rng.random() < 0.45 else rng.randint(16, 55)
    if habit is Habit.DISPUTES:
        return rng.randint(8, 25) if rng.random() < 0.6 else rng.randint(45, 85)
    return rng.randint(5, 20)


def _next_25th(day: date) -> date:
    if day.day <= 25:
        return day.replace(day=25)
    return (day.replace(day=1) + timedelta(days=32)).replace(day=25)


def _first_part(
    customer: Customer, due: date, total: Decimal, rng: random.Random
) -> tuple[date, Decimal] | None:
    if customer.habit in (Habit.PROMPT, Habit.STALLED) or total < 1500 or rng.random() > 0.3:
        return None
    return _working_day(due + timedelta(days=rng.randint(-2, 9))), (total / 2).quantize(_CENT)


def _credited(day: date, total: Decimal, rng: random.Random) -> tuple[date, Decimal] | None:
    if rng.random() > 0.03:
        return None
    share = Decimal(rng.choice((8, 10, 15))) / 100
    return _working_day(day + timedelta(days=rng.randint(3, 9))), (total * share).quantize(_CENT)


def _quarrel(habit: Habit, due: date, rng: random.Random) -> tuple[date, str] | None:
    if habit is not Habit.DISPUTES or rng.random() > 0.35:
        return None
    text = rng.choice(
        (
            "They say one door arrived scratched and want it looked at before paying.",
            "They are asking for the signed delivery note again.",
            "They dispute the extra half day of fitting.",
        )
    )
    return _working_day(due + timedelta(days=rng.randint(2, 7))), text


def _working_day(day: date) -> date:
    """That day, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= 5 else 0)
