"""When the ledger's own history of a document was read for the notes that people write there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_WANTED = text("wanted_at IS NOT NULL")


class HistoryReading(Base):
    """One contact or invoice whose history was read, or is to be read because somebody looks at it."""

    __tablename__ = "history_readings"
    __table_args__ = (
        Index(
            "ix_history_readings_wanted",
            "next_try_at",
            "organisation_id",
            sqlite_where=_WANTED,
            postgresql_where=_WANTED,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    target: Mapped[Code] = mapped_column(primary_key=True)
    """contact, invoice; round: when the last customer was read whom nobody had asked for"""
    document_id: Mapped[Id] = mapped_column(primary_key=True)
    """Our id of it."""
    wanted_at: Mapped[datetime | None]
    """Since when somebody waits for it."""
    read_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    problem: Mapped[Words | None]
