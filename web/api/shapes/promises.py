"""What the API answers about promises to pay."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - as in its neighbours
from typing import Literal

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer

PromiseState = Literal["open", "kept", "part_kept", "broken", "withdrawn", "replaced"]


class Promise(Answer, frozen=True):
    """A promise to pay. Chasing of its invoices waits up to and including ``chasing_waits_until``.

    ``paid``: how much of it had come when it was last looked at; what is dated after ``chasing_waits_until`` does not
    count. ``moved``: how often the day was put off; ``replaced_by``: the newer promise on the same invoices.
    ``communication_id``: the call, reply or note with which it came.
    """

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    promised_on: Day
    amount: Money
    currency: Currency
    chasing_waits_until: Day
    state: PromiseState
    paid: Money
    missing: Money
    moved: int
    replaced_by: Id | None
    said_by: str | None
    recorded_by: str
    created_at: Moment
    judged_at: Moment | None
    communication_id: Id | None
