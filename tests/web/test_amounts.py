"""Amounts as colleagues type them into a form, in whichever notation."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kit.errors import UserError
from web.pages.amounts import one_amount


@pytest.mark.parametrize(
    ("typed", "currency", "meant"),
    [
        ("12,50", "EUR", "12.50"),
        ("12.50", "EUR", "12.50"),
        ("1,234.50", "GBP", "1234.50"),
        ("1.234,50", "EUR", "1234.50"),
        ("1 234,5", "EUR", "1234.5"),
        ("1,234", "GBP", "1234"),
        ("600", "GBP", "600"),
        ("£600.50", "GBP", "600.50"),
        ("5,000", "JPY", "5000"),
    ],
)
def test_an_amount_is_what_its_writer_means(typed: str, currency: str, meant: str) -> None:
    assert one_amount(typed, currency, "no") == Decimal(meant)


@pytest.mark.parametrize(
    ("typed", "currency"),
    [("lots", "GBP"), ("NaN", "GBP"), ("-5", "GBP"), ("€5", "GBP"), ("1.234", "KWD"), ("9" * 15, "GBP")],
)
def test_what_can_be_none_or_two_is_asked_for_again(typed: str, currency: str) -> None:
    with pytest.raises(UserError, match="Write it like this"):
        one_amount(typed, currency, "Write it like this.")
