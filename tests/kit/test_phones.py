"""Numbers as people write them."""

from __future__ import annotations

import pytest

from kit.phones import mobile


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("07400 123456", "GB", "+447400123456"),
        ("+44 (0)7400 123456", None, "+447400123456"),
        ("+44 7400 123456", "DE", "+447400123456"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("0412 345 678", "AU", "+61412345678"),
    ],
)
def test_a_mobile_number_is_understood_by_the_country_of_the_customer(
    text: str, country: str | None, number: str
) -> None:
    assert mobile(text, country) == number


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("07400 123456", None),  # of which country?
        ("020 7946 0018", "GB"),  # a desk in London
        ("12", "GB"),
        ("ask for Ann", "GB"),
        ("", "GB"),
        (None, "GB"),
        ("0" * 500, "GB"),
        ("07400 123456", "Narnia"),
    ],
)
def test_what_is_no_mobile_number_is_none(text: str | None, country: str | None) -> None:
    assert mobile(text, country) is None
