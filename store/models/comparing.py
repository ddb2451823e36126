"""Two schedules that are compared with each other: customers are drawn into two parts, each of which follows one of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class ScheduleComparison(Base):
    """What is compared, from when until when. Its id is half of what decides the draw."""

    __tablename__ = "schedule_comparisons"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "schedule_a"], ["schedules.organisation_id", "schedules.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "schedule_b"], ["schedules.organisation_id", "schedules.id"]
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    schedule_a: Mapped[Id]
    """The one that is compared with."""
    schedule_b: Mapped[Id]
    """The one that is tried."""
    share: Mapped[int]
    """How many of a hundred customers are drawn into B."""
    from_on: Mapped[date]
    """The day on which it was begun and drawn, by the organisation's calendar."""
    until: Mapped[date]
    """The last day, that day included."""
    begun_at: Mapped[datetime]
    begun_by: Mapped[Words]
    ended_on: Mapped[date | None]
    """The day on which a person ended it before its last day."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Words | None]


class ComparisonMember(Base):
    """A customer as it stood when the comparison began: drawn into a part, or left out, and why."""

    __tablename__ = "comparison_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "comparison_id"],
            ["schedule_comparisons.organisation_id", "schedule_comparisons.id"],
        ),
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    comparison_id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    part: Mapped[Code | None]
    """a, b; None: left out"""
    left_out: Mapped[Code | None]
    """by_hand, excluded, elsewhere, stopped, held; None: drawn"""
    was_on: Mapped[Id | None]
    """The schedule that it was on when it was drawn."""
    moved_at: Mapped[datetime | None]
    """When a person first put it on another schedule while the comparison ran. It counts in its part all the same."""
