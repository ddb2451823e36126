"""Addresses of customers that no mail goes to by itself, since something came back from there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_IN_FORCE = text("lifted_at IS NULL")


class StoppedAddress(Base):
    """An address of a customer that no mail goes to, until a person lifts it; the customer's others are written to."""

    __tablename__ = "stopped_addresses"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "uq_stopped_addresses_in_force",
            "organisation_id",
            "contact_id",
            "address",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    address: Mapped[Words]
    """In small letters."""
    why: Mapped[Code]
    """bounce, soft, complaint, unsubscribe, provider, erased"""
    words: Mapped[Words]
    """What was reported, as a sentence."""
    communication_id: Mapped[Id | None]
    """Our mail that it was reported of; None: it is stopped here because it was at another customer."""
    since: Mapped[datetime]
    lifted_by: Mapped[Words | None]
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[Words | None]
    """In the words of whoever lifted it."""
