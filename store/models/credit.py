"""How much customers may owe, decision by decision, and when one owed more."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_STANDS = text("stands")
_GOES_ON = text("ended_at IS NULL")


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
