"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from kit.amounts import typed_amount


@pytest.mark.parametrize(
    ("typed", "amount", "currency"),
    [
        ("1,234.50", "1234.50", None),
        ("1.234,50", "1234.50", None),
        ("1234.5", "1234.5", None),
        ("1 234,50", "1234.50", None),
        ("1’234.50", "1234.50", None),
        ("£1,234.50", "1234.50", "GBP"),
        ("1.234,50 €", "1234.50", "EUR"),
        ("chf 1'234.50", "1234.50", "CHF"),
        ("$12", "12", None),
        ("12,345,678", "12345678", None),
    ],
)
def test_any_usual_notation(typed: str, amount: str, currency: str | None) -> None:
    found = typed_amount(typed)
    assert found and Decimal(amount) in found.amounts and found.currency == currency


def test_what_can_be_two_numbers_is_both() -> None:
    found = typed_amount("1.234")
    assert found and found.amounts == {Decimal("1.234"), Decimal(1234)}


@pytest.mark.parametrize(
    "typed", ["INV-1001", "", "GBP", "1,2,3", "12,34,567", "one", "1.2.3", "£5 EUR", "9" * 30]
)
def test_what_is_no_amount(typed: str) -> None:
    assert typed_amount(typed) is None


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.sampled_from(["en_GB", "de_DE", "fr_FR", "de_CH", "sv_SE"]),
)
def test_what_a_locale_writes_is_read(amount: Decimal, locale: str) -> None:
    found = typed_amount(format_decimal(amount, format="#,##0.00", locale=locale))
    assert found and amount in found.amounts
