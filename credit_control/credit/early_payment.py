"""What a discount for early payment costs, as the rate of a loan over a year that brings the money as many days sooner.

    annual rate = d ÷ (1 − d) × 365 ÷ (N − n)

for a discount of the share d on what is paid within n days instead of after N. It is the simple rate, without interest
on interest. 2 % within 10 days instead of 30 costs 0.02 ÷ 0.98 × 365 ÷ 20 = 37.2 % a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from credit_control.figures.figure import round_half_up

YEAR = 365


@dataclass(frozen=True, slots=True)
class Offer:
    """So many percent off for who pays within so many days of the issue day."""

    percent: Fraction
    within_days: int

    def __post_init__(self) -> None:
        if not 0 < self.percent < 100:
            raise ValueError("A discount is more than 0 and less than 100 percent.")
        if self.within_days < 0:
            raise ValueError("The days of a discount are counted from the issue day on.")


@dataclass(frozen=True, slots=True)
class Cost:
    """What an offer means where it is taken up. Money is in the currency of what was sold."""

    days_sooner: Fraction
    """By how much sooner the money comes; nought or less: no sooner, and the discount brings nothing."""
    annual_rate: Fraction | None
    """A share: 0.372 is 37.2 % a year; None: the money comes no sooner, so there is nothing to set it against."""
    given_away: Decimal
    """What the discount takes off a year's sales, if all of them are paid in time for it."""


def cost_of(offer: Offer, days: Fraction, sales: Decimal, places: int = 2) -> Cost:
    """What an ``offer`` costs with a customer that otherwise pays after so many ``days`` and buys for ``sales`` in a year."""
    share = offer.percent / 100
    sooner = days - offer.within_days
    rate = share / (1 - share) * YEAR / sooner if sooner > 0 else None
    return Cost(sooner, rate, round_half_up(Fraction(sales) * share, places))
