"""What the rules said, once more in the language of whoever reads it.

Reasons are made and kept in English, also by jobs that nobody watches. Their sentences are known, so each is found again by
what stands between its values, and said in another language with the values written as that language writes them. What is
not known stays as it is: it is what people have written, or the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Final

from kit.public_holidays import begins_with_holiday, name_again
from kit.wording import ENGLISH, N_, gettext, language, ngettext, patterns, worded_in
from services.preset_names import STEPS, preset_name
from web.format import long_date, long_day, money

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAY: Final = re.compile(
    r"\b((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day )?(\d{1,2}) (" + "|".join(_MONTHS) + r") (\d{4})\b"
)
_DAY_OFF: Final = re.compile(rf"{_DAY.pattern} \(([^()]+)\)")
"""A day with the name of what closes it."""
_MONEY: Final = re.compile(r"\b([A-Z]{3}) (\d[\d,]*(?:\.\d+)?)(?![\d,]*\d)")
_COUNT: Final = re.compile(r"\b(\d+) (working day|other invoice|invoice|day|hour)s?\b")
_COUNT_OR_ANYTHING: Final = rf"(?:{_COUNT.pattern.replace('(', '(?:')}|.+?)"
_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) (?=[A-Z“])")
_LEAST_LETTERS: Final = 5
"""A pattern with less than this between its values would be found in anything."""
_LEAST_SPACES: Final = 2
_SMALL: Final = frozenset({N_("after"), N_("before"), *(name for name in STEPS if " " in name)})
"""Words that are values."""


def again(text: str) -> str:
    """A sentence of the rules, or several, in the language of the moment."""
    return text if language() == ENGLISH else _again(text, language())


@lru_cache(maxsize=8192)
def _again(text: str, wanted: str) -> str:
    with worded_in(wanted):
        whole = _sentence(text)
        if whole is not None:
            return whole
        parts = _SENTENCE_END.split(text)
        if len(parts) > 1:
            return " ".join(_again(part, wanted) for part in parts)
        because, colon, rest = text.partition(": ")
        if colon and gettext(because) != because:
            return f"{gettext(because)}: {rest}"
        return _values(text)


def _sentence(text: str) -> str | None:
    if gettext(text) != text:
        return gettext(text)
    for found in _known(language()):
        match = found.shape.fullmatch(text)
        if match:
            values = {
                int(name[1:]): preset_name(value) if name in found.names else _value(value)
                for name, value in match.groupdict().items()
            }
            return gettext(found.pattern).format(*(values.get(at, "") for at in range(max(values) + 1)))
    return None


class _Known:
    """A pattern, and how its sentences look."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        pieces = re.split(r"\{(\d)\}", pattern)
        self.letters = sum(len(piece) for piece in pieces[::2])
        self.names = {f"v{digit}" for digit in re.findall(r"“\{(\d)\}”", pattern)}
        """Values that are names: as people gave them, or left them."""
        seen: set[str] = set()
        shape = ""
        for at, piece in enumerate(pieces):
            if at % 2 == 0:
                shape += re.escape(piece)
            elif piece in seen:
                shape += f"(?P=v{piece})"
            else:
                seen.add(piece)
                shape += f"(?P<v{piece}>{_COUNT_OR_ANYTHING})"
        self.shape = re.compile(shape, re.DOTALL)


@cache
def _known(wanted: str) -> tuple[_Known, ...]:
    """Those with most words of their own first: of two that fit, the one that says more is meant."""
    found = [_Known(pattern) for pattern in patterns(wanted)]
    return tuple(
        sorted((one for one in found if one.letters >= _LEAST_LETTERS), key=lambda one: -one.letters)
    )


def _value(text: str) -> str:
    """A value: a sentence of its own, days and amounts, or somebody's words, of which one may be like a word of ours."""
    known = text in _SMALL or text.count(" ") >= _LEAST_SPACES
    if begins_with_holiday(text):
        return name_again(text)
    return (_sentence(text) if known else None) or _values(text)


def _values(text: str) -> str:
    return _COUNT.sub(_count, _MONEY.sub(_money, _DAY.sub(_day, _DAY_OFF.sub(_day_off, text))))


def _day_off(found: re.Match[str]) -> str:
    return f"{found[0].removesuffix(f'{found[5]})')}{_value(found[5])})"


def _day(found: re.Match[str]) -> str:
    try:
        value = date(int(found[4]), _MONTHS.index(found[3]) + 1, int(found[2]))
    except ValueError:
        return found[0]
    return long_day(value) if found[1] else long_date(value)


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
    "working day": lambda number: ngettext("%(count)s working day", "%(count)s working days", number),
}
