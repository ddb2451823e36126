"""Tasks of colleagues: whose they are, those that are open, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from store.models import Contact, Membership, Person, TeamTask
from store.queries.upsert import insert_new

_IN_CHARGE = ("owner", "manager", "practice_admin")
"""Whose a task is where nobody looks after the customer, in this order; then any other member."""
_RANK = case(
    {role: rank for rank, role in enumerate(_IN_CHARGE)} | {"read_only": len(_IN_CHARGE) + 1},
    value=Membership.role,
    else_=len(_IN_CHARGE),
)


def who_takes(session: Session, organisation_id: str, contact_id: str | None) -> str | None:
    """Whoever looks after the customer, else the first who is in charge; None where there is no member at all."""
    if contact_id:
        looks_after = session.scalar(
            select(Membership.person_id)
            .join(
                Contact,
                (Contact.organisation_id == Membership.organisation_id)
                & (Contact.owner_id == Membership.person_id),
            )
            .where(Membership.organisation_id == organisation_id, Contact.id == contact_id)
        )
        if looks_after:
            return looks_after
    return session.scalar(
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(_RANK, Person.created_at, Person.id)
        .limit(1)
    )


def is_member(session: Session, organisation_id: str, person_id: str) -> bool:
    """Whether this person works in the organisation."""
    return session.get(Membership, (organisation_id, person_id)) is not None


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
    due = _all(organisation_id).where(TeamTask.finished_at.is_(None), TeamTask.due_on <= today)
    if owner_id:
        due = due.where(TeamTask.owner_id == owner_id)
    return len(session.scalars(due.with_only_columns(TeamTask.id)).all())


def _all(organisation_id: str) -> Select[TeamTask]:
    return select(TeamTask).where(TeamTask.organisation_id == organisation_id)
