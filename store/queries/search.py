"""Looking for words and amounts among everything of one organisation; the same on both databases.

What is stored is folded already (``store.found_by``), so a word is looked for as it is, sign for sign: no sign of it is
a wildcard, and nothing depends on how a database folds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from kit.folding import asked_telephone, asked_words, searchable, telephone_digits
from store.models import Communication, Contact, ContactPerson, Invoice, MessageWords
from store.queries.pages import OPEN_INVOICE

EXACT, AMOUNT, BEGINS, CONTAINS, WHOLE, WORDS = range(6)
"""How well something fits, the best first: the order that is published."""
_END = "\n"
_MOST_PEOPLE = 1_000
"""Customers found by their people, or by what they owe; more than these nobody looks through."""


class place_of(FunctionElement[int]):  # noqa: N801  # reads as the function that it is
    """Where in a text another begins, counted from 1; 0: nowhere."""

    type = Integer()
    inherit_cache = True


@compiles(place_of, "sqlite")
def _sqlite(element: place_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)})"


@compiles(place_of, "postgresql")
def _postgresql(element: place_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)})"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: the whole of it, folded; its words; and the amounts that it can mean."""

    whole: str
    words: Sequence[str]
    amounts: Collection[Decimal] = ()
    currency: str | None = None
    today: date | None = None
    """What was due before is overdue; None: nobody asks for it."""

    @property
    def wholes(self) -> Sequence[Decimal]:
        """Those typed without decimals: each means every amount from it up to the next whole one."""
        return sorted(one for one in self.amounts if one.as_tuple().exponent == 0)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer that was found; with the balance by which it was, where it was by one."""

    rank: int
    id: str
    name: str
    email: str | None
    balance: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class _Owed:
    """A balance that is as large as what was asked for, to the cent or in its whole part."""

    exact: bool
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class FoundInvoice:
    """An invoice that was found."""

    rank: int
    id: str
    number: str
    reference: str | None
    customer: str
    currency: str
    total: Decimal
    amount_due: Decimal
    due_on: date
    status: str


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that was found, newest first among its like."""

    rank: int
    id: str
    contact_id: str
    customer: str
    subject: str | None
    direction: str
    channel: str
    kind: str
    status: str
    at: datetime


