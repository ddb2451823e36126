"""Accountants who work for several organisations: their practice, its people, its clients, and how each came about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_IN_FORCE = text("ended_at IS NULL")
_WAITING = text("state IN ('waiting', 'undo')")


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
    evening_notice: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Told in the evening what leaves on the next day, of each client where they look after a customer."""
    digest_from: Mapped[date | None]
    """The first day on which the next weekly mail about all clients may leave to them; None: they do not want it."""
    digest_zone: Mapped[Code | None]
    """By whose calendar and clocks that is: the time zone that they have chosen (IANA)."""
    digest_try_at: Mapped[datetime | None]
    """The mail provider took nothing, and is left alone until then."""
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


class PracticeSet(Base):
    """A schedule with its texts and hours that a practice keeps for its clients. Clients get copies, never the set itself."""

    __tablename__ = "practice_sets"

    id: Mapped[Id] = mapped_column(primary_key=True)
    practice_id: Mapped[Id] = mapped_column(ForeignKey("practices.id"), index=True)
    name: Mapped[Words]
    source: Mapped[Words]
    """Where it comes from: the name of a schedule that comes with the product, or of the client whose it was."""
    number: Mapped[int]
    """Counts its versions."""
    preset: Mapped[Code | None]
    """The schedule that comes with the product; its least sums are in each client's own currency. None: ``steps``."""
    steps: Mapped[list[dict[str, Any]]]
    """As people write them (``services.written_steps``)."""
    texts: Mapped[list[dict[str, Any]]]
    """Each with key, name, kind, starts_conversation, language, subject, body."""
    window: Mapped[dict[str, Any] | None]
    """days, opens, closes; None: each client keeps its own hours."""
    changed_by: Mapped[Words]
    changed_at: Mapped[datetime]


class PracticeSetUse(Base):
    """What a client was given of a set, so that its own later changes are told from ours and stand."""

    __tablename__ = "practice_set_uses"

    organisation_id: Mapped[OrganisationId]
    set_id: Mapped[Id] = mapped_column(ForeignKey("practice_sets.id"), primary_key=True)
    number: Mapped[int]
    """The version of the set that the client has."""
    schedule_id: Mapped[Id | None]
    """None: the client's own schedule stood from the beginning."""
    schedule_number: Mapped[int | None]
    """The version of that schedule as we left it."""
    texts: Mapped[dict[str, Any]]
    """By key and language, the number of the text's version as we left it."""
    window: Mapped[dict[str, Any] | None]
    """The hours as we left them; None: we did not set them."""


class PracticeRun(Base):
    """Chasing was to be switched for several clients in one go."""

    __tablename__ = "practice_runs"

    id: Mapped[Id] = mapped_column(primary_key=True)
    practice_id: Mapped[Id] = mapped_column(ForeignKey("practices.id"), index=True)
    set_id: Mapped[str | None] = mapped_column(String(32), ForeignKey("practice_sets.id"))
    to: Mapped[Code]
    """dry_run, live, as_is (the set alone)"""
    made_by: Mapped[Words]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]


class PracticeRunClient(Base):
    """One client of such a run, switched in its own transaction, and how it stood before."""

    __tablename__ = "practice_run_clients"
    __table_args__ = (
        Index(
            "ix_practice_run_clients_waiting",
            "organisation_id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    run_id: Mapped[Id] = mapped_column(ForeignKey("practice_runs.id"), primary_key=True)
    state: Mapped[Code]
    """waiting, asked (waits for a second yes at the client), done, failed, undo (waits to be undone), undo_asked, undone,
    kept (could not be undone)"""
    said: Mapped[Words | None]
    """What became of it, in a sentence."""
    expected: Mapped[int]
    """How many messages were planned when the person looked; going live is a yes to those."""
    before: Mapped[dict[str, Any] | None]
    """How it stood before: chasing, schedule, hours, texts. None: not begun."""
    done_at: Mapped[datetime | None]
    undo_by: Mapped[Words | None]
    """Who has asked for it to be undone, where anybody has."""
    undo_by_person: Mapped[Id | None]
