"""How risky customers are, as it was last worked out, and when one came to another category.

Derived from ratings, the mirror, promises and limits; only the changes could not be made again.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_WAITS = text("state = 'waits'")
_UNWRITTEN = text("write_pending")


class RiskMark(Base):
    """The risk of one customer, as of a day of the organisation's calendar."""

    __tablename__ = "risk_marks"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "category"),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    judged_on: Mapped[date]
    category: Mapped[Code]
    """The key of a category of the organisation's table, or unrated."""
    points: Mapped[Decimal | None]
    """From 0 to 100, with four decimals; None: unrated."""
    inputs: Mapped[dict[str, Any]]
    """The figures that it is made of, by name."""


class RiskChange(Base):
    """A customer came to another category, with the figures before and after."""

    __tablename__ = "risk_changes"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "changed_on"),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    changed_on: Mapped[date]
    cause: Mapped[Code]
    """numbers (the customer's own), table (the categories were changed)"""
    before: Mapped[Words]
    """The category by its name then; empty: unrated."""
    after: Mapped[Words]
    inputs_before: Mapped[dict[str, Any]]
    inputs: Mapped[dict[str, Any]]


class CreditProposal(Base):
    """What a customer's risk or numbers speak for: another schedule, a lower limit, other terms. A person says yes or no."""

    __tablename__ = "credit_proposals"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "uq_credit_proposals_waits",
            "organisation_id",
            "contact_id",
            "kind",
            "currency",
            unique=True,
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
        Index(
            "ix_credit_proposals_unwritten",
            "next_try_at",
            "organisation_id",
            sqlite_where=_UNWRITTEN,
            postgresql_where=_UNWRITTEN,
        ),
        Index(None, "organisation_id", "made_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    kind: Mapped[Code]
    """schedule, limit, terms"""
    currency: Mapped[Code]
    """Of a limit; empty: it is a schedule or terms."""
    schedule_id: Mapped[Id | None]
    amount: Mapped[Decimal | None]
    before: Mapped[Decimal | None]
    """The limit in force when it was made."""
    why: Mapped[Words]
    made_at: Mapped[datetime]
    state: Mapped[Code]
    """waits, accepted, declined, over (what it was made for is no longer so)"""
    decided_by: Mapped[Words | None]
    decided_at: Mapped[datetime | None]
    terms: Mapped[dict[str, Any] | None]
    """What is proposed of terms: ``kind`` and ``days``, ``percent`` and ``within_days`` of a discount, or both."""
    terms_before: Mapped[dict[str, Any] | None]
    """The same as it was when it was proposed; what the ledger has for everybody is left out."""
    write_pending: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The ledger's contact does not have the accepted terms yet."""
    written_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime | None]
    problem: Mapped[Words | None]
    """Why the ledger does not have them."""
