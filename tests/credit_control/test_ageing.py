"""How old the money owed is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.ageing import BUCKETS, ageing
from tests.credit_control.books import day, invoice

ON = day("2026-11-18")


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-1, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91+"),
    ],
)
def test_an_amount_ages_by_its_days_overdue(days: int, bucket: str) -> None:
    aged = ageing([invoice(ON - timedelta(days=days), "5.00")], ON)["GBP"]
    assert aged.by_bucket == {name: Decimal("5.00" if name == bucket else 0) for name in BUCKETS}


def test_every_currency_has_its_own_ageing() -> None:
    aged = ageing([invoice(ON, "5.00"), invoice(ON, "7.00", "EUR")], ON)
    assert {currency: one.total for currency, one in aged.items()} == {"EUR": 7, "GBP": 5}


def test_what_is_not_open_is_not_owed() -> None:
    assert ageing([invoice(ON, status="PAID"), invoice(ON, status="VOIDED"), invoice(ON, "0.00")], ON) == {}


@given(st.lists(st.tuples(st.integers(-50, 200), st.integers(1, 10**9)), min_size=1))
def test_the_buckets_always_add_up_to_all_that_is_owed(debts: list[tuple[int, int]]) -> None:
    invoices = [invoice(ON - timedelta(days=days), str(Decimal(cents) / 100)) for days, cents in debts]
    assert ageing(invoices, ON)["GBP"].total == sum(Decimal(cents) / 100 for _, cents in debts)
