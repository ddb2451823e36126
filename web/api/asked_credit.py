"""What requests about credit may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from web.api.asked import Asked, Listing
from web.api.asked_late_payment import CurrencyCode
from web.api.fields import Id, Text, check_day

LimitAmount = Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,4})?$", examples=["5000.00"])]


class DecideLimit(Asked, frozen=True, kw_only=True):
    """``amount`` null: there is to be no limit in this currency."""

    currency: CurrencyCode
    amount: LimitAmount | None
    why: Text


class CreditProposals(Listing, frozen=True, kw_only=True):
    """Those of a customer, of a kind, in a state; without them all."""

    contact_id: Id | None = None
    kind: Literal["schedule", "limit", "terms"] | None = None
    state: Literal["waits", "accepted", "declined", "over"] | None = None


Percentage = Annotated[str, Meta(pattern=r"^\d{1,2}(\.\d{1,2})?$", examples=["2.5"])]
Days = Annotated[int, Meta(ge=1, le=1000, examples=[14])]


class AgreeTerms(Asked, frozen=True, kw_only=True):
    """Either ``percent``, or ``amount`` with its ``currency``, or neither of them and ``due_days`` alone.

    ``invoice_id`` null: about all invoices of the contact. ``within_days``: the discount is for who pays within so many
    days of the issue day; null: up to ``until``, the last day on which any of it holds.
    """

    until: date
    invoice_id: str | None = None
    percent: Percentage | None = None
    amount: LimitAmount | None = None
    currency: CurrencyCode | None = None
    within_days: Days | None = None
    due_days: Days | None = None
    why: Text

    def __post_init__(self) -> None:
        check_day("until", self.until)


class Watch(Asked, frozen=True, kw_only=True):
    """Put a customer on watch, or end that; ``reason``: for whoever wonders why."""

    reason: Text
