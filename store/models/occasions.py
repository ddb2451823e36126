"""Mails that no step sends: which of them an organisation wants, and its campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class OccasionSwitch(Base):
    """A kind of mail that the organisation has switched on; none of it is made up for from before ``since``."""

    __tablename__ = "occasion_switches"

    organisation_id: Mapped[OrganisationId]
    kind: Mapped[Code] = mapped_column(primary_key=True)
    """thanks, statement, invoice, confirmation, broken_promise, promise_due, instalment_due, dispute_resolved"""
    since: Mapped[datetime]
    switched_on_by: Mapped[Words]


class Campaign(Base):
    """A mail that a person sends once to a list of customers. Whom it was for, and whom it reached, is kept."""

    __tablename__ = "campaigns"

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    template_key: Mapped[Code]
    conditions: Mapped[list[dict[str, Any]]]
    """As those of a rule: field, with what it is compared with."""
    never_chased: Mapped[bool]
    status: Mapped[Code]
    """running, stopped"""
    started_at: Mapped[datetime]
    started_by: Mapped[Words]


class CampaignMember(Base):
    """A customer on the list to which a person said yes."""

    __tablename__ = "campaign_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "campaign_id"], ["campaigns.organisation_id", "campaigns.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    campaign_id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id] = mapped_column(primary_key=True)


class SentMark(Base):
    """An invoice that left by a mail of ours, and that the ledger is to take as sent."""

    __tablename__ = "sent_marks"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
    )

    organisation_id: Mapped[OrganisationId]
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    status: Mapped[Code]
    """pending, written, refused"""
    problem: Mapped[Words | None]
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    """Set while a try may have been done without our knowing."""
    next_try_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