def has_words(column: Any, words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a folded text has all of the words, each anywhere."""
    return and_(*(place_of(column, literal(word)) > 0 for word in words))


def has_contact_words(asked: str) -> ColumnElement[bool]:
    """Whether a customer has all words of what was typed, or a telephone number that is this one however it is written."""
    found, number = has_words(Contact.found_by, asked_words(asked)), asked_telephone(asked)
    return or_(found, place_of(Contact.found_by, literal(number)) > 0) if number else found


def customers(
    session: Session, organisation_id: str, asked: Asked, limit: int, offset: int = 0
) -> tuple[list[Customer], int]:
    """Those found by their name, persons, addresses, numbers or by what they owe, and how many there are."""
    people = _by_their_people(session, organisation_id, asked)
    owed = _by_what_they_owe(session, organisation_id, asked)
    exact = Contact.id.in_([key for key, one in owed.items() if one.exact]) if owed else None
    whole = Contact.id.in_([key for key, one in owed.items() if not one.exact]) if owed else None
    statement = select(
        _rank(Contact.found_by, asked, exact, whole).label("rank"),
        Contact.id,
        Contact.name,
        Contact.email,
        func.count().over(),
    ).where(
        Contact.organisation_id == organisation_id,
        has_contact_words(asked.whole) | Contact.id.in_([*sorted(people)[:_MOST_PEOPLE], *owed]),
    )
    rows: Sequence[Any] = session.execute(
        statement.order_by("rank", Contact.name, Contact.id).limit(limit).offset(offset)
    ).all()
    found = []
    for rank, key, name, email, _total in rows:
        balance = owed.get(key)
        by = (balance.amount, balance.currency) if balance else (None, "")
        found.append(Customer(rank, key, name, email, *by))
    return found, rows[0][-1] if rows else 0


def _by_what_they_owe(session: Session, organisation_id: str, asked: Asked) -> dict[str, _Owed]:
    """Customers all of whose open invoices of a currency, or all that are overdue, come to what was typed; by id."""
    if not asked.amounts:
        return {}
    its, before = Invoice, asked.today
    everything = func.sum(its.amount_due)
    late = func.sum(case((its.due_on < before, its.amount_due), else_=0)) if before else everything
    statement = (
        select(its.contact_id, its.currency, everything, late)
        .where(its.organisation_id == organisation_id, OPEN_INVOICE)
        .group_by(its.contact_id, its.currency)
        .having(or_(_close(everything, asked), _close(late, asked)))
        .order_by(or_(everything.in_(asked.amounts), late.in_(asked.amounts)).desc(), its.contact_id)
        .limit(_MOST_PEOPLE)
    )
    if asked.currency:
        statement = statement.where(its.currency == asked.currency)
    found: dict[str, _Owed] = {}
    for contact_id, currency, balance, overdue in session.execute(statement):
        meant = next((one for one in (balance, overdue) if one in asked.amounts), None)
        begins = balance if any(one <= balance < one + 1 for one in asked.wholes) else overdue
        found.setdefault(contact_id, _Owed(meant is not None, begins if meant is None else meant, currency))
    return found


def _close(column: Any, asked: Asked) -> ColumnElement[bool]:
    """Whether an amount is what was typed, or begins with it where no decimals were typed."""
    return or_(column.in_(asked.amounts), *((column >= one) & (column < one + 1) for one in asked.wholes))


def _by_their_people(session: Session, organisation_id: str, asked: Asked) -> set[str]:
    """Customers one of whose people, as a colleague entered them, is meant; few enough to be gone through."""
    one = ContactPerson
    rows = session.execute(
        select(one.contact_id, one.name, one.email, one.mobile).where(
            one.organisation_id == organisation_id, one.removed_at.is_(None)
        )
    )
    number = asked_telephone(asked.whole)
    return {
        contact_id
        for contact_id, name, email, mobile in rows
        if all(word in text for text in [searchable(name, email, mobile)] for word in asked.words)
        or (number and number in (telephone_digits(mobile) or ""))
    }


def invoices(
    session: Session, organisation_id: str, asked: Asked, limit: int, offset: int = 0
) -> tuple[list[FoundInvoice], int]:
    """Those found by number, reference or amount (of the whole, or what is left of it), and how many there are."""
    amount, whole = _is_amount(asked), _begins_with_amount(asked)
    fits = [one for one in (has_words(Invoice.found_by, asked.words), amount, whole) if one is not None]
    statement = (
        select(
            _rank(Invoice.found_by, asked, amount, whole).label("rank"),
            Invoice.id,
            Invoice.number,
            Invoice.reference,
            Invoice.contact_id,
            Invoice.currency,
            Invoice.total,
            Invoice.amount_due,
            Invoice.due_on,
            Invoice.status,
            func.count().over(),
        )
        .where(
            Invoice.organisation_id == organisation_id,
            or_(*fits),
        )
        .order_by("rank", Invoice.amount_due == 0, Invoice.due_on, Invoice.number, Invoice.id)
        .limit(limit)
        .offset(offset)
    )
    rows: Sequence[Any] = session.execute(statement).all()
    names = _names(session, organisation_id, {row.contact_id for row in rows})
    found = [
        FoundInvoice(
            row.rank, row.id, row.number, row.reference, names[row.contact_id], row.currency, row.total,
            row.amount_due, row.due_on, row.status,
        )
        for row in rows
    ]  # fmt: skip
    return found, rows[0][-1] if rows else 0


def _is_amount(asked: Asked) -> ColumnElement[bool] | None:
    if not asked.amounts:
        return None
    return _of_its_currency(
        or_(Invoice.total.in_(asked.amounts), Invoice.amount_due.in_(asked.amounts)), asked
    )


def _begins_with_amount(asked: Asked) -> ColumnElement[bool] | None:
    if not asked.wholes:
        return None
    return _of_its_currency(or_(_close(Invoice.total, asked), _close(Invoice.amount_due, asked)), asked)


def _of_its_currency(found: ColumnElement[bool], asked: Asked) -> ColumnElement[bool]:
    return and_(found, Invoice.currency == asked.currency) if asked.currency else found


def messages(
    session: Session, organisation_id: str, asked: Asked, limit: int, offset: int = 0
) -> tuple[list[FoundMessage], int]:
    """Those that have all the words, the newest first, and how many there are."""
    its, message = MessageWords, Communication
    found = (
        select(its.communication_id, its.created_at, func.count().over().label("total"))
        .where(its.organisation_id == organisation_id, has_words(its.words, asked.words))
        .order_by(its.created_at.desc(), its.communication_id)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    statement = (
        select(
            message.id,
            message.contact_id,
            message.subject,
            message.direction,
            message.channel,
            message.kind,
            message.status,
            func.coalesce(message.sent_at, message.created_at).label("at"),
            found.c.total,
        )
        .join(found, found.c.communication_id == message.id)
        .where(message.organisation_id == organisation_id)
        .order_by(found.c.created_at.desc(), message.id)
    )
    rows: Sequence[Any] = session.execute(statement).all()
    names = _names(session, organisation_id, {row.contact_id for row in rows})
    hits = [
        FoundMessage(
            WORDS, row.id, row.contact_id, names[row.contact_id], row.subject, row.direction, row.channel,
            row.kind, row.status, row.at,
        )
        for row in rows
    ]  # fmt: skip
    return hits, rows[0][-1] if rows else 0


def _rank(
    column: Any,
    asked: Asked,
    amount: ColumnElement[bool] | None = None,
    whole: ColumnElement[bool] | None = None,
) -> ColumnElement[int]:
    """The first line is the name, or the number. ``amount``: it is what was typed; ``whole``: its whole part is."""
    place, end = place_of(column, literal(asked.whole)), place_of(column + _END, literal(_END))
    exact = place_of(column + _END, literal(asked.whole + _END)) == 1
    by_amount = [] if amount is None else [(amount, AMOUNT)]
    by_whole = [] if whole is None else [(whole, WHOLE)]
    return case(
        (exact, EXACT),
        *by_amount,
        (place == 1, BEGINS),
        (and_(place > 0, place < end), CONTAINS),
        *by_whole,
        else_=WORDS,
    )


def _names(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, str]:
    statement = select(Contact.id, Contact.name).where(
        Contact.organisation_id == organisation_id, Contact.id.in_(ids)
    )
    return dict(session.execute(statement).all())
