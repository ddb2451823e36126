"""What customers dispute."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_RESTS = text("rests")
_OPEN = text("outcome IS NULL")


class Dispute(Base):
    """A dispute about an invoice, or about a sum of it, in the invoice's currency."""

    __tablename__ = "disputes"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(
            "ix_disputes_resting",
            "organisation_id",
            "contact_id",
            sqlite_where=_RESTS,
            postgresql_where=_RESTS,
        ),
        Index(
            "ix_disputes_resting_of_invoice",
            "organisation_id",
            "invoice_id",
            sqlite_where=_RESTS,
            postgresql_where=_RESTS,
        ),
        Index(
            "uq_disputes_open",
            "organisation_id",
            "invoice_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "organisation_id", "opened_at", "id"),
        Index(None, "organisation_id", "contact_id", "opened_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    invoice_id: Mapped[Id]
    currency: Mapped[Code]
    amount: Mapped[Decimal | None]
    """The sum that it is about; None: all that is due."""
    category: Mapped[Code]
    """goods, price, delivery, duplicate, not_ours, paperwork, other"""
    reason: Mapped[Words]
    owner_id: Mapped[str | None] = mapped_column(String(32))
    """The colleague (``people.id``) who sees to it; None: nobody could be named."""
    answer_by: Mapped[date]
    """The day by which the customer is to be answered; nothing is chased because it has passed."""
    task_id: Mapped[Id | None]
    """What its owner was last asked to do."""
    communication_id: Mapped[Id | None]
    """What it came with, such as a reply; None: a person opened it."""
    credited_before: Mapped[Decimal]
    """What the ledger had credited on the invoice when it was opened."""
    opened_by: Mapped[Words]
    opened_at: Mapped[datetime]
    outcome: Mapped[Code | None]
    """upheld, part_upheld, rejected, withdrawn; None: it is open."""
    agreed: Mapped[Decimal | None]
    """The credit that is due, where it was upheld."""
    outcome_text: Mapped[Words | None]
    """What was answered to the customer."""
    settled_by: Mapped[Words | None]
    settled_at: Mapped[datetime | None]
    rests: Mapped[bool]
    """It may keep something from being chased: it is open, or a credit is due."""
