"""How a list of the ledger is read page by page, while the ledger goes on changing.

The ledger lists by time of change, oldest first, so a document that changes while the list is read moves to
its end and everything behind it moves up by one: going by page numbers would skip a document. Therefore the
walk asks for what changed since the newest document it has seen, and repeats a little, instead of asking for
the next number. Only where that brings nothing forward (thousands of changes in one second, or a ledger that
lists in another order) it goes by page numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

_REPEAT = timedelta(seconds=1)
"""The ledger compares times of change by the second."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands: ``page`` pages were read of what changed since ``cursor``."""

    cursor: datetime | None
    page: int = 0
    read: int = 0
    expected: int | None = None

    @property
    def next_page(self) -> int:
        return self.page + 1

    def after(self, changes: Sequence[datetime], total: int | None, *, last: bool) -> Walk:
        """Where it stands after one more page, whose documents changed at these moments.

        ``total`` counts the documents from the cursor on, where the ledger counts them.
        """
        on = replace(self, page=self.next_page).counted(len(changes), total, last=last)
        turned = _turn(changes)
        if last or turned is None or (self.cursor is not None and turned <= self.cursor):
            return on
        return replace(on, cursor=turned, page=0)

    def counted(self, size: int, total: int | None, *, last: bool) -> Walk:
        """With the counts for people; what is read again is not counted again where the ledger counts."""
        if total is None:
            return replace(self, read=self.read + size)
        left = 0 if last else max(total - size * self.page, 0)
        expected = max(total if self.expected is None else self.expected, self.read + left)
        return replace(self, expected=expected, read=expected - left)


def _turn(changes: Sequence[datetime]) -> datetime | None:
    """Since when to ask next, if the page was in order."""
    if not changes or any(later < earlier for earlier, later in pairwise(changes)):
        return None
    return changes[-1].replace(microsecond=0) - _REPEAT
