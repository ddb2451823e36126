"""Long lists of ids in slices that every database takes as parameters of one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Id = TypeVar("Id", str, int)

_MOST = 5_000
"""SQLite takes 32,766 parameters, PostgreSQL 65,535; more than some thousands at once gain nothing."""


def slices(ids: Sequence[Id], size: int = _MOST) -> Iterator[Sequence[Id]]:
    """The ids in their order, at most ``size`` at a time; nothing at all for an empty list."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
