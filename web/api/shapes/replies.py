"""What the API answers about replies, the tray, and payments that customers say they have made."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Literal

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer

ReplyState = Literal["waiting", "settled"]
MeaningName = Literal["paid", "will_pay", "question", "dispute", "wrong_person", "needs_copy", "other"]


class Said(Answer, frozen=True):
    """What was said beside the meaning; null: nothing of the kind."""

    on: Day | None = None
    amount: str | None = None
    currency: str | None = None
    reference: str | None = None
    person: str | None = None
    address: str | None = None
    numbers: list[str] = []


class Reply(Answer, frozen=True):
    """A reply as work; ``id`` is that of its communication.

    ``meaning`` is suggested because of ``sentence``, by ``rule``. ``proven`` false: nothing shows that it comes from
    whom it names. From the day after ``due_on`` on its owner is reminded.
    """

    id: Id
    contact_id: Id
    contact_name: str
    channel: str
    from_name: str | None
    from_email: str | None
    subject: str | None
    text: str
    received_at: Moment
    matched_by: str
    proven: bool
    meaning: MeaningName
    sentence: str
    rule: str
    details: Said
    owner_id: Id | None
    due_on: Day
    state: ReplyState
    settled_as: str | None
    settled_by: str | None
    settled_at: Moment | None


class SentAnswer(Answer, frozen=True):
    """An answer that leaves in a moment; ``id`` is that of its communication, where its status can be read."""

    id: Id
    reply_id: Id
    to: list[str]
    subject: str


class Suggestion(Answer, frozen=True):
    """Whom a mail could be from, and why."""

    contact_id: Id
    name: str
    why: str


class StrayMail(Answer, frozen=True):
    """A mail of which nobody knows for sure which contact wrote it. ``reply_id``: the reply that it became."""

    id: Id
    from_name: str | None
    from_email: str | None
    subject: str | None
    text: str | None
    proven: bool
    suggestions: list[Suggestion]
    state: Literal["waiting", "assigned", "dismissed"]
    received_at: Moment
    reply_id: Id | None


class PaidClaim(Answer, frozen=True):
    """A payment that a contact says it has made. ``missing``: it did not show by ``rest_until``, so a person decides."""

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    paid_on: Day | None
    amount: Money | None
    currency: Currency | None
    reference: str | None
    state: Literal["resting", "missing", "shown", "refuted", "withdrawn"]
    rest_until: Day
    reply_id: Id | None
