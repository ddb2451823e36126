"""Text made alike for searching: no capitals, no accents, no thousands between the digits.

Databases fold each in a way of its own, and one of ours not at all; so it is done here, the same for both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_MARKS = re.compile("[\u0300-\u036f]+")
_STROKED = re.compile("[øłđħıæœþð]")
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
_THOUSANDS = re.compile("[,’'\u00a0\u202f](?<=[0-9].)(?=[0-9]{3}(?![0-9]))")
"""The sign first: it is rare, and what is looked for first is what the search costs."""

_NO_DIGITS = re.compile("[^0-9]+")
_TELEPHONE = re.compile(r"[+(]?[0-9][0-9 ()./\u2011\u2013-]*")
_LEAST_DIGITS = 6
_IN_COMMON = 9


def folded(text: str) -> str:
    """``Café Møller`` as ``cafe moller``. Letters without an alike stay as they are, in small."""
    if text.isascii():
        return text.lower()
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _STROKED.sub(lambda found: _PLAIN[found[0]], plain)


def searchable(*parts: str | None) -> str:
    """What is told of one thing, a line a part, as it is stored to be searched. The first part is its name."""
    return "\n".join(_joined(folded(" ".join(one.split()))) for one in parts if one)


def distinct_words(*texts: str | None) -> str:
    """The words of a text, each once: as much as it takes to find it, and less to look through."""
    return " ".join(dict.fromkeys(_joined(folded("\n".join(one for one in texts if one))).split()))


def asked_words(asked: str) -> tuple[str, ...]:
    """What somebody typed, as words to be looked for in what is stored."""
    return tuple(dict.fromkeys(_joined(folded(asked)).split()))


def telephone_digits(number: str | None) -> str | None:
    """The digits of a telephone number as it is stored to be searched; None: it has no more than a few."""
    digits = _NO_DIGITS.sub("", number or "")
    return digits if len(digits) >= _LEAST_DIGITS else None


def asked_telephone(asked: str) -> str | None:
    """What a telephone number that somebody typed has in common with any spelling of it; None: it is no such number.

    The last nine digits, without a leading zero: so ``+44 20 7946 0991`` and ``020-79460991`` mean the same.
    """
    if not _TELEPHONE.fullmatch(asked.strip()):
        return None
    digits = telephone_digits(asked)
    return digits.lstrip("0")[-_IN_COMMON:] or None if digits else None


class Words:
    """What somebody looks for: all of the words, in any order, each anywhere in a text."""

    def __init__(self, asked: str) -> None:
        self._words: Sequence[str] = asked_words(asked)
        self._counts = any(character.isdigit() for word in self._words for character in word)

    def __bool__(self) -> bool:
        return bool(self._words)

    def are_in(self, text: str) -> bool:
        """Whether the text has all of them."""
        plain = folded(text)
        if self._counts:
            plain = _joined(plain)
        return all(word in plain for word in self._words)


def _joined(text: str) -> str:
    """``1,234.50`` as ``1234.50``: people type the number, and letters are written with the comma."""
    return _THOUSANDS.sub("", text)
