"""Credit reports: which company a customer is at the bureau, and each report that a person ordered."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class CreditCompany(Base):
    """The company that a person chose for a customer among those of a bureau."""

    __tablename__ = "credit_companies"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    source: Mapped[Code]
    company_id: Mapped[Words]
    """The bureau's."""
    name: Mapped[Words]
    number: Mapped[Words]
    country: Mapped[Code]
    address: Mapped[Words]
    chosen_by: Mapped[Words]
    chosen_at: Mapped[datetime]


class CreditReport(Base):
    """An order of a credit report, written down before it is made, and what came of it."""

    __tablename__ = "credit_reports"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id", "ordered_at"),
        Index(None, "organisation_id", "company_id", "ordered_on"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    """Made with the form that orders it, so that the form orders once."""
    contact_id: Mapped[Id]
    source: Mapped[Code]
    company_id: Mapped[Words]
    company_name: Mapped[Words]
    company_number: Mapped[Words]
    state: Mapped[Code]
    """asked, obtained, failed or unknown."""
    ordered_by: Mapped[Words]
    ordered_at: Mapped[datetime]
    ordered_on: Mapped[date]
    """The day in the organisation's calendar; of one that is used again, the day of the report that was bought."""
    cost: Mapped[Decimal]
    cost_currency: Mapped[Code]
    """What a person agreed to; nothing of it is charged where the order failed."""
    obtained_at: Mapped[datetime | None]
    score: Mapped[int | None]
    """From 0 to 100; None: the bureau gives none in this scale."""
    provider_value: Mapped[Words | None]
    provider_most: Mapped[Words | None]
    provider_words: Mapped[Words | None]
    provider_least: Mapped[Words | None]
    provider_band: Mapped[Words | None]
    """The bureau's own, such as A or D; emptied with ``raw``."""
    raw: Mapped[Words | None] = mapped_column(deferred=True)
    """The report as the bureau sent it (JSON), for as long as the organisation keeps such; None: gone, or too large."""
    used_from: Mapped[Id | None]
    """The report of another customer that is the same company, which was bought and is used for this one as well."""
    limit_amount: Mapped[Decimal | None]
    limit_currency: Mapped[Code | None]
    problem: Mapped[Words | None]
    """Why it failed, or why it is not known what became of it."""
