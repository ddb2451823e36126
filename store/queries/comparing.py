"""Comparisons of two schedules: what is compared, who was drawn into which part, and the invoices of these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from credit_control.effect.drawing import Part
from credit_control.effect.two_parts import Owed
from credit_control.figures.books import COUNTS
from store.models import (
    Communication,
    ComparisonMember,
    Contact,
    Invoice,
    Schedule,
    ScheduleComparison,
    ScheduleVersion,
)

_OPEN: ColumnElement[bool] = literal_column("invoices.status = 'AUTHORISED' AND invoices.amount_due > 0")
_PAID_ON_NO_DAY = and_(Invoice.status == "PAID", Invoice.fully_paid_on.is_(None))


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer of a comparison as lists show it."""

    contact_id: str
    name: str
    part: str | None
    left_out: str | None
    moved_at: datetime | None


def one(session: Session, organisation_id: str, comparison_id: str) -> ScheduleComparison | None:
    return session.get(ScheduleComparison, (organisation_id, comparison_id))


def newest_first(session: Session, organisation_id: str) -> Sequence[ScheduleComparison]:
    """All comparisons of an organisation."""
    statement = select(ScheduleComparison).where(ScheduleComparison.organisation_id == organisation_id)
    return session.scalars(
        statement.order_by(ScheduleComparison.begun_at.desc(), ScheduleComparison.id)
    ).all()


def running(session: Session, organisation_id: str, today: date) -> ScheduleComparison | None:
    """The one that nobody has ended and whose last day is not over."""
    statement = select(ScheduleComparison).where(
        ScheduleComparison.organisation_id == organisation_id,
        ScheduleComparison.ended_at.is_(None),
        ScheduleComparison.until >= today,
    )
    return session.scalars(statement.order_by(ScheduleComparison.id)).first()


def customers(session: Session, organisation_id: str, since: date) -> list[str]:
    """Who owes something, or was billed since then, in the order of their ids."""
    statement = select(Invoice.contact_id).where(
        Invoice.organisation_id == organisation_id,
        Invoice.status.in_(sorted(COUNTS)),
        or_(Invoice.issued_on >= since, _OPEN),
    )
    return list(session.scalars(statement.distinct().order_by(Invoice.contact_id)))


def chosen(session: Session, organisation_id: str) -> dict[str, str]:
    """The customers whose schedule a person has chosen, with that schedule."""
    rows = session.execute(
        select(Contact.id, Contact.schedule_id).where(
            Contact.organisation_id == organisation_id, Contact.schedule_id.is_not(None)
        )
    )
    return {contact_id: schedule_id for contact_id, schedule_id in rows if schedule_id}


def add(
    session: Session,
    comparison: ScheduleComparison,
    members: Iterable[tuple[str, str | None, str | None, str | None]],
) -> None:
    """A new comparison with its (customer, part, why left out, schedule that it was on)."""
    session.add(comparison)
    session.flush()
    rows = [
        {
            "organisation_id": comparison.organisation_id,
            "comparison_id": comparison.id,
            "contact_id": contact_id,
            "part": part,
            "left_out": why,
            "was_on": was_on,
        }
        for contact_id, part, why, was_on in members
    ]
    if rows:
        session.connection().execute(insert(ComparisonMember), rows)


def note_moved(
    session: Session,
    organisation_id: str,
    comparison: ScheduleComparison,
    moved: tuple[str, str],
    now: datetime,
) -> None:
    """A person has put (customer, schedule): noted once where that is another schedule than its part's."""
    contact_id, schedule_id = moved
    part = (
        "a" if schedule_id == comparison.schedule_a else "b" if schedule_id == comparison.schedule_b else ""
    )
    session.connection().execute(
        update(ComparisonMember)
        .where(
            ComparisonMember.organisation_id == organisation_id,
            ComparisonMember.comparison_id == comparison.id,
            ComparisonMember.contact_id == contact_id,
            ComparisonMember.part != part,
            ComparisonMember.moved_at.is_(None),
        )
        .values(moved_at=now)
    )


def counts(
    session: Session, organisation_id: str, comparison_id: str
) -> dict[tuple[str | None, str | None], int]:
    """How many customers there are by (part, why left out)."""
    rows = session.execute(
        select(ComparisonMember.part, ComparisonMember.left_out, func.count())
        .where(
            ComparisonMember.organisation_id == organisation_id,
            ComparisonMember.comparison_id == comparison_id,
        )
        .group_by(ComparisonMember.part, ComparisonMember.left_out)
    )
    return {(part, why): count for part, why, count in rows}


def moved(session: Session, organisation_id: str, comparison_id: str) -> dict[str, int]:
    """How many of each part a person put on another schedule while it ran."""
    rows = session.execute(
        select(ComparisonMember.part, func.count())
        .where(
            ComparisonMember.organisation_id == organisation_id,
            ComparisonMember.comparison_id == comparison_id,
            ComparisonMember.moved_at.is_not(None),
        )
        .group_by(ComparisonMember.part)
    )
    return {part: count for part, count in rows if part}


