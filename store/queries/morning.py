"""What Today asks: what waits for people, worth most first, and the money of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Date, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from store.models import Communication, Contact, Foresight, Invoice, LedgerNote, Payment, PromiseToPay, Reply
from store.models import TeamTask as Task
from store.queries.chasers import GO
from store.queries.foresights import asks_for
from store.queries.pages import OPEN_INVOICE

_ENTERED = "AUTHORISED"
PROMISE, REPLY, APPROVE, CALL, TASK = range(1, 6)
"""How urgent each kind is, 1 the most."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that waits for a person."""

    urgency: int
    about: str
    """The id of the promise, reply, mail or task; for a call that of the contact."""
    contact_id: str | None
    contact_name: str | None
    what: str
    since: date | None
    """The day on which it was due, or on which it should be seen to."""
    overdue: Decimal
    """What the customer owes overdue in the base currency; 0 where it owes in others alone."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits, of each kind."""

    approve: int
    replies: int
    promises_due: int
    promises_broken: int
    bounced: int
    refused_notes: int


@dataclass(frozen=True, slots=True)
class CameIn:
    """What came in on one day in one currency."""

    currency: str
    on: date
    amount: Decimal
    payments: int


@dataclass(frozen=True, slots=True)
class Received:
    """One payment, with the invoice that it was for."""

    payment: Payment
    number: str
    contact_name: str


def to_do(
    session: Session, organisation_id: str, *, person_id: str, currency: str, today: date, most: int
) -> list[ToDo]:
    """The first of what waits: by urgency, then by what is overdue in this currency, then by what waits longest.

    One statement, whatever the size. Of tasks those of one person, because colleagues see to their own.
    """
    waiting = union_all(
        select(
            literal(PROMISE).label("urgency"),
            PromiseToPay.id.label("about"),
            PromiseToPay.contact_id.label("contact_id"),
            PromiseToPay.state.label("what"),
            PromiseToPay.promised_on.label("since"),
        ).where(
            PromiseToPay.organisation_id == organisation_id,
            PromiseToPay.state == "open",
            PromiseToPay.promised_on <= today,
        ),
        select(literal(REPLY), Reply.communication_id, Reply.contact_id, Reply.meaning, Reply.due_on).where(
            Reply.organisation_id == organisation_id, Reply.state == "waiting"
        ),
        select(
            literal(APPROVE),
            Communication.id,
            Communication.contact_id,
            func.coalesce(Communication.step_name, ""),
            cast(null(), Date),
        ).where(*_waits_for_go(organisation_id)),
        select(
            literal(CALL), Foresight.contact_id, Foresight.contact_id, literal(""), Foresight.asked_since
        ).where(Foresight.organisation_id == organisation_id, asks_for("call")),
        select(literal(TASK), Task.id, Task.contact_id, Task.what, Task.due_on).where(
            Task.organisation_id == organisation_id,
            Task.finished_at.is_(None),
            Task.owner_id == person_id,
            Task.due_on <= today,
        ),
    ).subquery("waiting")
    debts = (
        select(Invoice.contact_id, func.sum(Invoice.amount_due).label("overdue"))
        .where(
            Invoice.organisation_id == organisation_id,
            OPEN_INVOICE,
            Invoice.due_on < today,
            Invoice.currency == currency,
        )
        .group_by(Invoice.contact_id)
        .subquery("debts")
    )
    overdue = func.coalesce(debts.c.overdue, 0)
    statement = (
        select(
            waiting.c.urgency,
            waiting.c.about,
            waiting.c.contact_id,
            Contact.name,
            waiting.c.what,
            waiting.c.since,
            overdue,
        )
        .outerjoin(
            Contact, (Contact.organisation_id == organisation_id) & (Contact.id == waiting.c.contact_id)
        )
        .outerjoin(debts, debts.c.contact_id == waiting.c.contact_id)
        .order_by(
            waiting.c.urgency,
            overdue.desc(),
            case((waiting.c.since.is_(None), 1), else_=0),
            waiting.c.since,
            waiting.c.about,
        )
        .limit(most)
    )
    return [
        ToDo(urgency, about, contact_id, name, what, since, Decimal(owed))
        for urgency, about, contact_id, name, what, since, owed in session.execute(statement)
    ]


def counts(session: Session, organisation_id: str, today: date) -> Counts:
    """How much waits, in one statement."""
    mails = select(func.count()).select_from(Communication).where(*_waits_for_go(organisation_id))
    replies = (
        select(func.count())
        .select_from(Reply)
        .where(Reply.organisation_id == organisation_id, Reply.state == "waiting")
    )
    promised = (
        select(func.count())
        .select_from(PromiseToPay)
        .where(
            PromiseToPay.organisation_id == organisation_id,
            PromiseToPay.state == "open",
            PromiseToPay.promised_on <= today,
        )
    )
    tasks = (
        select(func.count())
        .select_from(Task)
        .where(Task.organisation_id == organisation_id, Task.finished_at.is_(None))
    )
    refused = (
        select(func.count())
        .select_from(LedgerNote)
        .where(LedgerNote.organisation_id == organisation_id, LedgerNote.status == "refused")
    )
    row = session.execute(
        select(
            mails.scalar_subquery(),
            replies.scalar_subquery(),
            promised.scalar_subquery(),
            tasks.where(Task.kind == "promise").scalar_subquery(),
            tasks.where(Task.kind == "bounce").scalar_subquery(),
            refused.scalar_subquery(),
        )
    ).one()
    return Counts(*row)


def came_in(session: Session, organisation_id: str, first: date, last: date) -> list[CameIn]:
    """Payments on invoices from ``first`` to ``last``, by currency and day; currencies are never added."""
    statement = (
        select(Payment.currency, Payment.paid_on, func.sum(Payment.amount), func.count())
        .where(*_received(organisation_id, first, last))
        .group_by(Payment.currency, Payment.paid_on)
        .order_by(Payment.currency, Payment.paid_on.desc())
    )
    return [CameIn(*row) for row in session.execute(statement)]


def newest_received(
    session: Session, organisation_id: str, first: date, last: date, most: int
) -> Sequence[Received]:
    """The newest of these payments, one by one."""
    statement = (
        select(Payment, Invoice.number, Contact.name)
        .join(
            Invoice,
            (Invoice.organisation_id == Payment.organisation_id) & (Invoice.id == Payment.invoice_id),
        )
        .join(
            Contact,
            (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id),
        )
        .where(*_received(organisation_id, first, last))
        .order_by(Payment.paid_on.desc(), Payment.id)
        .limit(most)
    )
    return [Received(*row) for row in session.execute(statement)]


def _waits_for_go(organisation_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Communication.organisation_id == organisation_id,
        Communication.status == "held",
        Communication.brake == GO,
        Communication.approved_at.is_(None),
    )


def _received(organisation_id: str, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Payment.organisation_id == organisation_id,
        Payment.invoice_id.is_not(None),
        Payment.status == _ENTERED,
        Payment.paid_on >= first,
        Payment.paid_on <= last,
    )
