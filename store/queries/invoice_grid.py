"""The invoices as a list to be filtered, sorted and searched, and what is shown beside each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from kit.folding import asked_words
from store.models import (
    AccountStop,
    Communication,
    CommunicationInvoice,
    Contact,
    Hold,
    Invoice,
    Payment,
    PromiseInvoice,
    PromiseToPay,
)
from store.queries.batches import slices
from store.queries.disputes import rests_something
from store.queries.pages import OPEN_INVOICE
from store.queries.receivables import EVERYTHING, Filter, Total, contacts, of_invoice, sums_by_age, totals_of
from store.queries.search import has_contact_words, has_words

_SPOKEN = ("email", "sms", "letter", "call")
_LEFT = ("sent", "delivered", "bounced", "failed", "unknown")


class Show(StrEnum):
    """Which invoices are listed."""

    OPEN = "open"
    OVERDUE = "overdue"
    DISPUTED = "disputed"
    PROMISED = "promised"
    HELD = "held"
    PAID = "paid"
    COUNTED = "counted"
    """Open or paid: what figures count, which is neither voided nor deleted."""
    ALL = "all"


class Sort(StrEnum):
    """By which column."""

    DUE = "due"
    NUMBER = "number"
    CUSTOMER = "customer"
    DATE = "date"
    AMOUNT = "amount"
    TOTAL = "total"


class How(StrEnum):
    """How an invoice was paid, as far as the ledger says."""

    PAYMENT = "payment"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which invoices, and in which order."""

    show: Show = Show.OPEN
    search: str = ""
    currency: str | None = None
    how: How | None = None
    due_since: date | None = None
    due_until: date | None = None
    issued_since: date | None = None
    issued_until: date | None = None
    paid_since: date | None = None
    """Paid in full on this day or later."""
    paid_until: date | None = None
    contact_id: str | None = None
    """Of this customer alone."""
    sort: Sort = Sort.DUE
    backwards: bool = False
    narrow: Filter = EVERYTHING


@dataclass(frozen=True, slots=True)
class Promised:
    """What stands promised on an invoice: of an amount for several together, as much as falls on it.

    What is promised pays the oldest first, so that the column adds up to what was promised.
    """

    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class LastMessage:
    """What was last said about an invoice, or went wrong in saying it."""

    communication_id: str
    channel: str
    status: str
    at: datetime


def lines(
    session: Session, organisation_id: str, wanted: Wanted, today: date, *, limit: int, offset: int
) -> list[tuple[Invoice, str]]:
    """Invoices with the names of their customers."""
    statement = _statement(
        select(Invoice), organisation_id, wanted, today, by_name=wanted.sort is Sort.CUSTOMER
    )
    found = session.scalars(statement.order_by(*_order(wanted)).limit(limit).offset(offset)).all()
    names = _names(session, organisation_id, {one.contact_id for one in found})
    return [(one, names[one.contact_id]) for one in found]


def lines_by_id(
    session: Session, organisation_id: str, invoice_ids: Sequence[str]
) -> list[tuple[Invoice, str]]:
    """These invoices with the names of their customers, in this order."""
    statement = select(Invoice).where(Invoice.organisation_id == organisation_id, Invoice.id.in_(invoice_ids))
    found = {one.id: one for one in session.scalars(statement)}
    names = _names(session, organisation_id, {one.contact_id for one in found.values()})
    return [(found[one], names[found[one].contact_id]) for one in invoice_ids if one in found]


def _names(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in slices(sorted(contact_ids)):
        rows = session.execute(
            select(Contact.id, Contact.name).where(
                Contact.organisation_id == organisation_id, Contact.id.in_(some)
            )
        )
        found |= dict(rows.all())
    return found


def count(session: Session, organisation_id: str, wanted: Wanted, today: date) -> int:
    """How many there are in all."""
    return session.scalar(_statement(select(func.count()), organisation_id, wanted, today)) or 0


_ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.DUE: (Invoice.due_on, Invoice.number, Invoice.id),
    Sort.NUMBER: (Invoice.number, Invoice.id),
    Sort.CUSTOMER: (func.lower(Contact.name), Invoice.due_on, Invoice.id),
    Sort.DATE: (Invoice.issued_on, Invoice.number, Invoice.id),
    Sort.AMOUNT: (Invoice.currency, Invoice.amount_due, Invoice.id),
    Sort.TOTAL: (Invoice.currency, Invoice.total, Invoice.id),
}


