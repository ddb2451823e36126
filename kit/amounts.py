"""An amount as people type it: in whichever notation, with or without its currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_SIGNS = {"£": "GBP", "€": "EUR", "$": None, "¥": None}
"""What a sign says for certain; of dollars and yen there are several."""
_SHAPE = re.compile(
    r"(?:(?P<before>[A-Z]{3}|[£€$¥])\s*)?(?P<digits>[0-9](?:[0-9.,’'\s]*[0-9])?)(?:\s*(?P<after>[A-Z]{3}|[£€$¥]))?",
    re.ASCII,
)
_GROUPED = re.compile(r"[0-9]{1,3}(?P<sign>[.,’'\s])[0-9]{3}(?:(?P=sign)[0-9]{3})*", re.ASCII)
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """What an amount can mean, and its currency where that is said for certain."""

    amounts: frozenset[Decimal]
    currency: str | None


def typed_amount(text: str) -> Typed | None:
    """``1,234.50``, ``1.234,50``, ``1 234,5``, ``EUR 1234.5``; None for what is no amount.

    ``1.234`` is the one number or the other, so it means both.
    """
    found = _SHAPE.fullmatch(text.strip().upper().replace("\u00a0", " ").replace("\u202f", " "))
    if found is None or len(found["digits"]) > _LONGEST or (found["before"] and found["after"]):
        return None
    amounts = frozenset(_readings(found["digits"]))
    word = found["before"] or found["after"]
    return Typed(amounts, _SIGNS.get(word, word) if word else None) if amounts else None


def _readings(digits: str) -> set[Decimal]:
    found = set()
    for point in ".,":
        whole, sign, rest = digits.rpartition(point)
        if sign and rest.isdigit() and len(rest) <= 4 and (plain := _whole(whole, but=point)):
            found.add(Decimal(f"{plain}.{rest}"))
    if plain := _whole(digits):
        found.add(Decimal(plain))
    return found


def _whole(digits: str, but: str = "") -> str | None:
    """A whole number without its thousands' signs, which are all the same; None for what is none."""
    if digits.isdigit():
        return digits
    grouped = _GROUPED.fullmatch(digits)
    if grouped is None or grouped["sign"] == but:
        return None
    return re.sub(r"[^0-9]", "", digits)
