"""What was said: messages out and in, their events, and the notes of them in the ledger."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.acting import acting
from store.models.base import Base, Code, Id, LedgerId, OrganisationId, Said, Words

_PLANNED = text("status = 'planned'")
_OPEN = text("status IN ('planned', 'held', 'sending')")
_HELD = text("status = 'held'")
_ASK_COST = text("ask_cost_at IS NOT NULL")
_UNSETTLED = text("status IN ('sending', 'unknown')")
_PENDING = text("status = 'pending'")
_REFUSED = text("status = 'refused'")
_CALLED = text("reached IS NOT NULL")
_BY_PRACTICE = text("practice_id IS NOT NULL")
_LEFT = text("direction = 'out' AND sent_at IS NOT NULL")
_HAPPENED = text("coalesce(sent_at, planned_for, created_at)")


class Communication(Base):
    """One message, in either direction. A chaser's id follows from what it says to whom, so it exists once."""

    __tablename__ = "communications"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "ix_communications_planned",
            "planned_for",
            "organisation_id",
            sqlite_where=_PLANNED,
            postgresql_where=_PLANNED,
        ),
        Index(
            "ix_communications_open",
            "organisation_id",
            "contact_id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_communications_held",
            "organisation_id",
            "planned_for",
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
        Index(
            "ix_communications_unsettled", "claimed_at", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED
        ),
        Index(
            "ix_communications_ask_cost", "ask_cost_at", sqlite_where=_ASK_COST, postgresql_where=_ASK_COST
        ),
        Index(None, "organisation_id", "contact_id", "created_at"),
        Index(None, "organisation_id", "created_at", "id"),
        Index(None, "organisation_id", "sent_at"),
        Index(
            "ix_communications_left",
            "organisation_id",
            "sent_at",
            "channel",
            "kind",
            "status",
            sqlite_where=_LEFT,
            postgresql_where=_LEFT,
        ),
        Index(
            "ix_communications_by_practice",
            "organisation_id",
            "created_at",
            "id",
            sqlite_where=_BY_PRACTICE,
            postgresql_where=_BY_PRACTICE,
        ),
        Index(
            "ix_communications_called",
            "organisation_id",
            "created_at",
            "contact_id",
            "reached",
            sqlite_where=_CALLED,
            postgresql_where=_CALLED,
        ),
        Index(None, "message_id"),
        Index(None, "text_to"),
        Index(None, "organisation_id", "handed_over_at"),
        Index(None, "organisation_id", "in_reply_to"),
        Index("ix_communications_happened", "organisation_id", "contact_id", _HAPPENED, "id"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    direction: Mapped[Code]
    """out, in"""
    channel: Mapped[Code]
    """email, sms, call, letter, note, page (what a customer says on its own page)"""
    kind: Mapped[Code]
    """chaser, reply, auto_reply, answer, own_mail (a colleague wrote it by hand), call, note, letter, review, skip; and
    the kinds of ``credit_control.occasions``"""
    status: Mapped[Code]
    """planned, held, sending, sent, delivered, bounced, failed, unknown, cancelled, received"""
    reason: Mapped[Words | None]
    """Why it has this status, in words."""
    practice_id: Mapped[str | None] = mapped_column(String(32), default=lambda: acting().practice_id)
    """The practice as whose staff a person put it down; None: nobody of a practice did."""
    contact_id: Mapped[Id]
    schedule_version_id: Mapped[Id | None]
    step_position: Mapped[int | None]
    step_name: Mapped[Words | None]
    template_version_id: Mapped[Id | None]
    occasion: Mapped[dict[str, Any] | None]
    """Of a mail that no step sends: what it is about beside its invoices, and ``left_out`` if it is so for good."""
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """What the rules said when it was planned: rule, outcome, text."""
    to: Mapped[list[str]] = mapped_column(default=list)
    cc: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    to_role: Mapped[Code | None]
    """For whom it was meant, where somebody has that role; None: it went to whom the ledger writes."""
    copy_roles: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The roles of those who got a copy."""
    from_name: Mapped[Words | None]
    from_email: Mapped[Words | None]
    subject: Mapped[Words | None]
    body_text: Mapped[Said | None]
    body_html: Mapped[Said | None]
    attached: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """The files that left with it: name, content_type, size in bytes, sha256."""
    text_to: Mapped[Code | None]
    """The number to which a text message was handed over, by which its answers are found."""
    segments: Mapped[int | None]
    """In how many pieces a text message travels."""
    cost_millionths: Mapped[int | None]
    """What the provider says that a text message cost, in millionths of its currency: texts cost fractions of a penny."""
    cost_currency: Mapped[Code | None]
    ask_cost_at: Mapped[datetime | None]
    """When to ask the provider what it cost; None: it has said so, or will not be asked any more."""
    message_id: Mapped[Words | None]
    """The Message-ID header of the mail, with its angle brackets."""
    in_reply_to: Mapped[Id | None]
    """The communication that this one answers."""
    reply_token: Mapped[str | None] = mapped_column(unique=True)
    """The secret local part of the address to which answers come."""
    approved_at: Mapped[datetime | None]
    """When a person last said yes to it, by going live or by releasing it."""
    brake: Mapped[Code | None]
    """The kind of the brake that holds it."""
    at_once_by: Mapped[Words | None]
    """Who wants it to leave at once: until ``not_after`` the sending window does not count for it."""
    planned_for: Mapped[datetime | None]
    """The moment from which it may leave."""
    not_after: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    claim: Mapped[Id | None]
    """Who is handling it; every later change must still find its own claim."""
    interruptions: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often its sender ended before anything left."""
    checked_at: Mapped[datetime | None]
    """When the ledger last said that it should leave."""
    handed_over_at: Mapped[datetime | None]
    """Committed just before the mail provider is called: from here on it may have left."""
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[Words | None]
    created_at: Mapped[datetime]
    sender_id: Mapped[Id | None]
    """The sender as which it was handed over."""
    reached: Mapped[bool | None]
    """Of a call: whether somebody could be spoken to."""


class CommunicationInvoice(Base):
    """An invoice that a message is about, with what was due when it left."""

    __tablename__ = "communication_invoices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(None, "organisation_id", "invoice_id"),
    )

    organisation_id: Mapped[OrganisationId]
    communication_id: Mapped[Id] = mapped_column(primary_key=True)
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    position: Mapped[int | None]
    """The invoice's own step of the schedule; 0 in a mail that no step sends."""
    schedule_version_id: Mapped[Id | None]
    """The version that it is a step of; None: the message's own."""
    currency: Mapped[Code]
    amount_due: Mapped[Decimal]


class Attachment(Base):
    """A file that came with a reply, or goes with an answer. Never opened by us; given out as a download."""

    __tablename__ = "attachments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    communication_id: Mapped[Id]
    name: Mapped[Words]
    content_type: Mapped[Words]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    danger: Mapped[Words | None]
    """Why it can do harm, as far as its name and its first bytes tell; None: nothing speaks for that."""


class InvoicePdf(Base):
    """The ledger's PDF of an invoice as of one change of it, so that it is fetched once."""

    __tablename__ = "invoice_pdfs"

    organisation_id: Mapped[OrganisationId]
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    invoice_updated_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class MailEvent(Base):
    """What the mail provider reported of one of our messages; kept also when we do not know the message (yet)."""

    __tablename__ = "mail_events"
    __table_args__ = (Index(None, "communication_id"), Index(None, "recipient"))

    key: Mapped[str] = mapped_column(primary_key=True)
    communication_id: Mapped[Id]
    recipient: Mapped[str | None] = mapped_column(String(64))
    """A digest of the organisation and the address to which the mail went."""
    event: Mapped[Code]
    reason: Mapped[Words | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]


class LedgerNote(Base):
    """A note that stands, or will stand, in the ledger's history of a contact or an invoice."""

    __tablename__ = "ledger_notes"
    __table_args__ = (
        UniqueConstraint("organisation_id", "communication_id", "target", "ledger_id"),
        Index(
            "ix_ledger_notes_pending",
            "next_try_at",
            "organisation_id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(
            "ix_ledger_notes_refused",
            "organisation_id",
            "created_at",
            sqlite_where=_REFUSED,
            postgresql_where=_REFUSED,
        ),
        Index(None, "organisation_id", "created_at", "id"),
        Index(None, "organisation_id", "written_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    target: Mapped[Code]
    """contact, invoice, quote"""
    ledger_id: Mapped[LedgerId]
    text: Mapped[Said]
    marker: Mapped[Code]
    """Stands in the text, so that the note can be found again in the ledger."""
    status: Mapped[Code]
    """pending, written, refused"""
    problem: Mapped[Words | None]
    """Why it waits, or was refused, in words."""
    fact: Mapped[Words | None]
    """The same without what people said and wrote; None: it is no different."""
    tried_together: Mapped[Id | None]
    """Those that were handed over in one call have the same here; they are repeated together or not at all."""
    communication_id: Mapped[Id | None]
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
