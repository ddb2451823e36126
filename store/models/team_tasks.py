"""What colleagues are to do that no step of a schedule asks for: each with an owner and a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_OPEN = text("finished_at IS NULL")


class TeamTask(Base):
    """One thing for one colleague. Asked for by key, its id follows from the key, so it is asked for once."""

    __tablename__ = "team_tasks"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(
            "ix_team_tasks_open",
            "organisation_id",
            "due_on",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "organisation_id", "contact_id"),
        Index(None, "organisation_id", "finished_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    """reply, bounce, dispute, promise, paid_claim, hold, call, credit, own"""
    what: Mapped[Words]
    due_on: Mapped[date]
    owner_id: Mapped[Id | None] = mapped_column(ForeignKey("people.id"))
    """Who sees to it; None only where the organisation has no member at all."""
    contact_id: Mapped[Id | None]
    invoice_id: Mapped[Id | None]
    communication_id: Mapped[Id | None]
    """What it comes from: a reply, a note in which somebody is mentioned."""
    hold_id: Mapped[Id | None]
    """The hold that is to be looked at again."""
    asked_by: Mapped[Words]
    asked_at: Mapped[datetime]
    finished_by: Mapped[Words | None]
    finished_at: Mapped[datetime | None]
    story: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """What was done with it since: at (ISO), by, what (a sentence)."""
