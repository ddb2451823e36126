"""Which language somebody is written to in, and how it writes days, amounts and lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import UserError
from services.languages import (
    amount,
    day,
    days,
    days_listed,
    home_language,
    language,
    languages,
    listed,
    locale_of,
    reader_language,
)

DATES = [date(2026, 10, 28), date(2026, 11, 1), date(2026, 11, 10)]


@pytest.mark.parametrize(
    ("chosen", "country", "home", "wanted"),
    [
        (None, None, "en", "en"),
        (None, "DE", "en", "de"),
        (None, "AT", "en", "de"),
        (None, "FR", "en", "fr"),
        (None, "US", "de", "en"),
        (None, "CH", "fr", "fr"),  # several languages there, so the country says nothing
        (None, "NL", "de", "de"),
        ("fr", "DE", "en", "fr"),
    ],
)
def test_a_persons_word_goes_first_then_the_country_then_ones_own(
    chosen: str | None, country: str | None, home: str, wanted: str
) -> None:
    assert reader_language(chosen, country, home) == wanted


def test_an_organisation_writes_as_its_country_does_until_somebody_says_otherwise() -> None:
    assert [home_language(None, country) for country in ("GB", "DE", "FR", "CH", "")] == [
        "en",
        "de",
        "fr",
        "en",
        "en",
    ]
    assert home_language("fr", "CH") == "fr"


def test_no_country_belongs_to_two_languages() -> None:
    claimed = [country for one in languages().values() for country in one.countries]
    assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize(
    ("code", "countries", "locale"),
    [
        ("en", ("US", "GB"), "en_US"),
        ("en", ("DE", "GB"), "en_GB"),
        ("en", (None, "AU"), "en_AU"),
        ("de", ("CH", "GB"), "de_CH"),
        ("de", (None, "GB"), "de_DE"),
        ("fr", ("XX", ""), "fr_FR"),
    ],
)
def test_amounts_and_days_are_written_as_where_the_language_is_at_home(
    code: str, countries: tuple[str | None, ...], locale: str
) -> None:
    assert locale_of(code, *countries) == locale


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en_GB", "28 October, 1 and 10 November 2026"),
        ("en_US", "October 28, November 1 and November 10, 2026"),
        ("de_DE", "28. Oktober, 1. und 10. November 2026"),
        ("fr_FR", "28 octobre, 1er et 10 novembre 2026"),
    ],
)
def test_several_days_read_as_somebody_would_write_them(locale: str, written: str) -> None:
    assert days_listed(DATES, locale) == written


def test_the_first_of_a_month_and_lengths_of_time() -> None:
    assert day(date(2026, 11, 1), "fr_FR") == "1er novembre 2026"
    assert day(date(2026, 11, 11), "fr_FR") == "11 novembre 2026"
    assert [days(1, "en_GB"), days(14, "en_GB"), days(1234, "en_GB")] == ["1 day", "14 days", "1,234 days"]
    assert [days(1, "de_DE"), days(14, "de_DE")] == ["1 Tag", "14 Tagen"]
    assert listed(["a", "b", "c"], "fr_FR") == "a, b et c"


@pytest.mark.parametrize(
    ("currency", "locale", "written"),
    [
        ("GBP", "en_GB", "£1,234.50"),
        ("USD", "en_US", "$1,234.50"),
        ("USD", "en_GB", "US$1,234.50"),
        ("EUR", "de_DE", "1.234,50 €"),
        ("CHF", "de_CH", "CHF\xa01’234.50"),
        ("CHF", "en_GB", "CHF\xa01,234.50"),
        ("GBP", "en_AU", "GBP\xa01,234.50"),
        ("GBP", "fr_CA", "1\xa0234,50 £"),
        ("EUR", "fr_FR", "1\xa0234,50 €"),
        ("GBP", "fr_FR", "1\xa0234,50 £"),
    ],
)
def test_amounts_are_written_as_the_reader_writes_them(currency: str, locale: str, written: str) -> None:
    assert amount(Decimal("1234.50"), currency, locale) == written


@given(
    st.decimals(0, 10**12, places=2),
    st.sampled_from(["en_GB", "en_US", "de_DE", "fr_FR"]),
    st.sampled_from(["EUR", "GBP"]),
)
def test_an_amount_stays_the_same_amount_in_every_language(
    value: Decimal, locale: str, currency: str
) -> None:
    digits = amount(value, currency, locale).replace(" ", "").strip("€£")
    assert parse_decimal(digits.replace("\xa0", "\u202f"), locale=locale) == value


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(UserError, match=r"en \(English\), fr \(French\), de \(German\)"):
        language("tlh")
