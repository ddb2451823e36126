"""How the organisation chases: schedules, texts, steps behind each invoice, holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Said, Words

_IN_FORCE = text("released_at IS NULL")


class Schedule(Base):
    """A named course of reminders. Its steps are in its versions."""

    __tablename__ = "schedules"

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    is_default: Mapped[bool]
    mark: Mapped[Words] = mapped_column(default="", server_default="")
    """Goes into the ids of its chasers; empty for the one with which every organisation began."""
    paused_at: Mapped[datetime | None]
    """Since when nobody on it is chased; None: it is not paused."""
    paused_by: Mapped[Words | None]
    paused_because: Mapped[Words | None]


class ScheduleVersion(Base):
    """The steps of a schedule as they stood from one change to the next; never edited."""

    __tablename__ = "schedule_versions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "schedule_id"], ["schedules.organisation_id", "schedules.id"]
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    schedule_id: Mapped[Id]
    number: Mapped[int]
    steps: Mapped[list[dict[str, Any]]]
    """position, name, offset_days, action, template, needs_go: each step by itself, repetitions included"""
    written: Mapped[list[dict[str, Any]] | None]
    """The steps as a person wrote them, with days counted from the step before, and repetitions; None: as above."""
    created_at: Mapped[datetime]


class PlacingRule(Base):
    """Puts contacts on a schedule, or keeps them from being chased; the first that holds decides."""

    __tablename__ = "placing_rules"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "schedule_id"], ["schedules.organisation_id", "schedules.id"]
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[Words]
    conditions: Mapped[list[dict[str, Any]]]
    """field, with what it is compared with: is, contains, currency, at_least, below"""
    schedule_id: Mapped[str | None] = mapped_column(String(32))
    """None: such contacts are not chased."""
    reason: Mapped[Words]


class Template(Base):
    """A named text, in one or several languages. ``key`` is what steps refer to, and never changes."""

    __tablename__ = "templates"
    __table_args__ = (Index("uq_templates_organisation_id_key", "organisation_id", "key", unique=True),)

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    key: Mapped[Code]
    name: Mapped[Words]
    kind: Mapped[Code] = mapped_column(default="email", server_default="email")
    """What steps can use it: email, sms, call (what to say), letter"""
    starts_conversation: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Its mails stand on their own; those of others answer our earlier mail about the same invoices."""
    removed_at: Mapped[datetime | None]
    """Since then nobody can choose it; invoices that are under way with it still get it."""


class TemplateVersion(Base):
    """A text in one language as it stood; never edited, so that a sent message can be shown as it was."""

    __tablename__ = "template_versions"
    __table_args__ = (
        Index(
            "uq_template_versions_number",
            "organisation_id",
            "template_id",
            "language",
            "number",
            unique=True,
        ),
        ForeignKeyConstraint(
            ["organisation_id", "template_id"], ["templates.organisation_id", "templates.id"]
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    template_id: Mapped[Id]
    language: Mapped[Code] = mapped_column(server_default="en")
    """ISO 639"""
    number: Mapped[int]
    """Counts the versions of this language."""
    subject: Mapped[Words]
    body: Mapped[Words]
    created_at: Mapped[datetime]


class StepTaken(Base):
    """A step that is planned for an invoice, or behind it. The primary key is the promise that no step is taken twice."""

    __tablename__ = "steps_taken"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(None, "organisation_id", "communication_id"),
    )

    organisation_id: Mapped[OrganisationId]
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    schedule_version_id: Mapped[Id] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[Code]
    """planned (may still be given back), taken (sent, or perhaps sent), skipped (will not be made up for)

    moved (at position 0): no step, but a person's word that the invoice goes on with this version
    """
    communication_id: Mapped[Id | None]
    on: Mapped[date]


class Hold(Base):
    """Something that stops chasing of a contact, or of one invoice."""

    __tablename__ = "holds"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "ix_holds_in_force",
            "organisation_id",
            "contact_id",
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        Index(None, "organisation_id", "contact_id", "created_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    invoice_id: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[Code]
    """reply, person, dispute, promise, paid_claim, bounce, lost"""
    reason: Mapped[Said]
    until: Mapped[date | None]
    """The last day of the hold; None: until somebody releases it."""
    communication_id: Mapped[Id | None]
    owner_id: Mapped[Id | None]
    """Who sees to it that it ends; None only where the organisation has no member at all."""
    look_on: Mapped[date] = mapped_column(server_default="1970-01-01")
    """The day on which its owner looks at it again; one that was given none is looked at now."""
    created_by: Mapped[Words]
    created_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[Words | None]
