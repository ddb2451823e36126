"""Paid invoices in a line or two, and the public sample book where it is at hand."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from credit_control.payer.facts import Settled

TODAY = date(2026, 7, 15)
_SAMPLE = Path(__file__).parents[3].parent / "shared" / "data" / "receivables.csv"


def paid(late: int, ago: int = 30, amount: str = "100.00", currency: str = "GBP") -> Settled:
    """Paid so many days late, so many days before ``TODAY``, on terms of thirty days."""
    settled_on = TODAY - timedelta(days=ago)
    due_on = settled_on - timedelta(days=late)
    return Settled(due_on - timedelta(days=30), due_on, settled_on, currency, Decimal(amount))


def sample() -> list[tuple[str, Settled]]:
    """The public sample, or a skip."""
    path = _SAMPLE
    if not path.exists():
        pytest.skip("the public sample of receivables is not on this machine")
    with path.open(newline="") as file:
        return [
            (
                row["customer"],
                Settled(
                    date.fromisoformat(row["invoice_date"]),
                    date.fromisoformat(row["due_date"]),
                    date.fromisoformat(row["settled_date"]),
                    "USD",
                    Decimal(row["amount"]),
                ),
            )
            for row in csv.DictReader(file)
        ]


def made_up(invoices: int, customers: int, *, seed: int = 1) -> list[tuple[str, Settled]]:
    """Customers with habits of their own that change: half of them pay two weeks later from the middle on."""
    dice = random.Random(seed)  # no secret
    usual = [dice.randrange(-5, 30) for _ in range(customers)]
    book = []
    for _ in range(invoices):
        customer, day = dice.randrange(customers), dice.randrange(1000)
        due = date(2023, 1, 1) + timedelta(days=day + 30)
        slower = 14 if customer % 2 and day > 500 else 0
        late = usual[customer] + slower + round(dice.expovariate(0.25)) - 2
        amount = Decimal(dice.randrange(1_000, 1_000_000)).scaleb(-2)
        book.append(
            (
                f"customer {customer}",
                Settled(due - timedelta(days=30), due, due + timedelta(days=max(late, -29)), "GBP", amount),
            )
        )
    return book
