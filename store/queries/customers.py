"""What the pages of customers and invoices ask: lists with balances, holds, one invoice's steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from credit_control.credit.risk import UNRATED
from store.models import (
    Contact,
    Credit,
    Hold,
    Invoice,
    StepTaken,
)
from store.queries import account_stops, account_watches, risks
from store.queries.batches import slices
from store.queries.pages import OPEN_INVOICE
from store.queries.receivables import EVERYTHING, Filter, Total, of_contact, of_invoice, tags_of, totals
from store.queries.search import has_contact_words


class Show(StrEnum):
    """Which customers a list shows."""

    OWING = "owing"
    OVERDUE = "overdue"
    HELD = "held"
    ALL = "all"


class Sort(StrEnum):
    """By which column customers are listed."""

    OLDEST = "oldest"
    NAME = "name"
    OWED = "owed"
    OVERDUE = "overdue"
    CHASED = "chased"


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
    on_stop: bool = False
    on_watch: bool = False
    tags: Sequence[str] = ()
    risk: str = UNRATED
    """The category of risk by its key, as the customer was last judged."""

    @property
    def overdue(self) -> bool:
        """Whether anything is overdue."""
        return any(one.overdue for one in self.balances)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers, and in which order."""

    show: Show = Show.OWING
    search: str = ""
    narrow: Filter = EVERYTHING
    sort: Sort = Sort.OLDEST
    backwards: bool = False


def contact_ids(
    session: Session, organisation_id: str, wanted: Wanted, *, today: date, home: str
) -> list[str]:
    """The ids of all of them in their order: of even a large ledger they are few, and read once they need no counting."""
    return list(session.scalars(_ordered(organisation_id, wanted, today, home)))


def sums(
    session: Session, organisation_id: str, wanted: Wanted, ids: Sequence[str], *, today: date, home: str
) -> list[Total]:
    """What these customers owe, a currency at a time; of all who owe it is not asked whose it is."""
    conditions: list[Any] = of_invoice(wanted.narrow, today)
    if wanted.search or wanted.narrow.of_customers or wanted.show in (Show.HELD, Show.OVERDUE):
        conditions.append(or_(*(Invoice.contact_id.in_(some) for some in slices(ids))) if ids else false())
    return totals(session, organisation_id, conditions, today, home)


def _ordered(organisation_id: str, wanted: Wanted, today: date, home: str) -> Select[str]:
    narrow, sort = wanted.narrow, wanted.sort
    by_invoices = wanted.show is not Show.ALL or sort in (Sort.OLDEST, Sort.OWED, Sort.OVERDUE)
    statement = select(Contact.id).where(
        Contact.organisation_id == organisation_id, *of_contact(organisation_id, narrow, today)
    )
    if wanted.search:
        statement = statement.where(has_contact_words(wanted.search))
    if wanted.show is Show.HELD:
        statement = statement.where(_is_held(organisation_id, today))
    if by_invoices or narrow.bucket or narrow.currency:
        open_ones = _open_ones(organisation_id, narrow, today, narrow.currency or home)
        needed = wanted.show in (Show.OWING, Show.OVERDUE) or bool(narrow.bucket or narrow.currency)
        statement = statement.join(open_ones, open_ones.c.contact_id == Contact.id, isouter=not needed)
        if wanted.show is Show.OVERDUE:
            statement = statement.where(open_ones.c.due_on < today)
        if sort in (Sort.OLDEST, Sort.OWED, Sort.OVERDUE):
            return statement.order_by(
                open_ones.c.contact_id.is_(None),
                *_turned(wanted, open_ones.c[_COLUMNS[sort]]),
                Contact.name,
                Contact.id,
            )
    if sort is Sort.CHASED:
        order = _turned(wanted, Contact.last_message_at)
        return statement.order_by(Contact.last_message_at.is_(None), *order, Contact.name, Contact.id)
    return statement.order_by(*_turned(wanted, Contact.name), Contact.id)


