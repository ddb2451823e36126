"""What requests about promises to pay may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from web.api.asked import Asked, InvoiceIds, Listing, PromisedAmount
from web.api.fields import Id, ShortText, check_day
from web.api.shapes.promises import PromiseState


class RecordPromise(Asked, frozen=True, kw_only=True):
    """The contact will pay ``amount`` by ``promised_on``, on these invoices; without them, on all that are open.

    Without ``amount`` it is all that is due on them. ``currency`` may be left out where they have but one.
    """

    contact_id: Id
    invoice_ids: InvoiceIds = []
    promised_on: date
    amount: PromisedAmount | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")] | None = None
    said_by: ShortText | None = None

    def __post_init__(self) -> None:
        check_day("promised_on", self.promised_on)
        if self.amount and not self.currency:
            raise ValueError("amount goes with currency")


class Promises(Listing, frozen=True, kw_only=True):
    """Which promises to list."""

    contact_id: Id | None = None
    state: PromiseState | None = None
