"""Bands of credit scores: from 0 to 100, more points being less risk. The organisation may have its own table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

MOST_POINTS: Final = 100


@dataclass(frozen=True, slots=True)
class Band:
    """Scores of at least so many points, and fewer than the next better band's."""

    name: str
    at_least: int


DEFAULTS: Final = (Band("A", 80), Band("B", 60), Band("C", 40), Band("D", 20), Band("E", 0))


def band_of(score: int, table: Sequence[Band]) -> Band:
    """The first band for which the score is enough; the last one begins with 0, so there is one."""
    return next((one for one in table if score >= one.at_least), table[-1])


def problem_with(table: Sequence[Band]) -> str | None:
    """What is wrong with a table, the best first: ``few``, ``names``, ``order`` or ``last``; None: nothing."""
    names = [one.name.casefold() for one in table]
    if len(table) < 2:
        return "few"
    if not all(names) or len(set(names)) < len(names):
        return "names"
    if table[0].at_least > MOST_POINTS or any(
        better.at_least <= worse.at_least for better, worse in pairwise(table)
    ):
        return "order"
    return None if table[-1].at_least == 0 else "last"
