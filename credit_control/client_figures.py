"""By its figures, which client of a practice needs help most. Anybody can work the points out again from the page.

| what | points |
|---|---|
| each full 2 % of what is open that is overdue | 1, at most 50 |
| each full 2 % of what is open that is more than 90 days overdue | 1, at most 50 |
| each full day by which DSO grew against the month before | 1, at most 20 |
| each target that is missed | 10, at most 30 |
| each reply that waits | 5, at most 50 |

The first four are counted in each currency for itself, and a client has those of the currency that has most of them:
neither money nor points of two currencies are ever added. Shares count, amounts do not, so a small client in trouble
stands before a large one that is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from credit_control.client_health import EACH_REPLY, MOST_REPLIES

PER_CENT_OF_A_POINT: Final = 2
MOST_OVERDUE: Final = 50
MOST_LONG_OVERDUE: Final = 50
EACH_DAY, MOST_DAYS = 1, 20
EACH_TARGET, MOST_TARGETS = 10, 30


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of one client in one currency at the end of a month."""

    open: Decimal
    overdue: Decimal
    long_overdue: Decimal
    """More than 90 days."""
    dso_change: Fraction | None
    """In days against the month before; None: one of the two has no DSO."""
    targets_missed: int


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one currency, by what they are for."""

    overdue: int
    long_overdue: int
    worse: int
    targets: int

    @property
    def all(self) -> int:
        return self.overdue + self.long_overdue + self.worse + self.targets


def points(signs: Signs) -> Points:
    """How much one currency of a client needs help."""
    grown = max(signs.dso_change or Fraction(0), Fraction(0))
    return Points(
        overdue=_of_share(share(signs.overdue, signs.open), MOST_OVERDUE),
        long_overdue=_of_share(share(signs.long_overdue, signs.open), MOST_LONG_OVERDUE),
        worse=min(int(grown) * EACH_DAY, MOST_DAYS),
        targets=min(signs.targets_missed * EACH_TARGET, MOST_TARGETS),
    )


def of_replies(waiting: int) -> int:
    """The points of replies that wait, as in the list of clients."""
    return min(waiting * EACH_REPLY, MOST_REPLIES)


def of_client(currencies: Iterable[Points], replies: int) -> int:
    """The points of a client: those of its worst currency, and those of its replies."""
    return max((one.all for one in currencies), default=0) + of_replies(replies)


def share(part: Decimal, whole: Decimal) -> Fraction | None:
    """In per cent; None: nothing is open, or less than nothing."""
    return Fraction(part) / Fraction(whole) * 100 if whole > 0 else None


def _of_share(per_cent: Fraction | None, most: int) -> int:
    return min(int(max(per_cent or Fraction(0), Fraction(0)) // PER_CENT_OF_A_POINT), most)
