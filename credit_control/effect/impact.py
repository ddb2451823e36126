"""The minutes that people did not spend: what was done, each kind by an assumption of minutes that anybody may change.

Nobody measured these minutes. They are an assumption, are shown as one, and the sum is shown worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_MINUTES = 240
_HOUR = 60


class Deed(StrEnum):
    """What is counted."""

    EMAIL = "email"
    TEXT = "text"
    LETTER = "letter"
    STATEMENT = "statement"
    CALL = "call"
    REPLY = "reply"
    NOTE = "note"


ASSUMED: Mapping[Deed, int] = {
    Deed.EMAIL: 5,
    Deed.TEXT: 3,
    Deed.LETTER: 10,
    Deed.STATEMENT: 8,
    Deed.CALL: 3,
    Deed.REPLY: 2,
    Deed.NOTE: 2,
}
"""Minutes saved by each, where nobody has said otherwise. A call is made by a person: only looking up what to say counts."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One kind with its part of the sum."""

    deed: Deed
    count: int
    each: int
    """Minutes, as they are assumed."""

    @property
    def minutes(self) -> int:
        return self.count * self.each


def assumptions(own: Mapping[str, object]) -> dict[Deed, int]:
    """The minutes of each kind: an organisation's own, else the assumed ones."""
    found = {}
    for deed in Deed:
        value = own.get(deed.value)
        found[deed] = value if isinstance(value, int) else ASSUMED[deed]
    return found


def saved(counts: Mapping[Deed, int], each: Mapping[Deed, int]) -> list[Saved]:
    """Every kind, also one of which there was none."""
    return [Saved(deed, counts.get(deed, 0), each[deed]) for deed in Deed]


def hours_and_minutes(minutes: int) -> tuple[int, int]:
    """Whole hours, and the minutes that are left."""
    return divmod(minutes, _HOUR)
