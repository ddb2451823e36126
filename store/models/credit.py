"""How much customers may owe, decision by decision, and when one owed more."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_STANDS = text("stands")
_GOES_ON = text("ended_at IS NULL")
_WATCHED = text("status IN ('proposed', 'watched')")
_UNTOLD = text("group_pending")


class CreditLimit(Base):
    """One decision on how much a customer may owe in one currency. A new decision is a new row; the old ones stay."""

    __tablename__ = "credit_limits"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "uq_credit_limits_stands",
            "organisation_id",
            "contact_id",
            "currency",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(None, "organisation_id", "contact_id", "decided_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    currency: Mapped[Code]
    amount: Mapped[Decimal | None]
    """None: it was decided that there is no limit."""
    before: Mapped[Decimal | None]
    """The limit until then; None: there was none."""
    why: Mapped[Words]
    decided_by: Mapped[Words]
    decided_at: Mapped[datetime]
    stands: Mapped[bool]
    """It is the newest decision of this customer and currency."""


class CreditAlert(Base):
    """A customer came to owe more than its limit. It goes on until it owes no more than the limit again."""

    __tablename__ = "credit_alerts"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "uq_credit_alerts_goes_on",
            "organisation_id",
            "contact_id",
            "currency",
            unique=True,
            sqlite_where=_GOES_ON,
            postgresql_where=_GOES_ON,
        ),
        Index(None, "organisation_id", "contact_id", "raised_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    currency: Mapped[Code]
    limit_amount: Mapped[Decimal]
    exposure: Mapped[Decimal]
    """What was owed when it was raised, less unused credits."""
    invoice_id: Mapped[Id | None]
    """The invoice that broke the limit; None: the limit was lowered, or a payment or credit was taken back."""
    raised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AccountWatch(Base):
    """A customer that sales should be careful with, or of whom a rule says that it should be."""

    __tablename__ = "account_watches"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "uq_account_watches_standing",
            "organisation_id",
            "contact_id",
            unique=True,
            sqlite_where=_WATCHED,
            postgresql_where=_WATCHED,
        ),
        Index(
            "ix_account_watches_untold",
            "next_try_at",
            "organisation_id",
            sqlite_where=_UNTOLD,
            postgresql_where=_UNTOLD,
        ),
        Index(None, "organisation_id", "contact_id", "created_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    status: Mapped[Code]
    """proposed, watched, ended, declined (by a person), withdrawn (what a rule proposed it for is over)"""
    rule: Mapped[Code | None]
    """What proposed it: limit or risk; None: a person."""
    reason: Mapped[Words]
    created_by: Mapped[Words]
    created_at: Mapped[datetime]
    started_by: Mapped[Words | None]
    """Who put it on watch, or said yes to the proposal."""
    started_at: Mapped[datetime | None]
    ended_by: Mapped[Words | None]
    ended_at: Mapped[datetime | None]
    """When it ended, was declined or was withdrawn."""
    ended_why: Mapped[Words | None]
    group_pending: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The ledger's group does not show yet what is so here."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime]
    problem: Mapped[Words | None]
