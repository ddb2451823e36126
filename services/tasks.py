"""What people are asked to do: calls to make, letters to post, accounts to review, each with what helps to do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
    due_in_ledger: date | None
    """The day in the ledger, where ``due_on`` is another as agreed."""


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
    """What to say, or what the letter says; None where there is nothing to say, or it was not asked for."""
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
    """What is asked for of these contacts, in the order of their ids, each with what to say."""
    desk, now = desk_of(session, organisation_id), clock.now()
    for task in _asked_of(session, desk, contact_ids, kinds, now):
        yield _worded(session, desk, task, now)


def tasks_in_short(
    session: Session, organisation_id: str, contact_ids: Sequence[str], kinds: Sequence[Action] = KINDS
) -> Iterator[Task]:
    """The same without what to say, for lists: as many statements for a hundred contacts as for one."""
    yield from _asked_of(session, desk_of(session, organisation_id), contact_ids, kinds, clock.now())


def task_of(session: Session, organisation_id: str, contact_id: str, kind: Action) -> Task | None:
    """What is asked for of one contact; None: nothing of this kind just now."""
    desk = desk_of(session, organisation_id)
    now, contact = clock.now(), customers.contact(session, organisation_id, contact_id)
    book = one_book(session, desk, contact_id)
    if book is None or contact is None:
        return None
    task = next(_tasks(desk, book, contact, (kind,), now), None)
    return _worded(session, desk, task, now) if task else None


def _asked_of(
    session: Session, desk: Desk, contact_ids: Sequence[str], kinds: Sequence[Action], now: datetime
) -> Iterator[Task]:
    contacts = customers.contacts(session, desk.organisation.id, contact_ids)
    for book in some_books(session, desk, sorted(contacts)):
        yield from _tasks(desk, book, contacts[book.contact.id], kinds, now)


def _tasks(
    desk: Desk, book: ContactBook, contact: Contact, kinds: Sequence[Action], now: datetime
) -> Iterator[Task]:
    found = asked(book, decide(book, desk.policy, now))
    for kind in kinds:
        mine = sorted(
            (one for one in found if one.step.action is kind),
            key=lambda one: (-one.step.position, one.since, one.invoice.id),
        )
        if mine:
            yield _task(book, contact, mine, now)


def _task(book: ContactBook, contact: Contact, mine: Sequence[Asked], now: datetime) -> Task:
    invoices = tuple(_invoice(one) for one in sorted(mine, key=lambda one: one.invoice.due_on))
    office = book.contact.office
    local_time = now.astimezone(ZoneInfo(office.zone)) if office and office.zone else None
    since = min(one.since for one in mine)
    return Task(contact, mine[0].step, book, since, invoices, None, local_time=local_time)


def _worded(session: Session, desk: Desk, task: Task, now: datetime) -> Task:
    """The task with what to say, or with why that cannot be written; about a review there is nothing to say."""
    if task.step.action is Action.REVIEW:
        return task
    lines = [(one.id, one.line) for one in task.invoices]
    try:
        return replace(task, say=draft(session, desk, task.book, lines, task.step, now).composed.text)
    except UserError as error:
        return replace(task, problem=str(error))


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
        invoice.due_in_ledger,
    )
