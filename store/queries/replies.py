"""Replies as work: which wait, for whom, and for how long."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Hold,
    Invoice,
    Organisation,
    PromiseToPay,
    Reply,
)
from store.queries.upsert import insert_new

_WAITS: ColumnElement[bool] = literal_column("replies.state = 'waiting'")
"""Written out, so that both databases can use the partial index."""


def add(session: Session, **values: object) -> None:
    """A reply as work; one that is there already stays as it is."""
    session.connection().execute(insert_new(session, Reply), values)


def one(session: Session, organisation_id: str, reply_id: str, *, lock: bool = False) -> Reply | None:
    statement = select(Reply).where(
        Reply.organisation_id == organisation_id, Reply.communication_id == reply_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalars(statement).one_or_none()


def count_waiting(session: Session, organisation_id: str) -> int:
    """How many replies wait for a person."""
    statement = select(func.count()).where(Reply.organisation_id == organisation_id, _WAITS)
    return session.scalar(statement) or 0


def others_wait(session: Session, reply: Reply) -> bool:
    """Whether further replies of the same contact wait."""
    statement = select(Reply.communication_id).where(
        Reply.organisation_id == reply.organisation_id,
        Reply.contact_id == reply.contact_id,
        Reply.communication_id != reply.communication_id,
        _WAITS,
    )
    return session.scalars(statement.limit(1)).first() is not None


def listed(
    session: Session,
    organisation_id: str,
    *,
    state: str | None = None,
    contact_id: str | None = None,
    meaning: str | None = None,
    before: tuple[datetime, str] | None = None,
    after: int = 0,
    limit: int,
) -> list[tuple[Reply, Communication, str]]:
    """Replies with what was written and the contact's name, the newest first; ``before``: moment and id of the last seen.

    Behind the first ``after``.
    """
    statement = _with_words(organisation_id)
    if state:
        statement = statement.where(Reply.state == state)
    if contact_id:
        statement = statement.where(Reply.contact_id == contact_id)
    if meaning:
        statement = statement.where(Reply.meaning == meaning)
    if before:
        at, reply_id = before
        same = (Reply.created_at == at) & (Reply.communication_id < reply_id)
        statement = statement.where((Reply.created_at < at) | same)
    order = (Reply.created_at.desc(), Reply.communication_id.desc())
    rows = session.execute(statement.order_by(*order).limit(limit).offset(after))
    return [(one, mail, name) for one, mail, name in rows]


def waiting(
    session: Session, organisation_id: str, limit: int, *, after: int = 0
) -> list[tuple[Reply, Communication, str]]:
    """Those that wait, the ones first that should have been looked at first; behind the first ``after``."""
    statement = _with_words(organisation_id).where(_WAITS)
    order = (Reply.due_on, Reply.created_at, Reply.communication_id)
    rows = session.execute(statement.order_by(*order).limit(limit).offset(after))
    return [(one, mail, name) for one, mail, name in rows]


def _with_words(organisation_id: str) -> Select[Reply, Communication, str]:
    return (
        select(Reply, Communication, Contact.name)
        .join(
            Communication,
            (Communication.organisation_id == Reply.organisation_id)
            & (Communication.id == Reply.communication_id),
        )
        .join(Contact, (Contact.organisation_id == Reply.organisation_id) & (Contact.id == Reply.contact_id))
        .where(Reply.organisation_id == organisation_id)
    )


def automatic(session: Session, organisation_id: str, limit: int) -> list[tuple[Communication, str]]:
    """Answers that machines wrote, with the contact's name, the newest first."""
    statement = (
        select(Communication, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(
            Communication.organisation_id == organisation_id,
            Communication.direction == "in",
            Communication.kind == "auto_reply",
        )
        .order_by(Communication.created_at.desc(), Communication.id)
        .limit(limit)
    )
    return [(one, name) for one, name in session.execute(statement)]


def about(session: Session, organisation_id: str, communication_id: str) -> Sequence[Invoice]:
    """The invoices that a communication is about, the oldest first."""
    return session.scalars(
        select(Invoice)
        .join(
            CommunicationInvoice,
            (CommunicationInvoice.organisation_id == Invoice.organisation_id)
            & (CommunicationInvoice.invoice_id == Invoice.id),
        )
        .where(
            CommunicationInvoice.organisation_id == organisation_id,
            CommunicationInvoice.communication_id == communication_id,
        )
        .order_by(Invoice.due_on, Invoice.number, Invoice.id)
    ).all()


def numbers_of(session: Session, organisation_id: str, contact_id: str) -> dict[str, str]:
    """The numbers of the contact's open invoices, each with the invoice's id."""
    rows = session.execute(
        select(Invoice.number, Invoice.id).where(
            Invoice.organisation_id == organisation_id,
            Invoice.contact_id == contact_id,
            Invoice.status == "AUTHORISED",
            Invoice.amount_due > 0,
        )
    )
    return {number: invoice_id for number, invoice_id in rows if number}


def invoices_of(
    session: Session, organisation_id: str, contact_id: str, invoice_ids: Collection[str]
) -> Sequence[Invoice]:
    """These invoices, in so far as they are the contact's."""
    return session.scalars(
        select(Invoice)
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.contact_id == contact_id,
            Invoice.id.in_(sorted(set(invoice_ids))),
        )
        .order_by(Invoice.due_on, Invoice.number, Invoice.id)
    ).all()


