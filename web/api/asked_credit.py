"""What requests about credit may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web.api.asked import Asked, Listing
from web.api.asked_late_payment import CurrencyCode
from web.api.fields import Id, Text

LimitAmount = Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,4})?$", examples=["5000.00"])]


class DecideLimit(Asked, frozen=True, kw_only=True):
    """``amount`` null: there is to be no limit in this currency."""

    currency: CurrencyCode
    amount: LimitAmount | None
    why: Text


class CreditProposals(Listing, frozen=True, kw_only=True):
    """Those of a customer, of a kind, in a state; without them all."""

    contact_id: Id | None = None
    kind: Literal["schedule", "limit"] | None = None
    state: Literal["waits", "accepted", "declined", "over"] | None = None


class Watch(Asked, frozen=True, kw_only=True):
    """Put a customer on watch, or end that; ``reason``: for whoever wonders why."""

    reason: Text
