"""What the rules said, once more in the language of whoever reads it.

Reasons are made and kept in English, also by jobs that nobody watches. Their sentences are known, so each is found again by
what stands between its values, and said in another language with the values written as that language writes them. What is
not known stays as it is: it is what people have written, or the ledger. In English the same sentences have their amounts
written as all pages write them, ``£1,234.50`` for ``GBP 1,234.50``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Final

from babel.core import get_global
from babel.dates import format_skeleton

from kit import wording
from kit.public_holidays import begins_with_holiday, name_again, place_again
from kit.wording import N_, gettext, is_known, language, locale, ngettext, patterns, said_of, worded_in
from services.preset_names import STEPS, preset_name
from services.writing import long_date, long_day, money

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SHORT_MONTHS: Final = tuple(month[:3] for month in _MONTHS)
_DAY_OF_YEAR: Final = re.compile(r"(\d{1,2}) (" + "|".join(_MONTHS) + ")")
_DAY: Final = re.compile(
    r"\b((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day )?(\d{1,2}) ("
    + "|".join((*_MONTHS, *_SHORT_MONTHS))
    + r") (\d{4})\b"
)
_DAY_OFF: Final = re.compile(r"(.+ \d{4}) \((.+)\)")
_CURRENCIES: Final = "|".join(sorted(get_global("all_currencies")))
_MONEY: Final = re.compile(rf"\b({_CURRENCIES}) (\d[\d,]*(?:\.\d+)?)(?![\d,]*\d)")
_COUNT: Final = re.compile(
    r"\b(\d+) (working day|other invoice|invoice|instalment|whole month|period|day|hour)s?\b"
)
_COUNT_OR_ANYTHING: Final = rf"(?:{_COUNT.pattern.replace('(', '(?:')}|.+?)"
_PLACE: Final = re.compile(r"\{(\w*)\}|%\((\w+)\)s")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…”]) |; ")
_LONGEST_PATTERN: Final = 5
"""Sentences that a text of ours has at most."""
_MOST_SENTENCES: Final = 60
"""More than this somebody has written."""
_FEW_LETTERS: Final = 14
"""A pattern with less than this between its values would be found in much that people write: see ``_Known.fits``."""
_VERY_FEW: Final = 8
_LEAST_OF_NAMED: Final = 12
"""Of those whose values have names, many are not kept at all."""
_LEAST_SPACES: Final = 2
_PRESET: Final = frozenset(name for name in STEPS if " " in name)
"""Names of steps that nobody would give to anything else."""
_OF_PLACES: Final = (
    "Leaves only while people work in {0} too: from {1} until {2} by your clocks.",
    "Working hours in {0} never meet the sending window, so the sending window counts alone.",
    N_("weekend in {0}"),
)
"""Their first value is a place. Anywhere else Jordan and Georgia may be people."""
_GLUE: Final = (N_(" and "), "; ", ", ", N_(" or "))
"""Between several values that are said as one."""


def again(text: object) -> str:
    """A sentence of the rules, or several, in the language of the moment; what went wrong by its words."""
    return _again(str(text), language())[0]


def as_read(text: str) -> str:
    """A sentence of the rules for whoever it is said to at once: on pages as ``again``, to programs as it was made."""
    return again(text) if wording.on_pages() or language() != wording.ENGLISH else text


def left_over(text: str) -> tuple[str, ...]:
    """What of a text cannot be said in the language of the moment: names, what people wrote, and sentences nobody knows."""
    return _again(text, language())[1]


@lru_cache(maxsize=8192)
def _again(text: str, wanted: str) -> _Said:
    with worded_in(wanted):
        return _best(_ways(text)) or _values(text)


_Said = tuple[str, tuple[str, ...]]
"""How a text is said, and what of it cannot be said in another language."""


def _best(ways: Iterator[_Said]) -> _Said | None:
    """The way that leaves least over; of equal ones the first."""
    return min(ways, key=lambda one: sum(map(len, one[1])), default=None)


def _ways(text: str) -> Iterator[_Said]:
    """Every way in which a text can be one of ours, or several one after another."""
    yield from _sentences(text)
    ends = list(_SENTENCE_END.finditer(text))
    for end in ends[:_LONGEST_PATTERN] if len(ends) <= _MOST_SENTENCES else ():
        begins, rest = text[: end.start()], _said(text[end.end() :])
        first = _best(_sentences(begins)) or (begins, (begins,))
        yield f"{first[0]}{end[0]}{rest[0]}", first[1] + rest[1]
    because, colon, rest_of_it = text.partition(": ")
    if colon:
        first, rest = _best(_sentences(because)) or (because, (because,)), _value(rest_of_it)
        yield f"{first[0]}: {rest[0]}", first[1] + rest[1]


def _sentences(text: str) -> Iterator[_Said]:
    """Every way in which a text is one of ours as a whole, also with a capital letter or a full stop that it has not."""
    yield from _patterns(text)
    if text[:1].isupper():
        for said, left in _patterns(text[0].lower() + text[1:]):
            yield said[:1].upper() + said[1:], left
    if text.endswith(".") and is_known(text[:-1]):
        yield f"{gettext(text[:-1])}.", ()


def _patterns(text: str) -> Iterator[_Said]:
    if is_known(text):
        yield gettext(text), ()
        return
    for found in _known():
        match = found.match(text)
        if match and found.fits(match):
            yield found.said(match)


def _said(text: str) -> _Said:
    return _again(text, language())


class _Known:
    """A pattern, and how its sentences look."""

    def __init__(self, pattern: wording.Pattern, english: str) -> None:
        self.pattern, self.english = pattern, english.replace("%%", "%") if "%(" in english else english
        self.pieces = _PLACE.split(self.english)[::3]
        self.letters = sum(len(piece) for piece in self.pieces)
        self.has_names = "%(" in english
        self.is_short = self.letters < _FEW_LETTERS and not english.endswith(".") and ": " not in english
        self.begins = self.pieces[0].count(" ") >= _LEAST_SPACES
        self.names = {
            f"v{one}" for pair in re.findall(rf"“{_PLACE.pattern}”", english) for one in pair if one
        }
        """Values that are names which people gave."""
        self._shape: re.Pattern[str] | None = None

    def match(self, text: str) -> re.Match[str] | None:
        """The values in a text that was made by this pattern."""
        if not all(piece in text for piece in self.pieces):
            return None
        if self._shape is None:
            self._shape = re.compile(self._regex(), re.DOTALL)
        return self._shape.fullmatch(text)

    def fits(self, match: re.Match[str]) -> bool:
        """Whether it is meant: with few words of its own a value can be said; with very few, all others are a word."""
        if not self.is_short:
            return True
        values = match.groupdict().values()
        clean = [not _value(value)[1] for value in values]
        words = (" " not in value for value in values)
        is_meant = any(clean) or self.begins
        return is_meant and (
            self.letters >= _VERY_FEW or all(a or b for a, b in zip(clean, words, strict=True))
        )

    def said(self, match: re.Match[str]) -> _Said:
        said = {name[1:]: self._value_of(name, value) for name, value in match.groupdict().items()}
        values = {name: words for name, (words, _) in said.items()}
        left = tuple(one for _, over in said.values() for one in over)
        return self._filled(values, match), left

    def _value_of(self, name: str, value: str) -> _Said:
        if self.english in _OF_PLACES and name == "v0":
            return place_again(value), ()
        return _named(value) if name in self.names else _value(value)

    def _filled(self, values: dict[str, str], match: re.Match[str]) -> str:
        if not self.has_names:
            places = range(max((int(place) for place in values if place.isdigit()), default=-1) + 1)
            in_order = [values.get(str(place), "") for place in places]
            return gettext(self.pattern.text).format(
                *in_order, **{k: v for k, v in values.items() if not k.isdigit()}
            )
        if self.pattern.many is None:
            return gettext(self.pattern.text, **values)
        return said_of(self.pattern.text, self.pattern.many, int(match["vcount"].replace(",", ""))) % values

    def _regex(self) -> str:
        seen: set[str] = set()
        shape = ""
        for at, piece in enumerate(_PLACE.split(self.english)):
            if at % 3 == 0:
                shape += re.escape(piece)
            elif piece is None:
                continue
            elif piece in seen:
                shape += f"(?P=v{piece})"
            else:
                seen.add(piece)
                shape += f"(?P<v{piece}>{self._value_shape(piece)})"
        return shape

    def _value_shape(self, name: str) -> str:
        return r"\d[\d,]*" if name == "count" and self.pattern.many else _COUNT_OR_ANYTHING


@cache
def _known() -> tuple[_Known, ...]:
    """Those with most words of their own first: of two that fit, the one that says more is meant."""
    found = [
        _Known(one, english) for one in patterns() for english in (one.text, one.many) if english is not None
    ]
    usable = (
        one
        for one in found
        if "{}" not in one.english and one.letters >= (_LEAST_OF_NAMED if one.has_names else 1)
    )
    return tuple(sorted(usable, key=lambda one: -one.letters))


def _value(text: str) -> _Said:
    """A value: a sentence of its own, days and amounts, or somebody's words.

    One word, or two, may be a name that is like a word of ours; so only those in small letters are looked for.
    """
    if begins_with_holiday(text):
        return name_again(text), ()
    if text in _PRESET:
        return preset_name(text), ()
    if text[:1].islower():
        for same in (text, text[0].upper() + text[1:]):
            if is_known(same):
                return gettext(same) if gettext(same) != same else text, ()
    off = _DAY_OFF.fullmatch(text)
    if off and not _values(off[1])[1]:
        day, name = _values(off[1]), _value(off[2])
        return f"{day[0]} ({name[0]})", name[1]
    if text.count(" ") < _LEAST_SPACES:
        return _values(text)
    return _several(text) or _said(text)


def _named(text: str) -> _Said:
    """A name in quotation marks: as people gave it, or left it as it came."""
    said = preset_name(text)
    return said, (() if said != text else (text,))


def _several(text: str) -> _Said | None:
    """Values side by side, all of which are known; None: they are not."""
    for glue in _GLUE:
        parts = [_value(part) for part in text.split(glue)] if glue in text else []
        if parts and not any(left for _, left in parts):
            return gettext(glue).join(said for said, _ in parts), ()
    return None


def _values(text: str) -> _Said:
    """Days, amounts and counts, each as the language writes them; a text with anything else in it stays as it is."""
    if found := _DAY_OF_YEAR.fullmatch(text):
        return _without_year(int(found[1]), _MONTHS.index(found[2]) + 1) or text, ()
    rest = _MONEY.sub("", _DAY.sub("", _COUNT.sub("", text)))
    if any(sign.isalpha() for sign in rest):
        return text, (text,)
    return _COUNT.sub(_count, _MONEY.sub(_money, _DAY.sub(_day, text))), ()


def _day(found: re.Match[str]) -> str:
    try:
        value = date(int(found[4]), _SHORT_MONTHS.index(found[3][:3]) + 1, int(found[2]))
    except ValueError:
        return found[0]
    return long_day(value) if found[1] else long_date(value)


def _without_year(day: int, month: int) -> str | None:
    """``16 November``; None: there is no such day."""
    try:
        return format_skeleton("MMMMd", date(2000, month, day), locale=locale())
    except ValueError:
        return None


def _money(found: re.Match[str]) -> str:
    try:
        return money(Decimal(found[2].replace(",", "")), found[1])
    except InvalidOperation:
        return found[0]


def _count(found: re.Match[str]) -> str:
    return _COUNTED[found[2]](int(found[1]))


_COUNTED: Final[dict[str, Callable[[int], str]]] = {
    "day": lambda number: ngettext("%(count)s day", "%(count)s days", number),
    "hour": lambda number: ngettext("%(count)s hour", "%(count)s hours", number),
    "invoice": lambda number: ngettext("%(count)s invoice", "%(count)s invoices", number),
    "other invoice": lambda number: ngettext("%(count)s other invoice", "%(count)s other invoices", number),
    "instalment": lambda number: ngettext("%(count)s instalment", "%(count)s instalments", number),
    "whole month": lambda number: ngettext("%(count)s whole month", "%(count)s whole months", number),
    "period": lambda number: ngettext("%(count)s period", "%(count)s periods", number),
    "working day": lambda number: ngettext("%(count)s working day", "%(count)s working days", number),
}