def _statement(
    statement: Select[Any], organisation_id: str, wanted: Wanted, today: date, *, by_name: bool = False
) -> Select[Any]:
    found = statement.select_from(Invoice).where(
        Invoice.organisation_id == organisation_id, *_shown(wanted.show, today)
    )
    if by_name or wanted.search:  # the names of all others cost more than the invoices
        contact = (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id)
        found = found.join(Contact, contact)
    return found.where(*_narrowed(organisation_id, wanted, today))


def _narrowed(organisation_id: str, wanted: Wanted, today: date) -> list[Any]:
    found: list[Any] = of_invoice(replace(wanted.narrow, currency=wanted.currency or ""), today)
    if wanted.narrow.of_customers:
        found.append(Invoice.contact_id.in_(contacts(organisation_id, wanted.narrow, today)))
    if wanted.search:
        words = asked_words(wanted.search)
        found.append(or_(has_words(Invoice.found_by, words), has_contact_words(wanted.search)))
    if wanted.due_since:
        found.append(Invoice.due_on >= wanted.due_since)
    if wanted.due_until:
        found.append(Invoice.due_on <= wanted.due_until)
    found += _between(Invoice.issued_on, wanted.issued_since, wanted.issued_until)
    found += _between(Invoice.fully_paid_on, wanted.paid_since, wanted.paid_until)
    if wanted.contact_id:
        found.append(Invoice.contact_id == wanted.contact_id)
    if wanted.how:
        found.append(Invoice.amount_credited > 0 if wanted.how is How.CREDIT else _has_payment())
    return found


def _between(day: Any, first: date | None, last: date | None) -> list[Any]:
    return [*([day >= first] if first else []), *([day <= last] if last else [])]


def ids(session: Session, organisation_id: str, wanted: Wanted, today: date) -> list[str]:
    """The ids of all that are wanted, in their order."""
    statement = _statement(
        select(Invoice.id), organisation_id, wanted, today, by_name=wanted.sort is Sort.CUSTOMER
    )
    return list(session.scalars(statement.order_by(*_order(wanted))))


def sums(session: Session, organisation_id: str, wanted: Wanted, today: date, home: str) -> list[Total]:
    """What is open of all that are wanted, a currency at a time."""
    fitting = _statement(select(*sums_by_age(today)), organisation_id, wanted, today)
    return totals_of(session, fitting, home)


def _order(wanted: Wanted) -> list[Any]:
    return [column.desc() if wanted.backwards else column for column in _ORDERS[wanted.sort]]


def _shown(show: Show, today: date) -> list[Any]:
    match show:
        case Show.OPEN:
            return [OPEN_INVOICE]
        case Show.OVERDUE:
            return [OPEN_INVOICE, Invoice.due_on < today]
        case Show.DISPUTED:
            return [OPEN_INVOICE, rests_something()]
        case Show.PROMISED:
            return [OPEN_INVOICE, _is_promised()]
        case Show.HELD:
            return [OPEN_INVOICE, _is_held(today)]
        case Show.PAID:
            return [Invoice.status == "PAID"]
        case Show.COUNTED:
            return [Invoice.status.in_(("AUTHORISED", "PAID"))]
        case Show.ALL:
            return [Invoice.status.in_(("AUTHORISED", "PAID", "VOIDED"))]


def _has_payment() -> ColumnElement[bool]:
    return exists().where(
        Payment.organisation_id == Invoice.organisation_id,
        Payment.invoice_id == Invoice.id,
        Payment.status == "AUTHORISED",
    )


def _is_promised() -> ColumnElement[bool]:
    return exists().where(
        PromiseInvoice.organisation_id == Invoice.organisation_id,
        PromiseInvoice.invoice_id == Invoice.id,
        PromiseInvoice.taken_over.is_(False),
        PromiseToPay.organisation_id == PromiseInvoice.organisation_id,
        PromiseToPay.id == PromiseInvoice.promise_id,
        PromiseToPay.state == "open",
    )


def _is_held(today: date) -> ColumnElement[bool]:
    return exists().where(
        Hold.organisation_id == Invoice.organisation_id,
        Hold.contact_id == Invoice.contact_id,
        or_(Hold.invoice_id.is_(None), Hold.invoice_id == Invoice.id),
        Hold.released_at.is_(None),
        or_(Hold.until.is_(None), Hold.until >= today),
    )


