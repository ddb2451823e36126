"""What is looked at: invoices that were paid in full, and the rounding of what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Settled:
    """An invoice that is paid in full. ``amount`` is its total, in its own currency."""

    issued_on: date
    due_on: date
    settled_on: date
    currency: str
    amount: Decimal

    @property
    def days_late(self) -> int:
        """Days from the due date to the day on which it was paid in full; negative: before it."""
        return (self.settled_on - self.due_on).days


def rounded(value: Fraction, places: int) -> Decimal:
    """An exact ratio with so many decimals, halves away from zero; the only rounding there is."""
    scaled = value * 10**places
    whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
    whole += 2 * rest >= scaled.denominator
    return (
        Decimal(whole if scaled >= 0 else -whole)
        .scaleb(-places)
        .quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    )
