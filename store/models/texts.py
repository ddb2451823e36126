"""Numbers to which an organisation sends no text messages any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, OrganisationId, Words


class TextStop(Base):
    """Whoever has this number asked for no more texts, or the networks said that none can reach it."""

    __tablename__ = "text_stops"

    organisation_id: Mapped[OrganisationId]
    number: Mapped[Code] = mapped_column(primary_key=True)
    """E.164: +447700900123"""
    reason: Mapped[Words]
    """A sentence that begins with the number."""
    since: Mapped[datetime]
