"""Accountants who work for several organisations: their practice, its people, its clients, and how each came about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_IN_FORCE = text("ended_at IS NULL")


class Practice(Base):
    """A firm that looks after the ledgers of several clients. It owns no ledger data of its own."""

    __tablename__ = "practices"

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    created_by: Mapped[Words]
    created_at: Mapped[datetime]


class PracticeMember(Base):
    """Somebody who works for a practice. The row stays when they leave, so that the log can name them."""

    __tablename__ = "practice_members"
    __table_args__ = (Index(None, "person_id"),)

    practice_id: Mapped[Id] = mapped_column(ForeignKey("practices.id"), primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[Code]
    """practice_admin, practice_staff"""
    all_clients: Mapped[bool]
    """Whether they see all clients; otherwise those of ``practice_member_clients`` alone."""
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Words | None]


class PracticeMemberClient(Base):
    """A client that somebody of the practice works for, where they do not work for all."""

    __tablename__ = "practice_member_clients"
    __table_args__ = (Index(None, "practice_id", "person_id"),)

    organisation_id: Mapped[OrganisationId]
    practice_id: Mapped[Id] = mapped_column(ForeignKey("practices.id"), primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), primary_key=True)


class PracticeClient(Base):
    """A practice works for an organisation, with the organisation's consent. A consent that has ended stays on record."""

    __tablename__ = "practice_clients"
    __table_args__ = (
        Index(
            "uq_practice_clients_in_force",
            "practice_id",
            "organisation_id",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    practice_id: Mapped[Id] = mapped_column(ForeignKey("practices.id"))
    consent_by: Mapped[Words]
    """Who at the client said yes."""
    consent_at: Mapped[datetime]
    consent_words: Mapped[Words]
    consent_how: Mapped[Code]
    """invitation (accepted by somebody in charge at the client), asked (the client asked the practice), entered (by hand)"""
    linked_by: Mapped[Words]
    """Whose act began it: the person who accepted, or who entered the consent."""
    service_level: Mapped[Words | None]
    """The practice's own word for what it does for this client; it goes with the figures for billing."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Words | None]


class PracticeInvitation(Base):
    """A practice invites a client or a colleague by a link; only the link's digest is kept."""

    __tablename__ = "practice_invitations"
    __table_args__ = (Index(None, "practice_id", "created_at"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    practice_id: Mapped[Id] = mapped_column(ForeignKey("practices.id"))
    kind: Mapped[Code]
    """practice_client, practice_staff"""
    email: Mapped[Words]
    """Whom the link is for; shown, so that a link gone astray is noticed."""
    role: Mapped[Code | None]
    """Of a colleague: practice_admin, practice_staff."""
    token_digest: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[Words]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[Words | None]
    withdrawn_at: Mapped[datetime | None]


class PracticeAsk(Base):
    """An organisation asks a practice to work for it, and gives its consent with that; the practice has yet to say yes."""

    __tablename__ = "practice_asks"

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    email: Mapped[Words]
    """Of an admin of the practice, in lower case: there the question shows; the link works for any practice's admin."""
    token_digest: Mapped[str] = mapped_column(unique=True)
    consent_by: Mapped[Words]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    """Who that is here."""
    consent_words: Mapped[Words]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[Words | None]
    practice_id: Mapped[str | None] = mapped_column(String(32), ForeignKey("practices.id"))
    """The practice that accepted; None: nobody yet, or it was withdrawn or declined."""