def contacts_named(session: Session, organisation_id: str, name: str) -> Sequence[str]:
    """The ids of the customers of exactly this name, whatever its letters are like; two at most."""
    statement = select(Contact.id).where(
        Contact.organisation_id == organisation_id, func.lower(Contact.name) == name.lower()
    )
    return session.scalars(statement.order_by(Contact.id).limit(2)).all()


def promises_of(session: Session, organisation_id: str, communication_id: str) -> Sequence[PromiseToPay]:
    """The promises that stand and were given with a reply."""
    return session.scalars(
        select(PromiseToPay)
        .where(
            PromiseToPay.organisation_id == organisation_id,
            PromiseToPay.communication_id == communication_id,
            PromiseToPay.state == "open",
        )
        .order_by(PromiseToPay.id)
    ).all()


def reply_holds(session: Session, organisation_id: str, contact_id: str) -> Sequence[Hold]:
    """The holds in force because of replies of this contact, locked."""
    return session.scalars(
        select(Hold)
        .where(
            Hold.organisation_id == organisation_id,
            Hold.contact_id == contact_id,
            Hold.kind == "reply",
            Hold.released_at.is_(None),
        )
        .order_by(Hold.id)
        .with_for_update()
    ).all()


def overdue(session: Session, now: datetime) -> list[tuple[str, str, date, date | None]]:
    """Of replies that may wait too long: whose, its time zone, by when somebody should have looked, and the last reminder."""
    rows = session.execute(
        select(Reply.organisation_id, Organisation.timezone, Reply.due_on, Reply.reminded_on)
        .join(Organisation, Organisation.id == Reply.organisation_id)
        .where(_WAITS, Reply.due_on <= now.date(), Organisation.connection != "disconnected")
    )
    return [(whose, zone, due, reminded) for whose, zone, due, reminded in rows]


def to_remind(session: Session, organisation_id: str, today: date) -> list[tuple[Reply, Communication, str]]:
    """Those that wait past their day and of which the owner was not reminded today."""
    statement = _with_words(organisation_id).where(
        _WAITS, Reply.due_on < today, Reply.reminded_on.is_(None) | (Reply.reminded_on < today)
    )
    return [(one, mail, name) for one, mail, name in session.execute(statement.order_by(Reply.due_on))]


def any_waits(session: Session, organisation_id: str, ids: Collection[str]) -> bool:
    """Whether one of these messages still waits for somebody."""
    waiting = select(Reply.communication_id).where(
        Reply.organisation_id == organisation_id,
        Reply.communication_id.in_(sorted(ids)),
        Reply.state != "settled",
    )
    return session.scalars(waiting.limit(1)).first() is not None
