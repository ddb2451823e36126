"""What came in and is not yet done, how far the mirror is, and who may do what only one may do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, LedgerId, OrganisationId, Words

_WAITING = text("handled_at IS NULL")
PARKED = "parked:"
"""How the outcome of an event begins that nobody could handle; a person may have it tried again."""
_PARKED = text(f"substr(outcome, 1, {len(PARKED)}) = '{PARKED}'")


class InboxEvent(Base):
    """One thing that a sender told us, stored before it was acknowledged."""

    __tablename__ = "inbox_events"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index(
            "ix_inbox_events_waiting", "source", "tenant", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
        Index("ix_inbox_events_tenant", "tenant", "id"),
        Index("ix_inbox_events_parked", "source", sqlite_where=_PARKED, postgresql_where=_PARKED),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    source: Mapped[Code]
    """xero, sendgrid_events, sendgrid_inbound, twilio_status, twilio_inbound, stripe"""
    key: Mapped[Words]
    """The same for every delivery of the same event."""
    tenant: Mapped[LedgerId | None]
    """The ledger's tenant, where the event names one."""
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    outcome: Mapped[Words | None]
    """What came of it, or why it is parked."""


class SyncPosition(Base):
    """How far one kind of document of one organisation has been read."""

    __tablename__ = "sync_positions"
    __table_args__ = (Index(None, "next_at"),)

    organisation_id: Mapped[OrganisationId]
    resource: Mapped[Code] = mapped_column(primary_key=True)
    """contacts, open_invoices, credits, paid_invoices, payments, invoice_changes, contact_changes,
    strangers, accepted_quotes, quote_changes"""
    page: Mapped[int] = mapped_column(default=0)
    """Pages read from ``cursor`` on, in the pass under way."""
    cursor: Mapped[datetime | None]
    """How far the pass under way has come, by the ledger's time of change."""
    listed: Mapped[bool] = mapped_column(default=False)
    """The list was read to its end; what the mirror holds beyond it is being asked for by id."""
    read: Mapped[int] = mapped_column(default=0)
    expected: Mapped[int | None]
    pass_started_at: Mapped[datetime | None]
    changed_since: Mapped[datetime | None]
    """Everything that changed before this moment, by the ledger's clock, is in the mirror."""
    completed_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    """When it was last read, put off or planned. In the future: the clock was set back since."""
    failures: Mapped[int] = mapped_column(default=0)
    """How often in a row it could not be read."""
    problem: Mapped[Words | None]


class SweepMark(Base):
    """A document that the sweep under way has seen in the ledger. Gone when the sweep is done."""

    __tablename__ = "sweep_marks"

    organisation_id: Mapped[OrganisationId]
    resource: Mapped[Code] = mapped_column(primary_key=True)
    document_id: Mapped[Id] = mapped_column(primary_key=True)


class Lease(Base):
    """Something that only one process may do at a time, until its time is up."""

    __tablename__ = "leases"

    name: Mapped[Words] = mapped_column(primary_key=True)
    holder: Mapped[Id]
    until: Mapped[datetime]
