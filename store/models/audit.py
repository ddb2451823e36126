"""The audit log: what was changed by whom. Rows are only ever added, which the database itself sees to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, event
from sqlalchemy.orm import Mapped, mapped_column

from store import append_only
from store.models.base import Base, Code, Id, Words
from store.types import Json


class AuditEntry(Base):
    """One act. It refers to nothing by a foreign key, because it outlives what it tells of."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "organisation_id", "at", "id"),
        Index(None, "organisation_id", "subject", "at", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """Begins with its place among what the same transaction tells of, so that it sorts as it happened."""
    organisation_id: Mapped[Id | None]
    """None: it is about the whole installation, a person, or a practice."""
    at: Mapped[datetime]
    who: Mapped[Words]
    person_id: Mapped[Id | None]
    """None: a token, a command, a customer, or Dunnock itself."""
    via: Mapped[Code]
    """page, api, command, clock, customer"""
    practice_id: Mapped[Id | None]
    address: Mapped[Words | None]
    """The network address that it came from."""
    act: Mapped[Code]
    """added, changed, removed; or the word of an act that changes no row (``services.audit_words``)"""
    subject: Mapped[Code]
    subject_id: Mapped[Words | None]
    contact_id: Mapped[Id | None]
    invoice_id: Mapped[Id | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Of a row that was changed the columns that were, as JSON; of one that was removed all that matter."""
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)


@event.listens_for(AuditEntry.__table__, "after_create")
def _guard(_table: Any, connection: Any, **_: Any) -> None:
    append_only.guard(connection)
