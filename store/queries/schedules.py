"""Schedules, their versions, and which invoices are still on an older one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal_column, select, update
from sqlalchemy.orm import Session

from kit.ids import new_id
from store.models import Invoice, Schedule, ScheduleVersion, StepTaken, Template
from store.queries.upsert import insert_new

Row = dict[str, Any]
MOVED = "moved"
"""The state of a row that is no step: its invoice goes on with that version."""
_OPEN: ColumnElement[bool] = literal_column("invoices.status = 'AUTHORISED' AND invoices.amount_due > 0")


def count(session: Session, organisation_id: str) -> int:
    """How many schedules the organisation has."""
    counted = select(func.count()).where(Schedule.organisation_id == organisation_id)
    return session.scalar(counted.select_from(Schedule)) or 0


def names(session: Session, organisation_id: str) -> list[tuple[str, str]]:
    """Id and name of each schedule, by name."""
    statement = select(Schedule.id, Schedule.name).where(Schedule.organisation_id == organisation_id)
    return [(one, name) for one, name in session.execute(statement.order_by(Schedule.name, Schedule.id))]


def newest(
    session: Session, organisation_id: str, schedule_id: str
) -> tuple[Schedule, ScheduleVersion] | None:
    """A schedule with its newest version."""
    row = session.execute(
        _with_versions(organisation_id).where(Schedule.id == schedule_id).limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def versions(session: Session, organisation_id: str, schedule_id: str) -> Sequence[ScheduleVersion]:
    """All versions of a schedule, the newest first."""
    statement = select(ScheduleVersion).where(
        ScheduleVersion.organisation_id == organisation_id, ScheduleVersion.schedule_id == schedule_id
    )
    return session.scalars(statement.order_by(ScheduleVersion.number.desc())).all()


def _with_versions(organisation_id: str) -> Select[Schedule, ScheduleVersion]:
    return (
        select(Schedule, ScheduleVersion)
        .join(
            ScheduleVersion,
            (ScheduleVersion.organisation_id == Schedule.organisation_id)
            & (ScheduleVersion.schedule_id == Schedule.id),
        )
        .where(Schedule.organisation_id == organisation_id)
        .order_by(ScheduleVersion.number.desc())
    )


def template_kinds(session: Session, organisation_id: str) -> dict[str, str]:
    """The texts that a step can name, each with the kind of steps that it is for."""
    chosen_from = select(Template.key, Template.kind).where(
        Template.organisation_id == organisation_id, Template.removed_at.is_(None)
    )
    return dict(session.execute(chosen_from).all())


def add(session: Session, organisation_id: str, schedule_id: str, name: str) -> None:
    """A new schedule; its own id tells its chasers from those of others."""
    session.connection().execute(
        insert(Schedule),
        {
            "organisation_id": organisation_id,
            "id": schedule_id,
            "name": name,
            "is_default": False,
            "mark": schedule_id,
        },
    )


def add_version(
    session: Session,
    organisation_id: str,
    schedule_id: str,
    number: int,
    steps: list[Row],
    written: list[Row],
    now: datetime,
) -> None:
    """One more version of a schedule."""
    session.connection().execute(
        insert(ScheduleVersion),
        {
            "organisation_id": organisation_id,
            "id": new_id(),
            "schedule_id": schedule_id,
            "number": number,
            "steps": steps,
            "written": written,
            "created_at": now,
        },
    )


def set_default(session: Session, organisation_id: str, schedule_id: str) -> None:
    """This schedule is the default from now on, and no other."""
    session.connection().execute(
        update(Schedule)
        .where(Schedule.organisation_id == organisation_id)
        .values(is_default=Schedule.id == schedule_id)
    )


def on_older_versions(session: Session, organisation_id: str) -> dict[str, int]:
    """How many open invoices are under way on an older version of a schedule, by schedule."""
    last = _newest_used(organisation_id).subquery()
    highest = (
        select(ScheduleVersion.schedule_id, func.max(ScheduleVersion.number).label("number"))
        .where(ScheduleVersion.organisation_id == organisation_id)
        .group_by(ScheduleVersion.schedule_id)
        .subquery()
    )
    statement = (
        select(last.c.schedule_id, func.count())
        .join(highest, (highest.c.schedule_id == last.c.schedule_id) & (highest.c.number > last.c.number))
        .group_by(last.c.schedule_id)
    )
    return dict(session.execute(statement).all())


def move(
    session: Session, organisation_id: str, version: ScheduleVersion, on: date, contact_id: str | None
) -> dict[str, str]:
    """Note that open invoices under way on an older version go on with this one; their contacts by invoice."""
    last = _newest_used(organisation_id).where(ScheduleVersion.schedule_id == version.schedule_id)
    if contact_id:
        last = last.where(Invoice.contact_id == contact_id)
    older = last.subquery()
    behind = select(older.c.invoice_id, older.c.contact_id).where(older.c.number < version.number)
    found: dict[str, str] = dict(session.execute(behind).all())
    rows = [
        {
            "organisation_id": organisation_id,
            "invoice_id": invoice_id,
            "schedule_version_id": version.id,
            "position": 0,
            "state": MOVED,
            "communication_id": None,
            "on": on,
        }
        for invoice_id in sorted(found)
    ]
    if rows:
        session.connection().execute(insert_new(session, StepTaken), rows)
    return found


def _newest_used(organisation_id: str) -> Select[*tuple[Any, ...]]:
    """For each open invoice and schedule that it has steps of, the highest version among them."""
    return (
        select(
            StepTaken.invoice_id,
            Invoice.contact_id,
            ScheduleVersion.schedule_id,
            func.max(ScheduleVersion.number).label("number"),
        )
        .join(
            ScheduleVersion,
            (ScheduleVersion.organisation_id == StepTaken.organisation_id)
            & (ScheduleVersion.id == StepTaken.schedule_version_id),
        )
        .join(
            Invoice,
            (Invoice.organisation_id == StepTaken.organisation_id) & (Invoice.id == StepTaken.invoice_id),
        )
        .where(StepTaken.organisation_id == organisation_id, _OPEN)
        .group_by(StepTaken.invoice_id, Invoice.contact_id, ScheduleVersion.schedule_id)
    )
