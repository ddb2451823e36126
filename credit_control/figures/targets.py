"""What an organisation wants its figures to be, and how far it is from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

MORE_IS_BETTER: Final[Mapping[str, bool]] = {
    "dso": False,
    "dso_countback": False,
    "average_days_delinquent": False,
    "cei": True,
    "days_late": False,
    "dbt": False,
    "at_risk_rate": False,
    "promise_kept": True,
    "right_first_time": True,
    "wrong_chase_rate": False,
}
"""The figures that can have a target, in the order of the page: days, or per cent."""
PER_CENT: Final = frozenset({"cei", "at_risk_rate", "promise_kept", "right_first_time", "wrong_chase_rate"})
MOST_DAYS: Final = Decimal(999)
MOST_PER_CENT: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Against:
    """A figure held against its target. ``apart`` is the distance without a sign, in days or percentage points."""

    target: Decimal
    apart: Fraction
    above: bool
    met: bool


def against(figure: str, value: Fraction, target: Decimal) -> Against:
    """How a value stands to its target: met where it is as good or better. ``KeyError`` for a figure that has none."""
    apart = value - Fraction(target)
    met = apart >= 0 if MORE_IS_BETTER[figure] else apart <= 0
    return Against(target, abs(apart), apart > 0, met)


def most(figure: str) -> Decimal:
    """The largest target that makes sense for a figure."""
    return MOST_PER_CENT if figure in PER_CENT else MOST_DAYS
