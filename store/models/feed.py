"""The event feed: what other programs are told of, in one order for each organisation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_UNNUMBERED = text("position IS NULL")


class Feed(Base):
    """How far an organisation's feed has come. Whoever numbers events holds this row."""

    __tablename__ = "feeds"

    organisation_id: Mapped[OrganisationId]
    numbered: Mapped[int] = mapped_column(BigInteger, default=0)
    """The position of the newest event that has one."""
    forgotten: Mapped[int] = mapped_column(BigInteger, default=0)
    """Up to here events are kept no more."""


class FeedEvent(Base):
    """One thing that happened. It is given its place in the order after it was committed, once and for all."""

    __tablename__ = "feed_events"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        UniqueConstraint("organisation_id", "position"),
        Index(
            "ix_feed_events_unnumbered",
            "organisation_id",
            "created_at",
            sqlite_where=_UNNUMBERED,
            postgresql_where=_UNNUMBERED,
        ),
        Index(None, "organisation_id", "created_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    position: Mapped[int | None] = mapped_column(BigInteger)
    """None: nobody has read so far yet."""
    at: Mapped[datetime]
    """When it happened."""
    created_at: Mapped[datetime]
    rank: Mapped[int]
    """Its place among what the same change tells of."""
    kind: Mapped[Code]
    contact_id: Mapped[Id]
    communication_id: Mapped[Id | None]
    invoice_ids: Mapped[list[str] | None]
    """None: those of the communication, as with ``title`` and ``text``."""
    title: Mapped[Words | None]
    text: Mapped[Words | None]


class EventEndpoint(Base):
    """An address to which events are sent, in their order."""

    __tablename__ = "event_endpoints"
    __table_args__ = (Index("ix_event_endpoints_next_try_at", "next_try_at"),)

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    url: Mapped[Words]
    groups: Mapped[list[str]]
    """Which events it wants; none named: all."""
    secret_cipher: Mapped[Words]
    """By which what is sent is signed, encrypted."""
    state: Mapped[Code]
    """off, on, paused (by itself, after failing for days)"""
    position: Mapped[int] = mapped_column(BigInteger)
    """Up to here it has taken, or does not want, what happened."""
    attempts: Mapped[int]
    """How often in a row it has not taken anything."""
    failing_since: Mapped[datetime | None]
    problem: Mapped[Words | None]
    next_try_at: Mapped[datetime]
    """Also until when whoever is at it has it for themselves."""
    taken_at: Mapped[datetime | None]
    created_by: Mapped[Words]
    created_at: Mapped[datetime]
