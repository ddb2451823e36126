"""Amounts as colleagues type them into a form, in whichever notation."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kit.errors import UserError
from web.pages.amounts import amounts, one_amount, one_rate


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", []),
        ("1.200,00", [("EUR", "1200.00")]),
        ("1,200.00", [("EUR", "1200.00")]),
        ("GBP 1,000, EUR 1200", [("GBP", "1000"), ("EUR", "1200")]),
        ("EUR 1.200,50; GBP 12,5", [("EUR", "1200.50"), ("GBP", "12.5")]),
    ],
)
def test_a_list_of_amounts_is_read_in_either_notation(typed: str, meant: list[tuple[str, str]]) -> None:
    assert amounts(typed, "EUR", "no") == [(code, Decimal(amount)) for code, amount in meant]


@pytest.mark.parametrize("typed", ["GBP", "GBP lots", "1,2,3", "GBP 5 and more", "-5"])
def test_a_list_that_is_none_is_asked_for_again(typed: str) -> None:
    with pytest.raises(UserError, match="Write it like this"):
        amounts(typed, "EUR", "Write it like this.")


@pytest.mark.parametrize(
    ("typed", "meant"), [("12,5", "12.5"), ("12.125", "12.125"), ("8", "8"), ("150", "150")]
)
def test_a_rate_is_what_a_rate_can_be(typed: str, meant: str) -> None:
    assert one_rate(typed, "no") == Decimal(meant)


@pytest.mark.parametrize("typed", ["much", "EUR 5", "-5"])
def test_what_is_no_rate_is_asked_for_again(typed: str) -> None:
    with pytest.raises(UserError, match="Write it like this"):
        one_rate(typed, "Write it like this.")
