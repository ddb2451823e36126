"""What customers answer, as work: who looks at it, what it was taken for, and what followed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Said, Words

_WAITING = text("state = 'waiting'")
_RESTING = text("state IN ('resting', 'missing')")
_PENDING = text("status = 'pending'")


class Reply(Base):
    """A reply of a customer, beside its communication: what it seems to mean, whose work it is, and how that ended."""

    __tablename__ = "replies"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
        ),
        Index(
            "ix_replies_waiting",
            "organisation_id",
            "contact_id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_replies_due", "due_on", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index(None, "organisation_id", "created_at", "communication_id"),
    )

    organisation_id: Mapped[OrganisationId]
    communication_id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    matched_by: Mapped[Code]
    """address, thread, sender (the writer's address alone), number (an invoice's), person (a colleague), page, text"""
    proven: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False: nothing shows that the mail comes from whom it names."""
    meaning: Mapped[Code]
    """paid, will_pay, question, dispute, wrong_person, needs_copy, other"""
    sentence: Mapped[Said]
    """The words that led there, as they stand in the reply; empty: there are none."""
    rule: Mapped[Words]
    details: Mapped[dict[str, Any]]
    """on, amount, currency, reference, person, address, numbers: what was said beside"""
    owner_id: Mapped[Id | None]
    """The colleague (``people.id``) whose work it is."""
    due_on: Mapped[date]
    """By then somebody must have looked; from the next day on the owner is reminded."""
    reminded_on: Mapped[date | None]
    """When the owner was last reminded."""
    state: Mapped[Code]
    """waiting, settled"""
    settled_as: Mapped[Code | None]
    """paid, will_pay, dispute, wrong_person, answered, seen"""
    settled_by: Mapped[Words | None]
    settled_at: Mapped[datetime | None]
    done: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What settling it did, so that it can be taken back: the ids of what followed from it."""
    created_at: Mapped[datetime]


class StrayMail(Base):
    """A mail that came in, of which nobody knows for sure which customer wrote it; a person says so."""

    __tablename__ = "stray_mails"
    __table_args__ = (
        Index(
            "ix_stray_mails_waiting",
            "organisation_id",
            "received_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    key: Mapped[Words]
    """The same for every delivery of the same mail."""
    from_name: Mapped[Words | None]
    from_email: Mapped[Words | None]
    subject: Mapped[Words | None]
    body_text: Mapped[Said | None]
    proven: Mapped[bool]
    suggestions: Mapped[list[dict[str, Any]]]
    """Each with contact_id, name, and why it could be this one."""
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    """The mail as it came; empty once it is assigned or dismissed."""
    state: Mapped[Code]
    """waiting, assigned, dismissed"""
    settled_by: Mapped[Words | None]
    settled_at: Mapped[datetime | None]
    communication_id: Mapped[Id | None]
    """The reply that it became."""
    received_at: Mapped[datetime]


class PaidClaim(Base):
    """A customer says that it has paid: its invoices rest until the payment shows, or a person decides."""

    __tablename__ = "paid_claims"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id"),
        Index("ix_paid_claims_resting", "rest_until", sqlite_where=_RESTING, postgresql_where=_RESTING),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    paid_on: Mapped[date | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[Code | None]
    reference: Mapped[Words | None]
    """By which the payment can be found at the bank, as the customer gave it."""
    state: Mapped[Code]
    """resting, missing (it did not show in time, and a person is asked), shown, refuted, withdrawn"""
    rest_until: Mapped[date]
    """The last day on which nobody is asked where it is."""
    communication_id: Mapped[Id | None]
    created_by: Mapped[Words]
    created_at: Mapped[datetime]
    settled_by: Mapped[Words | None]
    settled_at: Mapped[datetime | None]


class PaidClaimInvoice(Base):
    """An invoice that is said to be paid, and the hold by which it rests."""

    __tablename__ = "paid_claim_invoices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "claim_id"], ["paid_claims.organisation_id", "paid_claims.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(None, "organisation_id", "invoice_id"),
    )

    organisation_id: Mapped[OrganisationId]
    claim_id: Mapped[Id] = mapped_column(primary_key=True)
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    hold_id: Mapped[str] = mapped_column(String(32))


class Answer(Base):
    """A colleague's answer to a customer on its way out. Handed over at most once."""

    __tablename__ = "answers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
        ),
        Index("ix_answers_pending", "next_try_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    organisation_id: Mapped[OrganisationId]
    communication_id: Mapped[Id] = mapped_column(primary_key=True)
    """The answer itself."""
    invoice_ids: Mapped[list[str]]
    """The invoices whose PDFs go with it."""
    status: Mapped[Code]
    """pending, sent, recorded, refused, unknown (handed over, and nobody said whether it was taken)"""
    settles: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The reply counts as answered once this has left."""
    written_by: Mapped[Words]
    problem: Mapped[Words | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
