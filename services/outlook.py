"""What would leave, when and why: the coming fortnight, one invoice, or the plan of one date.

Nothing here changes anything. While chasing is off the outlook comes from the rules alone; once it is
on, what is stored as planned or held takes the place of the forecast of the same message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from credit_control.calendar import first_sending_day, local_day, opening, start_of_day
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Message, Outcome, Verdict
from credit_control.facts import ContactBook, Invoice, Policy, Step
from credit_control.forecast import forecast
from kit import clock
from services.app import App
from services.books import Desk, desk_of, one_book, open_books, some_books
from services.outlook_shapes import (
    Leaving,
    LeavingInvoice,
    Outlook,
    OutlookDay,
    Resting,
    RestingInvoice,
    RunContact,
    RunReport,
    Said,
    Why,
    resting_invoice,
    said,
)
from store import models
from store.queries import chasers

MOST_RESTING = 200
"""Contacts at rest that are spelled out; the others are counted."""

_RANK = {
    Verdict.HOLD: 0,
    Verdict.PERSON: 1,
    Verdict.WAIT: 2,
    Verdict.SEND: 2,
    Verdict.DONE: 3,
    Verdict.CLOSED: 4,
}


def outlook(app: App, organisation_id: str, days: int = 14, now: datetime | None = None) -> Outlook:
    """What would leave from today to so many days ahead if nobody paid, and why the rest would not."""
    now = now or clock.now()
    with app.database.read() as session:
        desk = desk_of(session, organisation_id)
        stored = {row.contact_id: row for row in chasers.waiting_chasers(session, organisation_id)}
        end = start_of_day(desk.policy.window, local_day(desk.policy.window, now) + timedelta(days=days + 1))
        leaving: list[Leaving] = []
        at_rest: list[tuple[int, str, str, frozenset[str]]] = []
        for book in open_books(session, desk):
            decision = decide(book, desk.policy, now)
            mails = _coming(book, desk.policy, decision, now, end, days, stored.get(book.contact.id))
            leaving += mails
            travelling = frozenset(one.id for mail in mails for one in mail.invoices)
            ranks = [_RANK[one.verdict] for one in decision.invoices if one.invoice_id not in travelling]
            if ranks:
                at_rest.append((min(ranks), book.contact.name, book.contact.id, travelling))
        at_rest.sort(key=lambda one: one[:3])
        gone = {contact_id: travelling for _, _, contact_id, travelling in at_rest[:MOST_RESTING]}
        resting = _resting(session, desk, gone, now)
    leaving.sort(key=lambda mail: (mail.on, mail.planned_for, mail.contact_name, mail.contact_id))
    return Outlook(
        now,
        tuple(OutlookDay(on, tuple(mails)) for on, mails in groupby(leaving, key=lambda mail: mail.on)),
        resting,
        len(at_rest),
    )


def why(app: App, organisation_id: str, invoice_id: str, on: date | None = None) -> Why | None:
    """The decision on one invoice now, or as it would be on another date; None: there is no such invoice."""
    now = clock.now()
    with app.database.read() as session:
        invoice = session.get(models.Invoice, (organisation_id, invoice_id))
        if invoice is None:
            return None
        desk = desk_of(session, organisation_id)
        book = one_book(session, desk, invoice.contact_id, frozenset({invoice_id}))
    if book is None:
        return None
    decision = decide(book, desk.policy, _moment(desk.policy, on, now) if on else now)
    found = next(one for one in decision.invoices if one.invoice_id == invoice_id)
    return Why(found.verdict.value, said(found.reasons) + _about(desk.organisation), found.next_step)


def run_report(app: App, organisation_id: str, on: date | None = None, dry_run: bool = True) -> RunReport:
    """What would leave on a date, as the books stand now, and why the rest would not; for every contact that owes."""
    now = clock.now()
    with app.database.read() as session:
        desk = desk_of(session, organisation_id)
        day = on or local_day(desk.policy.window, now)
        moment = _moment(desk.policy, day, now)
        contacts = [_run(book, desk, day, moment) for book in open_books(session, desk)]
    contacts.sort(key=lambda one: (one.leaves is None, one.contact_name, one.contact_id))
    return RunReport(day, dry_run, tuple(contacts))


def _moment(policy: Policy, on: date, now: datetime) -> datetime:
    """When to decide for a date: as its window opens, but for today not before now."""
    window = policy.window
    opens = opening(window, on) if first_sending_day(window, on) == on else start_of_day(window, on)
    return max(now, opens) if on == local_day(window, now) else opens


def _run(book: ContactBook, desk: Desk, day: date, moment: datetime) -> RunContact:
    decision = decide(book, desk.policy, moment)
    message = decision.message
    leaves = None
    if message and local_day(desk.policy.window, message.not_before) == day:
        leaves = _leaving(book, day, message)
    gone = {one.id for one in leaves.invoices} if leaves else frozenset[str]()
    return RunContact(book.contact.id, book.contact.name, leaves, _rests(book, decision, gone))


def _coming(
    book: ContactBook,
    policy: Policy,
    decision: ContactDecision,
    now: datetime,
    end: datetime,
    days: int,
    stored: chasers.WaitingChaser | None,
) -> list[Leaving]:
    """The messages to one contact; the forecast is not begun where time changes nothing before the end."""
    look = decision.next_look_at
    if decision.message is None and (look is None or look >= end):
        return []
    mails = [
        _leaving(book, one.on, one.message, stored) for one in forecast(book, policy, now, days, decision)
    ]
    # What waits after a pause may leave later than the rules would have it.
    return [replace(mail, on=max(mail.on, local_day(policy.window, mail.planned_for))) for mail in mails]


def _leaving(
    book: ContactBook, on: date, message: Message, stored: chasers.WaitingChaser | None = None
) -> Leaving:
    by_id = {invoice.id: invoice for invoice in book.invoices}
    same = (
        stored
        if stored and stored.steps == {(invoice_id, step.position) for invoice_id, step in message.taken}
        else None
    )
    return Leaving(
        on=on,
        planned_for=same.planned_for if same else message.not_before,
        contact_id=book.contact.id,
        contact_name=book.contact.name,
        to=same.to if same else (book.contact.email or "",),
        step_name=message.step.name,
        status=same.status if same else "forecast",
        invoices=tuple(_travelling(by_id[invoice_id], step) for invoice_id, step in message.taken),
        because=message.reasons,
        communication_id=same.id if same else None,
        note=same.reason if same else None,
    )


def _travelling(invoice: Invoice, step: Step) -> LeavingInvoice:
    return LeavingInvoice(
        invoice.id, invoice.number, invoice.due_on, invoice.currency, invoice.amount_due, step.name
    )


def _resting(
    session: Session, desk: Desk, gone: Mapping[str, frozenset[str]], now: datetime
) -> tuple[Resting, ...]:
    """What rests of these contacts, in their order, beside what is gone. Read again: to keep all books is to keep a ledger."""
    books = {book.contact.id: book for book in some_books(session, desk, list(gone))}
    return tuple(
        Resting(
            contact_id,
            books[contact_id].contact.name,
            _rests(books[contact_id], decide(books[contact_id], desk.policy, now), left),
        )
        for contact_id, left in gone.items()
    )


def _rests(book: ContactBook, decision: ContactDecision, gone: Iterable[str]) -> tuple[RestingInvoice, ...]:
    left = frozenset(gone)
    return tuple(
        resting_invoice(invoice, one)
        for invoice, one in zip(book.invoices, decision.invoices, strict=True)
        if invoice.id not in left
    )


def _about(organisation: models.Organisation) -> tuple[Said, ...]:
    """What holds for every invoice of the organisation, whatever the rules say of this one."""
    notes = []
    if organisation.connection != "connected":
        notes.append(
            ("connection", organisation.connection_note or "The ledger is not connected, so nothing leaves.")
        )
    if organisation.chasing == "off":
        notes.append(("chasing", "Chasing is switched off, so nothing leaves."))
    if organisation.chasing == "dry_run":
        notes.append(("chasing", "Chasing is a dry run: what would leave is recorded and not sent."))
    if organisation.sending_problem:
        notes.append(("sending", organisation.sending_problem))
    return tuple(Said(rule, Outcome.NOTES.value, text) for rule, text in notes)
