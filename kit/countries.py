"""Countries as ISO 3166 codes: people name and abbreviate them as they like."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from babel import Locale

_LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt", "sv", "da", "nb", "fi", "pl")
"""In which a country may be named."""
_ALSO = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "usa": "US",
    "united states of america": "US",
    "america": "US",
    "uae": "AE",
    "republic of ireland": "IE",
    "eire": "IE",
    "aotearoa": "NZ",
    "holland": "NL",
    "the netherlands": "NL",
    "hong kong": "HK",
    "macau": "MO",
    "czech republic": "CZ",
    "south korea": "KR",
    "russian federation": "RU",
    "turkey": "TR",
}


@lru_cache(maxsize=4096)
def iso_code(text: str | None) -> str | None:
    """The code of a country that is named or abbreviated somehow; None for what is no country's name."""
    return _names().get(_plain(text or ""))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    known = [code for code in _territories("en") if re.fullmatch("[A-Z]{2}", code) and code not in _NONE]
    names = {code.lower(): code for code in known}
    for language in reversed(_LANGUAGES):  # English last, so that it wins
        territories = _territories(language)
        names |= {_plain(territories[code]): code for code in known if code in territories}
    return names | _ALSO


def _territories(language: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(language).territories.items()}


_NONE = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Unions, outlying places, and pretended ones."""


def _plain(text: str) -> str:
    """Without accents, dots and case."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'"))
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter) and letter != ".")
    return " ".join(letters.casefold().split())
