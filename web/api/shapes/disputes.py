"""What the API answers about disputes."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - as the other shapes name it
from typing import Literal

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer

DisputeCategory = Literal["goods", "price", "delivery", "duplicate", "not_ours", "paperwork", "other"]
DisputeOutcome = Literal["upheld", "part_upheld", "rejected", "withdrawn"]


class Dispute(Answer, frozen=True):
    """A dispute about an invoice. ``amount``: the sum of it, null for all that is due.

    ``resting``: what of the invoice is not asked for now, for this dispute or another; the rest of it is chased.
    ``answer_by``: the day by which the customer is to be answered. ``agreed``: the credit that is due, where the dispute
    was upheld. ``communication_id``: what it came with, such as a reply.
    """

    id: Id
    contact_id: Id
    invoice_id: Id
    currency: Currency
    amount: Money | None
    category: DisputeCategory
    reason: str
    owner_id: Id | None
    owner_name: str | None
    answer_by: Day
    communication_id: Id | None
    resting: Money
    opened_at: Moment
    opened_by: str
    outcome: DisputeOutcome | None
    agreed: Money | None
    outcome_text: str | None
    settled_at: Moment | None
    settled_by: str | None
