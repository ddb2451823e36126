"""The work of several clients in one list: messages, replies, tasks and calls of the organisations that one may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Foresight,
    Invoice,
    Person,
    Reply,
    TeamTask,
)
from store.queries.chasers import ADDRESS, EDITED, GO, IS_WAITING
from store.queries.foresights import asks_for
from store.queries.pages import OPEN_INVOICE

Ids = Collection[str]
FOR_A_PERSON = (GO, ADDRESS, EDITED)
_SHOWN = {
    "yes": and_(Communication.status == "held", Communication.brake.in_(FOR_A_PERSON)),
    "held": Communication.status == "held",
    "planned": Communication.status.in_(("planned", "sending")),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that has not left, with its customer's name and what it asks for in each currency."""

    message: Communication
    customer: str
    amounts: Mapping[str, Decimal]

    @property
    def waits_for_go(self) -> bool:
        """Whether a person's yes is all that it waits for."""
        return self.message.status == "held" and self.message.brake == GO


def queue(session: Session, ids: Ids, show: str, limit: int, offset: int) -> tuple[list[Mail], int]:
    """Messages that have not left, the next to leave first, and how many there are of them."""
    which: tuple[ColumnElement[bool], ...] = (
        Communication.organisation_id.in_(ids),
        IS_WAITING,
        _SHOWN.get(show, IS_WAITING),
    )
    statement = (
        select(Communication, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(*which)
        .order_by(Communication.planned_for, Communication.id)
    )
    rows = session.execute(statement.limit(limit).offset(offset)).all()
    count = session.scalar(select(func.count()).select_from(Communication).where(*which)) or 0
    amounts = _amounts(session, [(message.organisation_id, message.id) for message, _ in rows])
    return [Mail(message, name, amounts[message.id]) for message, name in rows], count


def _amounts(session: Session, keys: Sequence[tuple[str, str]]) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    about = CommunicationInvoice
    rows = session.execute(
        select(about.communication_id, Invoice.currency, func.sum(Invoice.amount_due))
        .join(
            Invoice,
            (Invoice.organisation_id == about.organisation_id) & (Invoice.id == about.invoice_id),
        )
        .where(tuple_(about.organisation_id, about.communication_id).in_(keys))
        .group_by(about.communication_id, Invoice.currency)
    )
    for communication_id, currency, amount in rows:
        found[communication_id][currency] = amount
    return found


def replies(
    session: Session, ids: Ids, limit: int, offset: int
) -> tuple[list[tuple[Reply, Communication, str]], int]:
    """Replies that wait, what should have been looked at first standing first, and how many there are."""
    which = (Reply.organisation_id.in_(ids), Reply.state == "waiting")
    statement = (
        select(Reply, Communication, Contact.name)
        .join(
            Communication,
            (Communication.organisation_id == Reply.organisation_id)
            & (Communication.id == Reply.communication_id),
        )
        .join(Contact, (Contact.organisation_id == Reply.organisation_id) & (Contact.id == Reply.contact_id))
        .where(*which)
        .order_by(Reply.due_on, Reply.created_at, Reply.communication_id)
    )
    rows = [(one, mail, name) for one, mail, name in session.execute(statement.limit(limit).offset(offset))]
    return rows, session.scalar(select(func.count()).select_from(Reply).where(*which)) or 0


@dataclass(frozen=True, slots=True)
class ToDo:
    """A task of a colleague, with the names of whom it is about and who sees to it."""

    task: TeamTask
    customer: str | None
    owner: str | None


def tasks(session: Session, ids: Ids, limit: int, offset: int) -> tuple[list[ToDo], int]:
    """Open tasks, the oldest day first, and how many there are."""
    which = (TeamTask.organisation_id.in_(ids), TeamTask.finished_at.is_(None))
    statement = (
        select(TeamTask, Contact.name, Person.name)
        .outerjoin(
            Contact,
            (Contact.organisation_id == TeamTask.organisation_id) & (Contact.id == TeamTask.contact_id),
        )
        .outerjoin(Person, Person.id == TeamTask.owner_id)
        .where(*which)
        .order_by(TeamTask.due_on, TeamTask.id)
    )
    rows = [ToDo(*row) for row in session.execute(statement.limit(limit).offset(offset))]
    return rows, session.scalar(select(func.count()).select_from(TeamTask).where(*which)) or 0


@dataclass(frozen=True, slots=True)
class Call:
    """A customer of whom the schedule, or a colleague, asks for a call by today."""

    contact: Contact
    oldest_due_on: date | None
    overdue: Mapping[str, Decimal]


def calls(session: Session, days: Mapping[date, Ids], limit: int, offset: int) -> tuple[list[Call], int]:
    """Whom to call, longest overdue first, and how many. ``days``: who has which day today.

    Without those whom somebody wants to call on a later day.
    """
    of_today = or_(
        *(
            and_(TeamTask.organisation_id.in_(ids), TeamTask.due_on <= today)
            for today, ids in sorted(days.items())
        )
    )
    again = select(TeamTask.organisation_id, TeamTask.contact_id).where(
        TeamTask.kind == "call", TeamTask.finished_at.is_(None), TeamTask.contact_id.is_not(None)
    )
    ids = sorted({one for ids in days.values() for one in ids})
    asked = select(Foresight.organisation_id, Foresight.contact_id).where(
        Foresight.organisation_id.in_(ids), asks_for("call")
    )
    key = tuple_(Contact.organisation_id, Contact.id)
    later = again.where(TeamTask.organisation_id.in_(ids), ~of_today)
    late = or_(
        *(and_(Invoice.organisation_id.in_(whose), Invoice.due_on < today) for today, whose in days.items())
    )
    oldest = (
        select(Invoice.organisation_id, Invoice.contact_id, func.min(Invoice.due_on).label("oldest"))
        .where(Invoice.organisation_id.in_(ids), OPEN_INVOICE)
        .group_by(Invoice.organisation_id, Invoice.contact_id)
        .subquery()
    )
    which = (
        Contact.organisation_id.in_(ids),
        or_(key.in_(asked), key.in_(again.where(of_today))),
        key.not_in(later),
    )
    statement = (
        select(Contact, oldest.c.oldest)
        .outerjoin(
            oldest,
            (oldest.c.organisation_id == Contact.organisation_id) & (oldest.c.contact_id == Contact.id),
        )
        .where(*which)
        .order_by(oldest.c.oldest.is_(None), oldest.c.oldest, Contact.name, Contact.id)
    )
    rows = session.execute(statement.limit(limit).offset(offset)).all()
    count = session.scalar(select(func.count()).select_from(Contact).where(*which)) or 0
    sums: dict[str, dict[str, Decimal]] = defaultdict(dict)
    owed = session.execute(
        select(Invoice.contact_id, Invoice.currency, func.sum(Invoice.amount_due))
        .where(
            tuple_(Invoice.organisation_id, Invoice.contact_id).in_(
                [(one.organisation_id, one.id) for one, _ in rows]
            ),
            OPEN_INVOICE,
            late,
        )
        .group_by(Invoice.contact_id, Invoice.currency)
    )
    for contact_id, currency, amount in owed:
        sums[contact_id][currency] = amount
    return [Call(contact, day, sums[contact.id]) for contact, day in rows], count
