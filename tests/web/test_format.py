"""Amounts, dates and moments read as a person would write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.wording import worded_in
from services import writing
from web import format as read


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("1234.5", "GBP", "£1,234.50"),
        ("-3.00", "EUR", "-€3.00"),
        ("800", "USD", "US$800.00"),
        ("1200", "JPY", "JP¥1,200"),
        ("1.234", "KWD", "KWD\xa01.234"),
    ],
)
def test_an_amount_has_its_currency_and_the_decimals_of_it(amount: str, currency: str, words: str) -> None:
    assert writing.money(Decimal(amount), currency) == words


@given(
    st.dictionaries(
        st.sampled_from(["GBP", "EUR", "USD", "JPY"]), st.decimals("0", "1000000", places=2), min_size=1
    )
)
def test_amounts_of_different_currencies_are_named_one_by_one(amounts: dict[str, Decimal]) -> None:
    words = read.sums(amounts)
    assert all(writing.money(amount, currency) in words for currency, amount in amounts.items())
    assert words.count(" and ") == (len(amounts) > 1)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 14, 10, 2, tzinfo=UTC), "14 Nov 2026, 10:02 GMT"),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "2 Jul 2026, 00:30 BST"),
    ],
)
def test_a_moment_is_told_in_the_organisations_own_zone(moment: datetime, words: str) -> None:
    assert read.moment(moment, "Europe/London") == words


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (date(2026, 11, 13), "1 day overdue"),
        (date(2026, 11, 14), "due today"),
        (date(2026, 11, 16), "due in 2 days"),
        (date(2023, 2, 18), "1,365 days overdue"),
    ],
)
def test_a_due_date_says_how_late_it_is(due_on: date, words: str) -> None:
    assert read.overdue(due_on, date(2026, 11, 14)) == words


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        ("110501.6992", "110,501.6992", "110.501,6992"),
        ("-1226.6", "−1,226.6", "−1.226,6"),
        ("30.0", "30.0", "30,0"),
        ("7", "7", "7"),
        ("1E+3", "1,000", "1.000"),
    ],
)
def test_a_decimal_is_written_as_the_language_writes_numbers(value: str, english: str, german: str) -> None:
    assert read.decimal(Decimal(value)) == english
    with worded_in("de"):
        assert read.decimal(Decimal(value)) == german
        assert read.typed_decimal(Decimal(value)) == f"{Decimal(value):f}".replace(".", ",")
