"""What requests about disputes may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from web.api.asked import Asked, Listing
from web.api.fields import Id, LongText, Text, check_day
from web.api.shapes.disputes import DisputeCategory

Sum = Annotated[
    str,
    Meta(
        pattern=r"^\d{1,12}(\.\d{1,4})?$",
        description="In the invoice's currency, more than nothing.",
        examples=["300.00"],
    ),
]


class Disputes(Listing, frozen=True, kw_only=True):
    """``open`` false: only those that are settled."""

    open: bool | None = None
    contact_id: Id | None = None
    invoice_id: Id | None = None


class OpenDispute(Asked, frozen=True, kw_only=True):
    """What a customer disputes of an invoice. Without ``amount``, all that is due of it.

    ``owner_id``: the member who sees to it; without it, whoever looks after the customer. ``answer_by``: the day by
    which the customer is to be answered; without it, the organisation's usual days from today.
    """

    invoice_id: Id
    amount: Sum | None = None
    reason: Text
    category: DisputeCategory = "other"
    owner_id: Id | None = None
    answer_by: date | None = None

    def __post_init__(self) -> None:
        check_day("answer_by", self.answer_by)


class SettleDispute(Asked, frozen=True, kw_only=True):
    """``amount``: what is credited, where it is upheld in part. ``text``: what the customer is answered."""

    outcome: Literal["upheld", "part_upheld", "rejected"]
    amount: Sum | None = None
    text: LongText

    def __post_init__(self) -> None:
        if (self.outcome == "part_upheld") != (self.amount is not None):
            raise ValueError("amount goes with part_upheld, and with nothing else")


class WithdrawDispute(Asked, frozen=True, kw_only=True):
    """``text``: why nobody disputes it any more."""

    text: LongText | None = None


class ChangeDispute(Asked, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    owner_id: Id | None = None
    answer_by: date | None = None

    def __post_init__(self) -> None:
        check_day("answer_by", self.answer_by)
