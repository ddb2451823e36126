"""A schedule tried on one invoice: what would have happened to it from its issue on, and what will.

Nothing of what really happened counts: no message has left, nobody has answered, nothing is on hold. A step for a
person is taken to be seen to on its day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from credit_control.balance import least_balance
from credit_control.calendar import local_day, start_of_day
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, NextStep, Outcome, Reason
from credit_control.facts import Contact, ContactBook, Invoice, Policy, Schedule, Step, StepTaken
from credit_control.forecast import after_sending, leaving, next_moment, passed_over
from credit_control.words import Money

_AFTER_THE_LAST = timedelta(days=60)
"""So long after its last step a schedule has surely come to its end, whatever holidays and gaps there are."""

_LEFT_OUT = ("catch_up", "text_message", "only_for")
"""The rules by which a step is left out; their reasons name the step first."""


class What(StrEnum):
    """What comes of a step."""

    MAIL = "mail"
    PERSON = "person"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Event:
    """What becomes of one step, on the organisation's day ``on``; ``at``: when a mail leaves."""

    on: date
    what: What
    step: Step
    at: datetime | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """All that becomes of an invoice, in order, and how it stands on the day that was asked for."""

    events: tuple[Event, ...]
    reasons: tuple[Reason, ...]
    next_step: NextStep | None


def try_on(
    schedule: Schedule,
    contact: Contact,
    invoice: Invoice,
    policy: Policy,
    on: date,
    paid_on: date | None = None,
) -> Trial:
    """Play a schedule forward from the issue of an invoice that is open, until the day on which it is paid (None: never).

    ``on`` is the day for which it is told how the invoice stands.
    """
    if too_little := _too_little(invoice, policy):
        return Trial((), too_little, None)
    book = ContactBook(contact, schedule, (invoice,))
    last = max((step.offset_days for step in schedule.steps), default=0)
    end = max(invoice.due_on + timedelta(days=last), invoice.issued_on) + _AFTER_THE_LAST
    stop = start_of_day(policy.window, end if paid_on is None else min(paid_on, end))
    moment, asked = start_of_day(policy.window, invoice.issued_on), start_of_day(policy.window, on)
    decision, stands = decide(book, policy, moment), None
    events: list[Event] = []
    while True:
        book, more = _people(book, decision, policy, moment)
        events += more
        if more:
            decision = decide(book, policy, moment)
        following = next_moment(decision)
        if stands is None and (following is None or following >= asked):
            stands = decide(book, policy, max(asked, moment))
        if following is None or following >= stop:
            break
        if message := leaving(decision):
            events += _sent(decision, policy)
            book = after_sending(book, decision, message)
        moment = following
        decision = decide(book, policy, moment)
    (one,) = (stands or decision).invoices
    return Trial(tuple(events), one.reasons, one.next_step)


def _too_little(invoice: Invoice, policy: Policy) -> tuple[Reason, ...]:
    """Why an invoice that is alone is never chased: nothing will be added to what it asks for."""
    least = least_balance(policy, invoice.currency)
    if invoice.asked_for >= least:
        return ()
    pattern = "{0} is less than {1}, the least balance for which a customer is chased, so nothing leaves about it alone."
    values = (Money(invoice.asked_for, invoice.currency), Money(least, invoice.currency))
    return (Reason("minimum_balance", Outcome.STOPS, pattern, values),)


def _sent(decision: ContactDecision, policy: Policy) -> list[Event]:
    message = decision.message
    if message is None:
        return []
    on = local_day(policy.window, message.not_before)
    missed = [
        Event(on, What.LEFT_OUT, step, None, _because(step, message.reasons))
        for _, step in passed_over(decision, message)
    ]
    return [*missed, Event(on, What.MAIL, message.step, message.not_before, message.reasons)]


def _because(step: Step, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(one for one in reasons if one.rule in _LEFT_OUT and one.values[:1] == (step.name,))


def _people(
    book: ContactBook, decision: ContactDecision, policy: Policy, moment: datetime
) -> tuple[ContactBook, list[Event]]:
    """The step that a person is asked for, as seen to."""
    (one,) = decision.invoices
    if one.person_step is None:
        return book, []
    taken = StepTaken(one.invoice_id, one.person_step.position, one.person_step.version_id)
    event = Event(local_day(policy.window, moment), What.PERSON, one.person_step, None, ())
    return replace(book, taken=(*book.taken, taken)), [event]
