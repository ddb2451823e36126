"""What keeps chasers from leaving until a person lets them, and the figures by which that is judged."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_STANDING = text("released_at IS NULL")


class Brake(Base):
    """A brake that stands until it is released. Of each kind an organisation has at most one that stands."""

    __tablename__ = "brakes"
    __table_args__ = (
        Index(
            "uq_brakes_standing",
            "organisation_id",
            "kind",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(None, "organisation_id", "imposed_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    """surge, unreconciled, restored, stop, no_plan"""
    reason: Mapped[Words]
    """Why it holds, in a sentence or two."""
    imposed_at: Mapped[datetime]
    imposed_by: Mapped[Words]
    released_at: Mapped[datetime | None]
    released_by: Mapped[Words | None]


class Habits(Base):
    """What is usual for an organisation, learned from its own book once a day of its calendar."""

    __tablename__ = "habits"

    organisation_id: Mapped[OrganisationId]
    learned_on: Mapped[date]
    busiest_due: Mapped[int]
    """Most customers with an invoice that fell due on one and the same day."""
    busiest_run: Mapped[int]
    """Most chasers handed over on one earlier day."""
    payment_days: Mapped[int]
    """Days on which customers paid."""
    longest_pause: Mapped[int]
    """Most days from one of those to the next."""
    reconciles: Mapped[bool]
    """Whether the ledger marks payments as reconciled at all."""


class Installation(Base):
    """The one row of what holds for all organisations together; it is missing until there is something to say."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[Words | None]
    stopped_because: Mapped[Words | None]
    ticked_at: Mapped[datetime | None]
    """When a clock process last looked at this database."""
    doubted_at: Mapped[datetime | None]
    """Since when it is in doubt whether chasers left of which this database does not know."""
