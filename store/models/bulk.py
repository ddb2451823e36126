"""What was done with many things at once, and with each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_UNDER_WAY = text("finished_at IS NULL")


class BulkRun(Base):
    """One action on many customers or invoices, as somebody asked for it."""

    __tablename__ = "bulk_runs"
    __table_args__ = (
        Index(
            "ix_bulk_runs_under_way", "organisation_id", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    page: Mapped[Code]
    """customers, invoices"""
    action: Mapped[Code]
    wish: Mapped[dict[str, Any]]
    """What goes with the action: reason, until, schedule, owner, tag."""
    total: Mapped[int]
    asked_by: Mapped[Words]
    person_id: Mapped[Id | None] = mapped_column(ForeignKey("people.id"))
    """None: a program asked for it."""
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undoes: Mapped[Id | None]
    """The run that this one takes back."""


class BulkItem(Base):
    """One customer or invoice of a run, and what became of it."""

    __tablename__ = "bulk_items"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "run_id"], ["bulk_runs.organisation_id", "bulk_runs.id"]),
    )

    organisation_id: Mapped[OrganisationId]
    run_id: Mapped[Id] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[Id]
    """The customer or invoice."""
    state: Mapped[Code]
    """waiting, done, refused"""
    said: Mapped[Words | None]
    """Why it was not done."""
    before: Mapped[dict[str, Any] | None]
    """What it takes to take it back."""
