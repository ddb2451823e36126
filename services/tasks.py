"""What people are asked to do: calls to make, letters to post, accounts to review, each with what helps to do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.decide import decide
from credit_control.facts import Action, ContactBook, Step
from credit_control.tasks import Asked, asked
from kit import clock
from kit.errors import UserError
from services.books import Desk, desk_of, one_book, some_books
from services.compose import InvoiceLine
from services.drafting import draft
from services.mail_facts import line_of
from services.outlook_shapes import totals
from store.models import Contact
from store.queries import customers

KINDS: Final = (Action.CALL, Action.LETTER, Action.REVIEW)


@dataclass(frozen=True, slots=True)
class TaskInvoice:
    """An invoice that a task is about."""

    id: str
    number: str
    issued_on: date
    due_on: date
    currency: str
    amount_due: Decimal
    """What is asked for of it."""
    step_name: str
    line: InvoiceLine
    """The same for a text about it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done for one contact, for all invoices for which it is due."""

    contact: Contact
    step: Step
    """The gravest of their steps."""
    book: ContactBook
    since: date
    invoices: tuple[TaskInvoice, ...]
    say: str | None
    """What to say, or what the letter says; None where there is nothing to say."""
    problem: str | None = None
    """Why what to say cannot be written."""
    local_time: datetime | None = None
    """The time where the contact is, if that is known."""

    @property
    def kind(self) -> Action:
        return self.step.action

    @property
    def step_name(self) -> str:
        return self.step.name

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What is due, by currency."""
        return totals((one.currency, one.amount_due) for one in self.invoices)


def tasks(
    session: Session, organisation_id: str, contact_ids: Sequence[str], kinds: Sequence[Action] = KINDS
) -> Iterator[Task]:
    """What is asked for of these contacts, in the order of their ids."""
    desk, now = desk_of(session, organisation_id), clock.now()
    for book in some_books(session, desk, sorted(contact_ids)):
        yield from _tasks(session, desk, book, kinds, now)


def task_of(session: Session, organisation_id: str, contact_id: str, kind: Action) -> Task | None:
    """What is asked for of one contact; None: nothing of this kind just now."""
    desk = desk_of(session, organisation_id)
    book = one_book(session, desk, contact_id)
    return next(_tasks(session, desk, book, (kind,), clock.now()), None) if book else None


def _tasks(
    session: Session, desk: Desk, book: ContactBook, kinds: Sequence[Action], now: datetime
) -> Iterator[Task]:
    found = asked(book, decide(book, desk.policy, now))
    contact = customers.contact(session, desk.organisation.id, book.contact.id)
    for kind in kinds:
        mine = sorted(
            (one for one in found if one.step.action is kind),
            key=lambda one: (-one.step.position, one.since, one.invoice.id),
        )
        if mine and contact:
            yield _task(session, desk, book, contact, mine, now)


def _task(
    session: Session,
    desk: Desk,
    book: ContactBook,
    contact: Contact,
    mine: Sequence[Asked],
    now: datetime,
) -> Task:
    step = mine[0].step
    invoices = tuple(_invoice(one) for one in sorted(mine, key=lambda one: one.invoice.due_on))
    say, problem = None, None
    if step.action is not Action.REVIEW:
        try:
            lines = [(one.id, one.line) for one in invoices]
            say = draft(session, desk, book, lines, step, now).composed.text
        except UserError as error:
            problem = str(error)
    office = book.contact.office
    local_time = now.astimezone(ZoneInfo(office.zone)) if office and office.zone else None
    since = min(one.since for one in mine)
    return Task(contact, step, book, since, invoices, say, problem, local_time)


def _invoice(one: Asked) -> TaskInvoice:
    invoice = one.invoice
    return TaskInvoice(
        invoice.id,
        invoice.number,
        invoice.issued_on,
        invoice.due_on,
        invoice.currency,
        invoice.asked_for,
        one.step.name,
        line_of(invoice),
    )