def gone(session: Session, organisation_id: str, comparison_id: str) -> int:
    """How many customers that were drawn are not active any more: archived, merged into another, or erased."""
    its_contact = and_(
        Contact.organisation_id == ComparisonMember.organisation_id, Contact.id == ComparisonMember.contact_id
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(ComparisonMember)
            .join(Contact, its_contact)
            .where(
                ComparisonMember.organisation_id == organisation_id,
                ComparisonMember.comparison_id == comparison_id,
                ComparisonMember.part.is_not(None),
                Contact.status != "ACTIVE",
            )
        )
        or 0
    )


def members(
    session: Session, organisation_id: str, comparison_id: str, part: str, start: int, most: int
) -> list[Listed]:
    """A page of one part, or of whom was left out (empty), by name."""
    its = ComparisonMember.part == part if part else ComparisonMember.part.is_(None)
    listed = _listed(organisation_id, comparison_id).where(its).offset(start).limit(most)
    return [Listed(*row) for row in session.execute(listed)]


def everybody(session: Session, organisation_id: str, comparison_id: str) -> list[Listed]:
    """All who were drawn or left out, by name."""
    return [Listed(*row) for row in session.execute(_listed(organisation_id, comparison_id))]


def _listed(organisation_id: str, comparison_id: str) -> Select[*tuple[Any, ...]]:
    member = ComparisonMember
    its_contact = and_(Contact.organisation_id == member.organisation_id, Contact.id == member.contact_id)
    return (
        select(member.contact_id, Contact.name, member.part, member.left_out, member.moved_at)
        .join(Contact, its_contact)
        .where(member.organisation_id == organisation_id, member.comparison_id == comparison_id)
        .order_by(Contact.name, Contact.id)
    )


def invoices(session: Session, comparison: ScheduleComparison) -> list[Owed]:
    """The invoices that count, due since its first day, of the customers that were drawn, as they are billed now."""
    rows = session.connection().execute(
        select(Invoice.contact_id, ComparisonMember.part, Invoice.due_on, Invoice.fully_paid_on)
        .join(ComparisonMember, _its_member(comparison))
        .where(*_due_in(comparison), ~_PAID_ON_NO_DAY)
    )
    return [
        Owed(contact_id, Part(part), due_on, paid_on) for contact_id, part, due_on, paid_on in rows if part
    ]


def paid_on_no_day(session: Session, comparison: ScheduleComparison) -> int:
    """How many of these the ledger has as paid without saying when; they count nowhere."""
    statement = select(func.count()).select_from(Invoice).join(ComparisonMember, _its_member(comparison))
    return session.scalar(statement.where(*_due_in(comparison), _PAID_ON_NO_DAY)) or 0


def _its_member(comparison: ScheduleComparison) -> ColumnElement[bool]:
    return and_(
        ComparisonMember.organisation_id == Invoice.organisation_id,
        ComparisonMember.contact_id == Invoice.contact_id,
        ComparisonMember.comparison_id == comparison.id,
        ComparisonMember.part.is_not(None),
    )


def _due_in(comparison: ScheduleComparison) -> tuple[ColumnElement[bool], ...]:
    return (
        Invoice.organisation_id == comparison.organisation_id,
        Invoice.status.in_(sorted(COUNTS)),
        Invoice.due_on >= comparison.from_on,
        Invoice.due_on <= comparison.until,
    )


def changed(session: Session, comparison: ScheduleComparison, schedule_id: str) -> bool:
    """Whether a schedule got other steps while it was compared."""
    version = ScheduleVersion
    since = exists().where(
        version.organisation_id == comparison.organisation_id,
        version.schedule_id == schedule_id,
        version.created_at > comparison.begun_at,
        version.created_at < (comparison.ended_at or _end_of(comparison.until)),
    )
    return bool(session.scalar(select(since)))


def is_chased_since(session: Session, comparison: ScheduleComparison, since: datetime) -> bool:
    """Whether a chaser has left to a customer that was drawn, since this moment."""
    left = exists().where(
        Communication.organisation_id == comparison.organisation_id,
        Communication.kind == "chaser",
        Communication.handed_over_at >= since,
        ComparisonMember.organisation_id == comparison.organisation_id,
        ComparisonMember.comparison_id == comparison.id,
        ComparisonMember.contact_id == Communication.contact_id,
        ComparisonMember.part.is_not(None),
    )
    return bool(session.scalar(select(left)))


def is_moved_unnoted(session: Session, comparison: ScheduleComparison) -> bool:
    """Whether a customer is on another schedule than its part's by a person's choice that was not noted: made after the end."""
    its = case((ComparisonMember.part == Part.A.value, comparison.schedule_a), else_=comparison.schedule_b)
    moved = exists().where(
        ComparisonMember.organisation_id == comparison.organisation_id,
        ComparisonMember.comparison_id == comparison.id,
        ComparisonMember.part.is_not(None),
        ComparisonMember.moved_at.is_(None),
        Contact.organisation_id == ComparisonMember.organisation_id,
        Contact.id == ComparisonMember.contact_id,
        Contact.schedule_id != its,
    )
    return bool(session.scalar(select(moved)))


def is_paused(session: Session, organisation_id: str, schedule_id: str) -> bool:
    """Whether nobody on a schedule is chased just now."""
    return session.get_one(Schedule, (organisation_id, schedule_id)).paused_at is not None


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, UTC)
