"""Changes that wait for a second person's yes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_WAITS = text("outcome IS NULL")
_AGREED = text("next_try_at IS NOT NULL")


class AskedChange(Base):
    """A change as one person asked for it. It takes effect by another's yes, or never."""

    __tablename__ = "asked_changes"
    __table_args__ = (
        Index(
            "ix_asked_changes_waiting",
            "organisation_id",
            "asked_at",
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
        Index(
            "ix_asked_changes_agreed",
            "next_try_at",
            sqlite_where=_AGREED,
            postgresql_where=_AGREED,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    """templates, bulk, switch"""
    act: Mapped[Code]
    """Which change: a name in ``services.second_eyes.ACTS``."""
    what: Mapped[dict[str, Any]]
    """All that carrying it out needs, as JSON."""
    title: Mapped[Words]
    """What would be done, in a few words."""
    asked_by: Mapped[Words]
    asked_by_person: Mapped[Id | None]
    """Who asked, or made the token that did; None: nobody can say who."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    outcome: Mapped[Code | None]
    """agreed, refused, expired, failed (it could not be done any more)"""
    decided_by: Mapped[Words | None]
    decided_by_person: Mapped[Id | None]
    decided_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    """Agreed, and not carried out yet: when somebody else does it, should whoever does it now not come to its end."""
    carried_out: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The parts that are done: each is written in the transaction that does it, so none is done twice."""
    reason: Mapped[Words | None]
    """Why it was refused, or could not be done."""