_COLUMNS = {Sort.OLDEST: "due_on", Sort.OWED: "owed", Sort.OVERDUE: "overdue"}


def _turned(wanted: Wanted, column: Any) -> list[Any]:
    """The largest amount and the last message come first unless turned; names and days as one reads them."""
    falls = wanted.sort in (Sort.OWED, Sort.OVERDUE, Sort.CHASED)
    return [column.desc() if falls is not wanted.backwards else column]


def _open_ones(organisation_id: str, narrow: Filter, today: date, currency: str) -> Subquery:
    """Each customer's open invoices that fit: the oldest day, and what they come to in one currency."""
    amount = case((Invoice.currency == currency, Invoice.amount_due), else_=0)
    late = case((Invoice.due_on < today, amount), else_=0)
    return (
        select(
            Invoice.contact_id,
            func.min(Invoice.due_on).label("due_on"),
            func.sum(amount).label("owed"),
            func.sum(late).label("overdue"),
        )
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE, *of_invoice(narrow, today))
        .group_by(Invoice.contact_id)
        .subquery()
    )


def _is_held(organisation_id: str, today: date) -> ColumnElement[bool]:
    return exists().where(
        Hold.organisation_id == organisation_id, Hold.contact_id == Contact.id, *_in_force(today)
    )


def _in_force(today: date) -> tuple[ColumnElement[bool], ...]:
    return (Hold.released_at.is_(None), Hold.until.is_(None) | (Hold.until >= today))


def lines_of(session: Session, organisation_id: str, ids: Sequence[str], today: date) -> list[ContactLine]:
    """What lists show of these customers, in this order; what comes next to them only the rules can tell."""
    found = session.scalars(
        select(Contact).where(Contact.organisation_id == organisation_id, Contact.id.in_(ids))
    )
    contacts = {one.id: one for one in found}
    owed = balances(session, organisation_id, ids, today)
    held = holds_of(session, organisation_id, ids, today)
    stops = account_stops.standing(session, organisation_id, ids)
    stopped = {contact_id for contact_id, stop in stops.items() if stop.status == account_stops.STOPPED}
    watches = account_watches.standing(session, organisation_id, ids)
    watched = {one for one, row in watches.items() if row.status == account_watches.WATCHED}
    oldest = _oldest(session, organisation_id, ids)
    tags = tags_of(session, organisation_id, ids)
    risk = {one: mark.category for one, mark in risks.marks(session, organisation_id, ids).items()}
    return [
        ContactLine(
            contacts[one],
            oldest.get(one),
            owed[one],
            held[one],
            on_stop=one in stopped,
            on_watch=one in watched,
            tags=tags.get(one, ()),
            risk=risk.get(one, UNRATED),
        )
        for one in ids
    ]


def _oldest(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, date]:
    statement = (
        select(Invoice.contact_id, func.min(Invoice.due_on))
        .where(Invoice.organisation_id == organisation_id, Invoice.contact_id.in_(contact_ids), OPEN_INVOICE)
        .group_by(Invoice.contact_id)
    )
    return dict(session.execute(statement).all())


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


def contact(session: Session, organisation_id: str, contact_id: str) -> Contact | None:
    return session.get(Contact, (organisation_id, contact_id))


def contacts(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Contact]:
    """Those of these contacts that there are, by id."""
    wanted = select(Contact).where(Contact.organisation_id == organisation_id, Contact.id.in_(ids))
    return {one.id: one for one in session.scalars(wanted)}


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


def unallocated(session: Session, organisation_id: str, contact_id: str) -> list[tuple[str, Decimal]]:
    """The contact's money that is not allocated to an invoice: currency and what remains of each document."""
    statement = select(Credit.currency, Credit.remaining).where(
        Credit.organisation_id == organisation_id,
        Credit.contact_id == contact_id,
        Credit.status == "AUTHORISED",
        Credit.remaining > 0,
    )
    return [(currency, remaining) for currency, remaining in session.execute(statement)]
