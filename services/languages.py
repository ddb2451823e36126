"""The languages in which letters can be written: which one a reader gets, and how it writes days, amounts and lists.

The words of a language are data (``templates/languages``); a language without such a file is one in which no letter
can be right, so no text can be kept in it either.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import zip_longest

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_date_format
from babel.numbers import format_currency, format_decimal

from kit.errors import UserError
from kit.settings import ROOT
from kit.wording import _

_FOLDER = ROOT / "templates" / "languages"
_LAST_RESORT = "en"
_SPACES = re.compile("[\xa0\u202f]")
_NEVER_BREAKS = re.compile(r"(?<=\d) (?=\d)|(?<=[^\W\d_]) ?(?=\d)|(?<=\d)(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Language:
    """What Dunnock itself says in a letter, and where people read it. ``code`` is ISO 639: ``de``."""

    code: str
    name: str
    locale: str
    countries: frozenset[str]
    also_in: frozenset[str]
    and_: str
    more: str
    one_day: str
    days: str
    due: str
    total: str
    day_of_month: str
    first_of_month: str
    copies: Mapping[str, str]
    books: Mapping[str, str]
    """What is said where the books may lag: ``until`` a day, or ``behind``; in a ``text`` message, and before a ``call``."""
    account: Mapping[str, str]
    """What is said of unallocated money: that it may pay ``one`` invoice or ``all``, or that there is ``some``; in a
    ``text`` message, and before a ``call``."""
    dispute: Mapping[str, str]
    """What is said of sums that are in dispute (``open``) or to be credited; in a ``text`` message, and before a ``call``."""
    terms: Mapping[str, str]
    """What is said of discounts that were agreed: in a mail or text message (``said``), and before a ``call``."""
    late_payment: Mapping[str, str]
    laws: Mapping[str, str]
    """The rule sets by which interest is worked out, as they stand after “under”, in the case that it asks for."""
    statement: Mapping[str, str]
    """What stands in a statement of account: its title, headings, and what credits and ages are called."""
    plan: Mapping[str, str]
    """What stands in the agreement on a payment plan."""
    quote: Mapping[str, str]
    """How a confirmation writes the ``line`` of a quote and a ``sum``; what tax is called; that a ``copy`` is attached."""
    symbols: Mapping[str, str]
    """Signs of currencies that people write otherwise than the library does."""
    small_after_comma: bool
    """A letter goes on with a small letter behind the comma of its salutation."""


@cache
def languages() -> Mapping[str, Language]:
    """All languages by their codes, in the order of their names."""
    found = [_read(path.stem) for path in _FOLDER.glob("*.toml")]
    return {one.code: one for one in sorted(found, key=lambda one: one.name)}


def _read(code: str) -> Language:
    words = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Language(
        code=code,
        and_=words.pop("and"),
        countries=frozenset(words.pop("countries")),
        also_in=frozenset(words.pop("also_in")),
        first_of_month=words.pop("first_of_month", "1"),
        symbols=words.pop("symbols", {}),
        small_after_comma=words.pop("small_after_comma", False),
        **words,
    )


def language(code: str) -> Language:
    """The language of a code; ``UserError`` names those that there are."""
    if code not in languages():
        known = ", ".join(f"{one.code} ({one.name})" for one in languages().values())
        raise UserError(
            _(
                "Letters cannot be written in “%(code)s” yet; choose one of %(known)s.",
                code=code[:20],
                known=known,
            )
        )
    return languages()[code]


def home_language(chosen: str | None, country: str) -> str:
    """The organisation's language: as set, else that of its country."""
    return chosen or _of_country(country) or _LAST_RESORT


def reader_language(chosen: str | None, country: str | None, home: str) -> str:
    """A reader's language: as set for this contact, else that of its country, else the organisation's.

    A country where business is done in several languages says nothing, rather than something that offends half of it.
    """
    return chosen or _of_country(country or "") or home


@cache
def _of_country(country: str) -> str | None:
    return next((one.code for one in languages().values() if country in one.countries), None)


@cache
def locale_of(code: str, *countries: str | None) -> str:
    """How to write amounts and days in a language: as in the first of the countries where it is read, by Babel's name."""
    spoken = languages()[code]
    for country in countries:
        if country in spoken.countries | spoken.also_in and _is_known(f"{code}_{country}"):
            return f"{code}_{country}"
    return spoken.locale


def _is_known(locale: str) -> bool:
    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def words_of(locale: str) -> Language:
    """The words that belong to a locale: German for ``de_AT``."""
    return languages()[locale.partition("_")[0]]


@lru_cache(maxsize=4_096)
def amount(value: Decimal, currency: str, locale: str) -> str:
    """An amount as people of that locale write it, with its currency: ``£1,234.50``, ``1.234,50 €``.

    A space before the currency may be a plain one; one between thousands must not let the number break, nor may the
    code of a currency that stands before it (the library sets codes without a space, and against its own data).
    """
    written = format_currency(value, currency, locale=locale)
    for symbol, usual in words_of(locale).symbols.items():
        written = written.replace(symbol, usual)
    return _NEVER_BREAKS.sub("\xa0", _SPACES.sub(" ", written))


def plain_number(value: Decimal, locale: str) -> str:
    """A number as people of that locale write it, without zeros that say nothing: ``1,200``, ``0.5``."""
    return format_decimal(value, locale=locale, decimal_quantization=False).replace("\u202f", "\xa0")


@lru_cache(maxsize=4_096)
def day(value: date, locale: str) -> str:
    """A date in words: ``3 November 2026``, ``1er novembre 2026``."""
    return _first(format_date(value, "long", locale), value, locale)


def short_day(value: date, locale: str) -> str:
    """A date for a table: ``3 Nov 2026``, ``03.11.2026``."""
    return str(format_date(value, "medium", locale))


def days(count: int, locale: str) -> str:
    """A length of time: ``14 days``."""
    words = words_of(locale)
    form = words.one_day if count == 1 else words.days
    return form.format(count=format_decimal(count, locale=locale).replace("\u202f", "\xa0"))


def days_listed(dates: Sequence[date], locale: str) -> str:
    """``28 October, 3 and 10 November 2026``: month and year only where the next date has others."""
    ordered = sorted(set(dates))
    return listed([_short(one, then, locale) for one, then in zip_longest(ordered, ordered[1:])], locale)


def _short(value: date, following: date | None, locale: str) -> str:
    if following is None or value.year != following.year:
        return day(value, locale)
    if value.month != following.month or _month_first(locale):
        return _first(format_skeleton("MMMMd", value, locale=locale), value, locale)
    return _first(format_date(value, words_of(locale).day_of_month, locale), value, locale)


@cache
def _month_first(locale: str) -> bool:
    return str(get_date_format("long", locale).pattern).startswith("M")


def _first(written: str, value: date, locale: str) -> str:
    """The first of a month, which some languages write in a way of its own."""
    special = words_of(locale).first_of_month
    return special + written[1:] if value.day == 1 and special != "1" and written[:1] == "1" else written


def listed(items: Sequence[str], locale: str) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f" {words_of(locale).and_} ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
