"""How amounts and days read for colleagues, on pages and in mails, in the language of the moment.

What is costly to write is kept, beside the locale that it is for. How customers read them is another matter:
``services/languages.py``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, get_currency_symbol

from credit_control import words
from kit import wording
from kit.wording import locale

_ENGLISH: Final = "en"
_BY_CODE: Final = {"en": "¤\xa0#,##0.00"}
"""How an amount is written whose currency has no sign, where that is not how the language writes every amount."""
_SHAPES: Final = {
    "day": {"en": "d MMM yyyy", "de": "dd.MM.yyyy"},
    "long_date": {"en": "d MMMM yyyy", "de": "d. MMMM yyyy"},
    "long_day": {"en": "EEEE d MMMM yyyy", "de": "EEEE, d. MMMM yyyy"},
    "moment": {"en": "d MMM yyyy, HH:mm", "de": "dd.MM.yyyy, HH:mm"},
    "long_moment": {"en": "dd MMMM yyyy 'at' HH:mm", "de": "d. MMMM yyyy 'um' HH:mm"},
}
"""How days are written; the next language adds its own, and has those of English until then."""


def money(amount: Decimal, currency: str) -> str:
    """``£1,234.50``, with the decimals of the currency; one without a sign goes by its code: ``CHF 20.00``."""
    return _money(amount, currency, locale())


@lru_cache(maxsize=8192)
def _money(amount: Decimal, currency: str, in_locale: str) -> str:
    by_code = _BY_CODE.get(_language_of(in_locale))
    if by_code and get_currency_symbol(currency, locale=in_locale) == currency:
        return format_currency(amount, currency, format=by_code, locale=in_locale)
    return format_currency(amount, currency, locale=in_locale)


def day(value: date) -> str:
    """``14 Nov 2026``"""
    return _day(value, "day", locale())


def long_day(value: date) -> str:
    """``Saturday 14 November 2026``"""
    return _day(value, "long_day", locale())


def long_date(value: date) -> str:
    """``14 November 2026``"""
    return _day(value, "long_date", locale())


def long_moment(value: datetime) -> str:
    """``14 November 2026 at 10:02``, by the clock that the moment is given in."""
    return format_datetime(value, shape_of("long_moment", locale()), locale=locale())


@lru_cache(maxsize=8192)
def _day(value: date, shape: str, in_locale: str) -> str:
    return format_date(value, shape_of(shape, in_locale), locale=in_locale)


def shape_of(name: str, in_locale: str) -> str:
    """The pattern (Babel's) of ``day``, ``long_date``, ``long_day``, ``moment`` or ``long_moment`` in a locale."""
    shapes = _SHAPES[name]
    return shapes.get(_language_of(in_locale), shapes[_ENGLISH])


def _language_of(in_locale: str) -> str:
    return in_locale.split("_", maxsplit=1)[0]


wording.write_as(words.Day, lambda one: long_date(one.value))
wording.write_as(words.Weekday, lambda one: long_day(one.value))
wording.write_as(words.Money, lambda one: money(one.amount, one.currency))
