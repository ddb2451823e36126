"""Quotes that customers have accepted: read only while the organisation wants its orders confirmed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, LedgerId, OrganisationId, Words


class Quote(Base):
    """An offer that a customer has accepted at some time; it is followed whatever becomes of it."""

    __tablename__ = "quotes"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    ledger_id: Mapped[LedgerId]
    contact_id: Mapped[Id]
    number: Mapped[Words]
    reference: Mapped[Words | None]
    title: Mapped[Words | None]
    terms: Mapped[Words | None]
    issued_on: Mapped[date]
    currency: Mapped[Code]
    total_tax: Mapped[Decimal]
    total: Mapped[Decimal]
    tax_included: Mapped[bool]
    """The amounts of its lines hold the tax already."""
    lines: Mapped[list[dict[str, Any]]]
    """description; quantity and amount as text, None on a line that only says something"""
    status: Mapped[Code]
    """As the ledger has it: ACCEPTED, INVOICED, DECLINED, …"""
    accepted_at: Mapped[datetime | None]
    """Its last change when we learned that it was accepted; None: it was so before anybody wanted its confirmation."""
    confirmation_id: Mapped[str | None] = mapped_column(String(32))
    """The mail that confirmed it, or was about to."""
    updated_at: Mapped[datetime]
    fingerprint: Mapped[str]
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    pdf_of: Mapped[datetime | None]
    """The change of the quote as of which its PDF was asked for; with no PDF, the ledger gave none."""