def currencies(session: Session, organisation_id: str) -> list[str]:
    """The currencies of the open invoices."""
    statement = select(Invoice.currency).where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
    return list(session.scalars(statement.distinct().order_by(Invoice.currency)))


def promised(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> dict[str, Promised]:
    """What stands promised on each of these invoices."""
    found: dict[str, Promised] = {}
    wanted = set(invoice_ids)
    for some in slices(sorted(wanted)):
        left: dict[str, Decimal] = {}
        for promise_id, invoice_id, due_then, amount, on in session.execute(_covered(organisation_id, some)):
            share = min(due_then, left.setdefault(promise_id, amount))
            left[promise_id] -= share
            if invoice_id in wanted:
                found[invoice_id] = Promised(share, on)
    return found


def _covered(organisation_id: str, invoice_ids: Sequence[str]) -> Select[str, str, Decimal, Decimal, date]:
    """All invoices of the promises that stand on these, the oldest first."""
    line, other = PromiseInvoice, aliased(PromiseInvoice)
    about = select(other.promise_id).where(
        other.organisation_id == organisation_id,
        other.invoice_id.in_(invoice_ids),
        other.taken_over.is_(False),
    )
    return (
        select(line.promise_id, line.invoice_id, line.due_then, PromiseToPay.amount, PromiseToPay.promised_on)
        .join(
            PromiseToPay,
            and_(
                PromiseToPay.organisation_id == line.organisation_id,
                PromiseToPay.id == line.promise_id,
            ),
        )
        .join(Invoice, and_(Invoice.organisation_id == line.organisation_id, Invoice.id == line.invoice_id))
        .where(
            line.organisation_id == organisation_id,
            line.promise_id.in_(about),
            line.taken_over.is_(False),
            PromiseToPay.state == "open",
        )
        .order_by(Invoice.due_on, Invoice.number, Invoice.id)
    )


def last_messages(
    session: Session, organisation_id: str, invoice_ids: Collection[str]
) -> dict[str, LastMessage]:
    """The last message about each of these invoices that left, or was to."""
    about, message = CommunicationInvoice, Communication
    place = func.row_number().over(
        partition_by=about.invoice_id, order_by=(message.sent_at.desc(), message.id.desc())
    )
    found: dict[str, LastMessage] = {}
    for some in slices(sorted(invoice_ids)):
        newest = (
            select(
                about.invoice_id,
                message.id,
                message.channel,
                message.status,
                message.sent_at,
                place.label("place"),
            )
            .join(
                message,
                and_(message.organisation_id == about.organisation_id, message.id == about.communication_id),
            )
            .where(
                about.organisation_id == organisation_id,
                about.invoice_id.in_(some),
                message.direction == "out",
                message.channel.in_(_SPOKEN),
                message.status.in_(_LEFT),
                message.sent_at.is_not(None),
            )
            .subquery()
        )
        for invoice_id, *values, _ in session.execute(select(newest).where(newest.c.place == 1)):
            found[invoice_id] = LastMessage(*values)
    return found


def paid_by(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> dict[str, set[str]]:
    """The kinds of payments that the ledger has on each of these invoices."""
    found: dict[str, set[str]] = {}
    for some in slices(sorted(invoice_ids)):
        rows = session.execute(
            select(Payment.invoice_id, Payment.kind)
            .where(
                Payment.organisation_id == organisation_id,
                Payment.invoice_id.in_(some),
                Payment.status == "AUTHORISED",
            )
            .distinct()
        )
        for invoice_id, kind in rows:
            found.setdefault(invoice_id or "", set()).add(kind)
    return found


def held(
    session: Session, organisation_id: str, contact_ids: Collection[str], today: date
) -> set[tuple[str, str | None]]:
    """The holds in force on these contacts, as contact and invoice (None: all of it)."""
    found: set[tuple[str, str | None]] = set()
    for some in slices(sorted(set(contact_ids))):
        rows = session.execute(
            select(Hold.contact_id, Hold.invoice_id).where(
                Hold.organisation_id == organisation_id,
                Hold.contact_id.in_(some),
                Hold.released_at.is_(None),
                or_(Hold.until.is_(None), Hold.until >= today),
            )
        )
        found |= {(contact_id, invoice_id) for contact_id, invoice_id in rows}
    return found


def stopped(session: Session, organisation_id: str) -> set[str]:
    """The contacts whose account is on stop."""
    statement = select(AccountStop.contact_id).where(
        AccountStop.organisation_id == organisation_id, AccountStop.status == "stopped"
    )
    return set(session.scalars(statement))
