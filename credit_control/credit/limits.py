"""What a customer owes in a currency, against what it may owe."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Use:
    """How far a limit is used, in one currency. What is not due yet counts: it is credit that was given."""

    currency: str
    limit: Decimal | None
    """None: no limit is set, or it was decided that there is none."""
    open: Decimal
    """What is due of all open invoices."""
    credits: Decimal
    """Credit notes, overpayments and prepayments that no invoice has used yet."""

    @property
    def exposure(self) -> Decimal:
        """What would be lost if the customer never paid again: open invoices less its unused credits, never below nought."""
        return max(self.open - self.credits, _NOTHING)

    @property
    def left(self) -> Decimal | None:
        """What it may still buy; below nought if the limit is exceeded, None without a limit."""
        return None if self.limit is None else self.limit - self.exposure

    @property
    def exceeded(self) -> bool:
        """Whether more is owed than may be; exactly the limit is allowed."""
        return self.left is not None and self.left < 0

    @property
    def share(self) -> Decimal | None:
        """How much of the limit is used, in whole percent rounded down; None without one, or for a limit of nought."""
        return None if not self.limit else self.exposure * 100 // self.limit
