"""What people do with single messages, what colleagues are told, and schedules that are tried on the past."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_PENDING = text("status IN ('pending', 'sending')")


class EditedText(Base):
    """The text that a person wrote for one chaser, in place of its template's."""

    __tablename__ = "edited_texts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
        ),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    communication_id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    subject: Mapped[Words]
    body: Mapped[Words]
    about: Mapped[list[dict[str, Any]]]
    """What the mail was about when it was written: invoice_id, version_id, position, number, currency, amount_due."""
    set_aside: Mapped[bool] = mapped_column(default=False)
    """The mail is about something else now, so the text does not leave."""
    written_by: Mapped[Words]
    written_at: Mapped[datetime]


class InternalNotice(Base):
    """A short mail to a colleague. Its id follows from what it tells to whom, so it is sent once at most."""

    __tablename__ = "internal_notices"
    __table_args__ = (
        Index(
            "ix_internal_notices_pending",
            "next_try_at",
            "organisation_id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    """evening, step, task, replies, weekly"""
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    to: Mapped[Words]
    subject: Mapped[Words]
    body: Mapped[Words]
    html: Mapped[Words | None]
    """The same as HTML, where it is more than its paragraphs; None: made from ``body`` as it leaves."""
    status: Mapped[Code]
    """pending, sending, sent, recorded, failed, unknown"""
    reason: Mapped[Words | None]
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WeeklyDigest(Base):
    """Somebody who works here wants the weekly digest; without a row nobody gets it."""

    __tablename__ = "weekly_digests"

    organisation_id: Mapped[OrganisationId]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), primary_key=True)
    from_on: Mapped[date]
    """The first day of the organisation's calendar on which the next one may leave: never more than a week ahead."""


class Replay(Base):
    """A version of a schedule tried on the last twelve months of the organisation's own book."""

    __tablename__ = "replays"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "schedule_version_id"],
            ["schedule_versions.organisation_id", "schedule_versions.id"],
        ),
    )

    organisation_id: Mapped[OrganisationId]
    schedule_version_id: Mapped[Id] = mapped_column(primary_key=True)
    state: Mapped[Code]
    """asked, done"""
    cursor: Mapped[Words]
    """The last contact that was played."""
    tally: Mapped[dict[str, Any]]
    """What was counted so far."""
    asked_by: Mapped[Words]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
