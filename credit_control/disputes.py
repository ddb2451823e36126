"""What is in dispute rests, and the rest is asked for.

A dispute is about a sum of an invoice, or about all that is due of it. While it is open, that sum rests. Where it was
upheld, a credit is due, and what of it the ledger does not show yet rests on. All sums are of the invoice's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_NOTHING = Decimal(0)


class DisputeCategory(StrEnum):
    """What a dispute is about."""

    GOODS = "goods"
    PRICE = "price"
    DELIVERY = "delivery"
    DUPLICATE = "duplicate"
    NOT_OURS = "not_ours"
    PAPERWORK = "paperwork"
    OTHER = "other"


class DisputeOutcome(StrEnum):
    """How a dispute ended: the customer was right, right in part, or wrong; or nobody disputes it any more."""

    UPHELD = "upheld"
    PART_UPHELD = "part_upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


CREDIT_IS_DUE = frozenset({DisputeOutcome.UPHELD, DisputeOutcome.PART_UPHELD})


@dataclass(frozen=True, slots=True)
class Raised:
    """A dispute about an invoice, as the sums see it.

    ``credited_before``: what the ledger had credited on the invoice when the dispute was opened.
    """

    amount: Decimal | None
    """The sum that it is about; None: all that is due."""
    credited_before: Decimal = _NOTHING
    outcome: DisputeOutcome | None = None
    """None: it is open."""
    agreed: Decimal = _NOTHING
    """The credit that is due, once it was upheld."""


def most(credited_before: Decimal, due: Decimal, credited: Decimal) -> Decimal:
    """The most that a dispute can be about: what is due, and what was credited since it was opened."""
    return max(due, _NOTHING) + max(credited - credited_before, _NOTHING)


def uncredited(raised: Sequence[Raised], credited: Decimal) -> list[Decimal]:
    """What the ledger does not show yet of the credit that each of these (of one invoice, the oldest first) has due.

    Each credit counts once: for the oldest dispute that it can be for.
    """
    counted, left = _NOTHING, []
    for one in raised:
        if one.outcome not in CREDIT_IS_DUE:
            left.append(_NOTHING)
            continue
        counted = max(counted, one.credited_before)
        shown = min(one.agreed, max(credited - counted, _NOTHING))
        counted += shown
        left.append(one.agreed - shown)
    return left


def in_dispute(raised: Sequence[Raised], due: Decimal, credited: Decimal) -> Decimal:
    """What rests of an invoice of which ``due`` is left and ``credited`` was credited: never more than is due.

    ``raised`` are its disputes, the oldest first.
    """
    if due <= 0 or any(one.outcome is None and one.amount is None for one in raised):
        return max(due, _NOTHING)
    open_ones = sum((one.amount or _NOTHING for one in raised if one.outcome is None), _NOTHING)
    return min(due, open_ones + sum(uncredited(raised, credited), _NOTHING))
