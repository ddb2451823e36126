"""What requests about credit may carry."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web.api.asked import Asked
from web.api.asked_late_payment import CurrencyCode
from web.api.fields import Text

LimitAmount = Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,4})?$", examples=["5000.00"])]


class DecideLimit(Asked, frozen=True, kw_only=True):
    """``amount`` null: there is to be no limit in this currency."""

    currency: CurrencyCode
    amount: LimitAmount | None
    why: Text


class Watch(Asked, frozen=True, kw_only=True):
    """Put a customer on watch, or end that; ``reason``: for whoever wonders why."""

    reason: Text
