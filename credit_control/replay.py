"""A schedule played on the past of one contact: which messages would have left while its invoices were really open.

An invoice counts from its issue to the day on which it was really paid. What was said at the time does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from credit_control.calendar import local_day, start_of_day
from credit_control.decide import decide
from credit_control.facts import Contact, ContactBook, Invoice, Policy, Schedule, Step
from credit_control.forecast import after_sending, leaving, next_moment

WARM_UP = timedelta(days=180)
"""So long before the period it is played without being counted, so that nothing old leaves in a burst at its start."""


@dataclass(frozen=True, slots=True)
class PastInvoice:
    """An invoice as it was while it was open, and the day on which it was paid (None: not yet)."""

    invoice: Invoice
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that would have left, by its gravest step, about so many invoices."""

    on: date
    step_name: str
    invoices: int


def replay(
    schedule: Schedule, contact: Contact, past: Sequence[PastInvoice], policy: Policy, first: date, last: date
) -> tuple[Sent, ...]:
    """The messages of the days from ``first`` to ``last``, both included, in their order."""
    window = policy.window
    begin = min((one.invoice.issued_on for one in past), default=last)
    moment = start_of_day(window, max(begin, first - WARM_UP))
    end = start_of_day(window, last + timedelta(days=1))
    turns = _turns(past, policy)
    book = ContactBook(contact, schedule, ())
    found: list[Sent] = []
    while moment < end:
        today = local_day(window, moment)
        book = replace(book, invoices=_open(past, today))
        turn = next((one for one in turns if one > moment), end)
        moment, book, sent = _until(turn, moment, book, policy)
        found += (one for one in sent if one.on >= first)
    return tuple(found)


def paid_by_then(
    schedule: Schedule, contact: Contact, past: Sequence[PastInvoice], first: date, last: date
) -> dict[str, tuple[int, int]]:
    """For each message of the schedule on how many invoices its day came, and how many of those were paid by that day."""
    found: dict[str, tuple[int, int]] = {}
    for step in schedule.steps:
        if step.action.by_person:
            continue
        came = [
            (on, one.paid_on)
            for one in past
            if first <= (on := one.invoice.due_on + timedelta(days=step.offset_days)) <= last
            and _is_meant(step, one.invoice, contact)
        ]
        paid = sum(1 for on, paid_on in came if paid_on is not None and paid_on <= on)
        found[step.name] = (len(came), paid)
    return found


def _is_meant(step: Step, invoice: Invoice, contact: Contact) -> bool:
    return step.only_for is None or step.only_for.meets(
        invoice.issued_on, invoice.currency, invoice.asked_for, contact.first_invoiced_on
    )


def _turns(past: Sequence[PastInvoice], policy: Policy) -> list[datetime]:
    """The beginnings of the days on which an invoice is issued or paid."""
    days = {one.invoice.issued_on for one in past} | {one.paid_on for one in past if one.paid_on}
    return [start_of_day(policy.window, day) for day in sorted(days)]


def _open(past: Sequence[PastInvoice], today: date) -> tuple[Invoice, ...]:
    return tuple(
        one.invoice
        for one in past
        if one.invoice.issued_on <= today and (one.paid_on is None or today < one.paid_on)
    )


def _until(
    turn: datetime, moment: datetime, book: ContactBook, policy: Policy
) -> tuple[datetime, ContactBook, list[Sent]]:
    """Play on to the next turn, with the same invoices open."""
    sent: list[Sent] = []
    while book.invoices:
        decision = decide(book, policy, moment)
        following = next_moment(decision)
        if following is None or following >= turn:
            break
        if message := leaving(decision):
            on = local_day(policy.window, message.not_before)
            sent.append(Sent(on, message.step.name, len(message.taken)))
            book = after_sending(book, decision, message)
        moment = following
    return turn, book, sent
