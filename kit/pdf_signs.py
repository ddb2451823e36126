"""What stands on paper in place of signs that the letters' type lacks.

An amount in rupees, a duck in a name: neither is a reason to print nothing. Currency signs become their codes, rare
letters their plain ones, and pictures are left out. What is left are letters of other scripts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_CODES = {
    "₹": "INR",
    "฿": "THB",
    "₺": "TRY",
    "₽": "RUB",
    "₸": "KZT",
    "₼": "AZN",
    "₾": "GEL",
    "৳": "BDT",
    "៛": "KHR",
    "؋": "AFN",
    "⃀": "KGS",
}
"""Of each sign that is one currency's alone."""
_SAYS_NOTHING = frozenset({"So", "Sk", "Cf", "Cn", "Co", "Cs", "Mn", "Me"})
"""Pictures, what joins and colours them, and what nobody has given a meaning."""
_GAP = " …"
_SEVERAL_SPACES = re.compile(r" {2,}")


def with_signs_of(known: Collection[int], words: str) -> str:
    """The words in signs of the type (``known``: its code points), as far as it has any for them."""
    words = unicodedata.normalize("NFC", words)
    if all(ord(sign) in known or sign == "\n" for sign in words):
        return words
    found = [_instead(sign, follows, known) for sign, follows in zip(words, [*words[1:], ""], strict=True)]
    return _SEVERAL_SPACES.sub(" ", "".join(found)).strip(" ")


def with_gaps(known: Collection[int], words: str) -> str:
    """The words with an ellipsis for each run of signs that the type lacks; "" where nothing else is left."""
    marked = "".join(sign if ord(sign) in known or sign == "\n" else "\0" for sign in words)
    if "\0" not in marked:
        return words
    gapped = re.sub(r"\0(?:[\0 ]*\0)?", "…", marked)
    return gapped if gapped.strip(_GAP) else ""


def _instead(sign: str, follows: str, known: Collection[int]) -> str:
    if unicodedata.category(sign) == "Cf":  # joins pictures, or turns the direction of what follows
        return ""
    if ord(sign) in known or sign == "\n":
        return sign
    if code := _CODES.get(sign):
        return f"{code}\N{NO-BREAK SPACE}" if follows.isdigit() else code
    parts = unicodedata.normalize("NFKD", sign)
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    if plain and all(ord(part) in known for part in plain):
        return plain
    return "" if unicodedata.category(sign) in _SAYS_NOTHING else sign
