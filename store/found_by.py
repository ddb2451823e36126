"""By which words things are found: folded when they are written, because no database folds as the other does.

The first line is the name; what begins with it, or has it in the name, ranks before what has it anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kit.folding import searchable, telephone_digits

_PERSON = ("first_name", "last_name", "email")


def contact_words(row: Mapping[str, Any]) -> str:
    """Of a customer, by the values of its row."""
    persons = [_whole(one) for one in row.get("persons") or ()]
    numbers = [row.get("phone"), row.get("mobile")]
    bare = dict.fromkeys(digits for one in numbers if (digits := telephone_digits(one)) and digits != one)
    return searchable(row.get("name"), _whole(row), *numbers, *bare, *persons)


def invoice_words(row: Mapping[str, Any]) -> str:
    """Of an invoice, by the values of its row."""
    return searchable(row.get("number"), row.get("reference"))


def _whole(person: Mapping[str, Any]) -> str:
    return " ".join(str(person[part]) for part in _PERSON if person.get(part))
