"""What the API answers about messages, and what stands of them in the ledger."""

from __future__ import annotations

from typing import Literal

from web.api.fields import Currency, Id, LedgerId, Moment, Price
from web.api.shapes.base import Answer, Reason

Direction = Literal["out", "in"]


Channel = Literal["email", "sms", "call", "letter", "note", "page"]


CommunicationStatus = Literal[
    "planned",
    "held",
    "sending",
    "sent",
    "delivered",
    "bounced",
    "failed",
    "unknown",
    "cancelled",
    "received",
]


NoteStatus = Literal["pending", "written", "refused"]


class Communication(Answer, frozen=True):
    """One message, call or note. ``reason``: why it has this status, in words."""

    id: Id
    direction: Direction
    channel: Channel
    kind: str
    status: CommunicationStatus
    reason: str | None
    contact_id: Id
    invoice_ids: list[Id]
    to: list[str]
    cc: list[str]
    subject: str | None
    planned_for: Moment | None
    checked_at: Moment | None
    sent_at: Moment | None
    provider_id: str | None


class OwnText(Answer, frozen=True):
    """A person's own text for a message that has not left. ``set_aside``: it is about something else now, and stays."""

    subject: str
    text: str
    written_by: str
    set_aside: bool


class Cost(Answer, frozen=True):
    """What text messages cost in one currency, as their provider says it."""

    currency: Currency
    amount: Price


class CommunicationInFull(Communication, frozen=True):
    """One message with its text, once it is written, and what the rules said when it was planned.

    ``segments``: in how many pieces a text message travels; null for what is none. ``cost``: what the provider says
    that it cost; null while it has not said so.
    ``from_name`` and ``from_email``: as whom it left, or came in.
    """

    text: str | None
    reasons: list[Reason]
    from_name: str | None
    from_email: str | None
    own_text: OwnText | None = None
    segments: int | None = None
    cost: Cost | None = None


class LedgerNote(Answer, frozen=True):
    """A note that stands, or will stand, in the ledger's history of a contact, an invoice or a quote.

    ``problem``: why it waits, or was refused, in words; ``next_try_at``: when a pending one is tried (again).
    """

    id: Id
    target: Literal["contact", "invoice", "quote"]
    ledger_id: LedgerId
    text: str
    status: NoteStatus
    communication_id: Id | None
    written_at: Moment | None
    problem: str | None
    next_try_at: Moment
