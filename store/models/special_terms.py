"""What was agreed with customers: a discount for paying by a day, or more days to pay."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class AgreedTerms(Base):
    """One agreement with a customer, about all its invoices or one. A new agreement is a new row; the old ones stay."""

    __tablename__ = "special_terms"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(None, "organisation_id", "contact_id", "entered_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    invoice_id: Mapped[Id | None]
    """The one invoice that they are about; None: all of the customer."""
    agreed_on: Mapped[date]
    until: Mapped[date]
    """The last day on which any of it holds."""
    percent: Mapped[Decimal | None]
    """The discount in hundredths of the invoice's total; either this or ``amount``, or neither."""
    amount: Mapped[Decimal | None]
    """The discount on each invoice in ``currency``."""
    currency: Mapped[Code | None]
    within_days: Mapped[int | None]
    """The discount is for who pays within so many days of the issue day; None: up to ``until``."""
    due_days: Mapped[int | None]
    """Due so many days after the issue day."""
    why: Mapped[Words]
    agreed_by: Mapped[Words]
    entered_at: Mapped[datetime]
    taken_back_on: Mapped[date | None]
    """The first day on which they hold no more, because they were taken back."""
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[Words | None]
    over_told_at: Mapped[datetime | None]
    """When it was looked at after its last day, to tell other programs that it is over; None: not yet."""
