"""What the pages of customers and invoices ask: lists with balances, holds, one invoice's steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, case, exists, func, select
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    Contact,
    Credit,
    Hold,
    Invoice,
    ScheduleVersion,
    StepTaken,
)
from store.queries import account_stops
from store.queries.pages import OPEN_INVOICE


class Show(StrEnum):
    """Which customers a list shows."""

    OWING = "owing"
    OVERDUE = "overdue"
    HELD = "held"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a contact owes in one currency, and how much of it is overdue."""

    currency: str
    due: Decimal
    overdue: Decimal
    invoices: int


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One line of the list of customers."""

    contact: Contact
    oldest_due_on: date | None
    balances: Sequence[Balance]
    holds: Sequence[Hold]
    next_step: str | None
    next_on: datetime | None
    on_stop: bool = False

    @property
    def overdue(self) -> bool:
        """Whether anything is overdue."""
        return any(one.overdue for one in self.balances)


@dataclass(frozen=True, slots=True)
class ContactLines:
    """One page of customers, and how many there are in all."""

    lines: Sequence[ContactLine]
    total: int


def contact_lines(
    session: Session, organisation_id: str, *, show: Show, search: str, today: date, limit: int, offset: int
) -> ContactLines:
    """The customers whose name or e-mail contains ``search``; those whose oldest open invoice is oldest come first."""
    oldest = (
        select(Invoice.contact_id, func.min(Invoice.due_on).label("due_on"))
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
        .group_by(Invoice.contact_id)
        .subquery()
    )
    statement = (
        select(Contact, oldest.c.due_on)
        .outerjoin(oldest, oldest.c.contact_id == Contact.id)
        .where(Contact.organisation_id == organisation_id)
    )
    if show in (Show.OWING, Show.OVERDUE):
        statement = statement.where(oldest.c.due_on.is_not(None))
    if show is Show.OVERDUE:
        statement = statement.where(oldest.c.due_on < today)
    if show is Show.HELD:
        statement = statement.where(_is_held(organisation_id, today))
    if search:
        statement = statement.where(_matches(search))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    statement = statement.order_by(oldest.c.due_on.is_(None), oldest.c.due_on, Contact.name, Contact.id)
    rows = session.execute(statement.limit(limit).offset(offset)).all()
    return ContactLines(_lines(session, organisation_id, rows, today), total)


def _matches(search: str) -> ColumnElement[bool]:
    return Contact.name.icontains(search, autoescape=True) | Contact.email.icontains(search, autoescape=True)


def _is_held(organisation_id: str, today: date) -> ColumnElement[bool]:
    return exists().where(
        Hold.organisation_id == organisation_id, Hold.contact_id == Contact.id, *_in_force(today)
    )


def _in_force(today: date) -> tuple[ColumnElement[bool], ...]:
    return (Hold.released_at.is_(None), Hold.until.is_(None) | (Hold.until >= today))


def _lines(
    session: Session, organisation_id: str, rows: Sequence[Row[Contact, date | None]], today: date
) -> list[ContactLine]:
    ids = [contact.id for contact, _ in rows]
    owed = balances(session, organisation_id, ids, today)
    held = holds_of(session, organisation_id, ids, today)
    coming = _next_steps(session, organisation_id, ids)
    stops = account_stops.standing(session, organisation_id, ids)
    stopped = {contact_id for contact_id, stop in stops.items() if stop.status == account_stops.STOPPED}
    return [
        ContactLine(
            contact,
            oldest,
            owed[contact.id],
            held[contact.id],
            *coming.get(contact.id, (None, None)),
            on_stop=contact.id in stopped,
        )
        for contact, oldest in rows
    ]


def balances(
    session: Session, organisation_id: str, contact_ids: Collection[str], today: date
) -> dict[str, list[Balance]]:
    """What each of the contacts owes, a currency at a time."""
    late = case((Invoice.due_on < today, Invoice.amount_due), else_=0)
    statement = (
        select(
            Invoice.contact_id, Invoice.currency, func.sum(Invoice.amount_due), func.sum(late), func.count()
        )
        .where(Invoice.organisation_id == organisation_id, Invoice.contact_id.in_(contact_ids), OPEN_INVOICE)
        .group_by(Invoice.contact_id, Invoice.currency)
        .order_by(Invoice.currency)
    )
    found: dict[str, list[Balance]] = defaultdict(list)
    for contact_id, *values in session.execute(statement):
        found[contact_id].append(Balance(*values))
    return found


def holds_of(
    session: Session, organisation_id: str, contact_ids: Collection[str], today: date
) -> dict[str, list[Hold]]:
    """The holds in force on each of the contacts and their invoices."""
    statement = select(Hold).where(
        Hold.organisation_id == organisation_id, Hold.contact_id.in_(contact_ids), *_in_force(today)
    )
    found: dict[str, list[Hold]] = defaultdict(list)
    for hold in session.scalars(statement.order_by(Hold.created_at, Hold.id)):
        found[hold.contact_id].append(hold)
    return found


def _next_steps(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, tuple[str | None, datetime | None]]:
    statement = (
        select(Communication.contact_id, Communication.step_name, Communication.planned_for)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.contact_id.in_(contact_ids),
            Communication.status == "planned",
        )
        .order_by(Communication.planned_for.desc())
    )
    return {contact_id: (step, moment) for contact_id, step, moment in session.execute(statement)}


def contact(session: Session, organisation_id: str, contact_id: str) -> Contact | None:
    return session.get(Contact, (organisation_id, contact_id))


def open_invoices(session: Session, organisation_id: str, contact_id: str) -> Sequence[Invoice]:
    """The contact's open invoices, the longest due first."""
    statement = select(Invoice).where(
        Invoice.organisation_id == organisation_id, Invoice.contact_id == contact_id, OPEN_INVOICE
    )
    return session.scalars(statement.order_by(Invoice.due_on, Invoice.number, Invoice.id)).all()


def invoice(session: Session, organisation_id: str, invoice_id: str) -> Invoice | None:
    return session.get(Invoice, (organisation_id, invoice_id))


def steps_taken(session: Session, organisation_id: str, invoice_id: str) -> Sequence[StepTaken]:
    """The steps that the invoice has behind it or planned."""
    statement = select(StepTaken).where(
        StepTaken.organisation_id == organisation_id, StepTaken.invoice_id == invoice_id
    )
    return session.scalars(statement.order_by(StepTaken.on, StepTaken.position)).all()


def schedule_version(session: Session, organisation_id: str, version_id: str) -> ScheduleVersion | None:
    return session.get(ScheduleVersion, (organisation_id, version_id))


def unallocated(session: Session, organisation_id: str, contact_id: str) -> list[tuple[str, Decimal]]:
    """The contact's money that is not allocated to an invoice: currency and what remains of each document."""
    statement = select(Credit.currency, Credit.remaining).where(
        Credit.organisation_id == organisation_id,
        Credit.contact_id == contact_id,
        Credit.status == "AUTHORISED",
        Credit.remaining > 0,
    )
    return [(currency, remaining) for currency, remaining in session.execute(statement)]
