"""Days, money and counts as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from credit_control.words import Count, Day, Money, Weekday
from tests.credit_control.books import day


def test_a_day_reads_in_full_english() -> None:
    assert str(Day(day("2026-11-04"))) == "4 November 2026"
    assert str(Weekday(day("2026-11-14"))) == "Saturday 14 November 2026"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "GBP", "GBP 1,234.50"),
        ("0", "EUR", "EUR 0.00"),
        ("1500000", "JPY", "JPY 1,500,000"),
        ("12.3456", "KWD", "KWD 12.346"),
    ],
)
def test_money_reads_with_its_currency_and_that_currencys_decimals(
    amount: str, currency: str, text: str
) -> None:
    assert str(Money(Decimal(amount), currency)) == text


def test_counts_know_singular_and_plural() -> None:
    assert [str(Count(number, "day")) for number in (0, 1, 4)] == ["0 days", "1 day", "4 days"]
