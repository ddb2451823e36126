"""Tasks of colleagues: whose they are, those that are open, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, tuple_
from sqlalchemy.orm import Session

from store.models import Contact, Invoice, Person, TeamTask
from store.queries import practices
from store.queries.upsert import insert_new

_IN_CHARGE = ("owner", "manager", "practice_admin")
"""Whose a task is where nobody looks after the customer, in this order; then any other member."""


def _rank(role: ColumnElement[str]) -> ColumnElement[int]:
    return case(
        {role: rank for rank, role in enumerate(_IN_CHARGE)} | {"read_only": len(_IN_CHARGE) + 1},
        value=role,
        else_=len(_IN_CHARGE),
    )


def who_takes(session: Session, organisation_id: str, contact_id: str | None) -> str | None:
    """Whoever looks after the customer, else the first who is in charge; None where there is no member at all."""
    working = practices.working(organisation_id)
    if contact_id:
        looks_after: str | None = session.scalar(
            select(working.c.person_id)
            .join(
                Contact,
                (Contact.organisation_id == working.c.organisation_id)
                & (Contact.owner_id == working.c.person_id),
            )
            .where(Contact.id == contact_id)
        )
        if looks_after:
            return looks_after
    return session.scalar(
        select(Person.id)
        .join(working, working.c.person_id == Person.id)
        .order_by(_rank(working.c.role), Person.created_at, Person.id)
        .limit(1)
    )


def is_member(session: Session, organisation_id: str, person_id: str) -> bool:
    """Whether this person works in the organisation, as a member or by a practice."""
    working = practices.working(organisation_id)
    found = select(working.c.person_id).where(working.c.person_id == person_id)
    return session.execute(found).first() is not None


def add(session: Session, values: dict[str, Any]) -> TeamTask:
    """The task, which may have been there already under this id."""
    session.connection().execute(insert_new(session, TeamTask), [values])
    return session.get_one(TeamTask, (values["organisation_id"], values["id"]))


def one(session: Session, organisation_id: str, task_id: str) -> TeamTask | None:
    """A task, locked."""
    return session.scalars(
        _all(organisation_id).where(TeamTask.id == task_id).with_for_update()
    ).one_or_none()


def of_contact(session: Session, organisation_id: str, contact_id: str) -> Sequence[TeamTask]:
    """What is to be done about a customer, the most urgent first."""
    return session.scalars(
        _all(organisation_id)
        .where(TeamTask.contact_id == contact_id, TeamTask.finished_at.is_(None))
        .order_by(TeamTask.due_on, TeamTask.id)
    ).all()


def count_due(session: Session, organisation_id: str, today: date, owner_id: str | None = None) -> int:
    """How many are due by today: everybody's, or those of one person."""
    due = select(func.count()).where(
        TeamTask.organisation_id == organisation_id,
        TeamTask.finished_at.is_(None),
        TeamTask.due_on <= today,
        *_whose(owner_id),
    )
    return session.scalar(due) or 0


def due_of(
    session: Session, organisation_id: str, today: date, owner_id: str, most: int
) -> Sequence[TeamTask]:
    """What one person has to do by today, the oldest first."""
    return session.scalars(
        _all(organisation_id)
        .where(TeamTask.finished_at.is_(None), TeamTask.due_on <= today, *_whose(owner_id))
        .order_by(TeamTask.due_on, TeamTask.id)
        .limit(most)
    ).all()


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task with the names of whom it is about and who sees to it."""

    task: TeamTask
    contact: Contact | None
    owner: Person | None
    number: str | None
    """Of the invoice that it is about."""


def lines(
    session: Session,
    organisation_id: str,
    *,
    owner_id: str | None = None,
    contact_id: str | None = None,
    kind: str | None = None,
    finished: bool = False,
    after: tuple[date, str] | None = None,
    limit: int,
    offset: int = 0,
) -> list[TaskLine]:
    """Open tasks by the day on which they are due, or finished ones by the same; ``after`` the last one of a page."""
    statement = (
        select(TeamTask, Contact, Person, Invoice.number)
        .outerjoin(
            Contact,
            (Contact.organisation_id == TeamTask.organisation_id) & (Contact.id == TeamTask.contact_id),
        )
        .outerjoin(Person, Person.id == TeamTask.owner_id)
        .outerjoin(
            Invoice,
            (Invoice.organisation_id == TeamTask.organisation_id) & (Invoice.id == TeamTask.invoice_id),
        )
        .where(
            TeamTask.organisation_id == organisation_id,
            TeamTask.finished_at.is_not(None) if finished else TeamTask.finished_at.is_(None),
            *_whose(owner_id),
        )
        .order_by(TeamTask.due_on, TeamTask.id)
    )
    if contact_id:
        statement = statement.where(TeamTask.contact_id == contact_id)
    if kind:
        statement = statement.where(TeamTask.kind == kind)
    if after:
        statement = statement.where(tuple_(TeamTask.due_on, TeamTask.id) > after)
    return [TaskLine(*row) for row in session.execute(statement.limit(limit).offset(offset))]


def lately_finished(session: Session, organisation_id: str, most: int) -> list[TaskLine]:
    """What was finished last."""
    statement = (
        select(TeamTask, Contact, Person)
        .outerjoin(
            Contact,
            (Contact.organisation_id == TeamTask.organisation_id) & (Contact.id == TeamTask.contact_id),
        )
        .outerjoin(Person, Person.id == TeamTask.owner_id)
        .where(TeamTask.organisation_id == organisation_id, TeamTask.finished_at.is_not(None))
        .order_by(TeamTask.finished_at.desc(), TeamTask.id)
    )
    return [TaskLine(*row, None) for row in session.execute(statement.limit(most))]


def _whose(owner_id: str | None) -> list[ColumnElement[bool]]:
    return [TeamTask.owner_id == owner_id] if owner_id else []


def _all(organisation_id: str) -> Select[TeamTask]:
    return select(TeamTask).where(TeamTask.organisation_id == organisation_id)
