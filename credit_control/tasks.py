"""What a person is asked to do, and which steps are behind an invoice once it is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from credit_control.decide import taken_masks
from credit_control.decisions import ContactDecision
from credit_control.facts import Action, ContactBook, Invoice, Schedule, Step
from credit_control.stops import is_open


@dataclass(frozen=True, slots=True)
class Asked:
    """A step of an invoice that is due and needs a person, ``since`` that day."""

    invoice: Invoice
    step: Step
    since: date


@dataclass(frozen=True, slots=True)
class Done:
    """A person's step that is behind an invoice now, and those before it in its lane that nobody makes up for."""

    invoice_id: str
    step: Step
    passed: tuple[Step, ...]


def asked(book: ContactBook, decision: ContactDecision) -> tuple[Asked, ...]:
    """What the decision asks a person to do, in the order of the invoices."""
    return tuple(
        Asked(invoice, one.person_step, invoice.due_on + timedelta(days=one.person_step.offset_days))
        for invoice, one in zip(book.invoices, decision.invoices, strict=True)
        if one.person_step
    )


def asked_since(book: ContactBook, decision: ContactDecision) -> dict[Action, date]:
    """What a person is asked for, and since when."""
    found: dict[Action, date] = {}
    for one in asked(book, decision):
        found[one.step.action] = min(one.since, found.get(one.step.action, one.since))
    return found


def done_by(
    book: ContactBook,
    decision: ContactDecision,
    action: Action,
    today: date,
    invoice_ids: Collection[str] = (),
) -> tuple[Done, ...]:
    """The steps that a call, letter or review takes: the last one of its kind that is due, of each of these invoices.

    Without invoices it is about all of the contact's. A call that is recorded when a graver step is due already
    takes its own step all the same, and leaves the graver one to be done.
    """
    placement = decision.placement
    if placement is None:
        return ()
    masks = taken_masks(book, placement)
    found: list[Done] = []
    for invoice in book.invoices:
        if is_open(invoice) and (not invoice_ids or invoice.id in invoice_ids):
            due = _due(placement.on(invoice.id), masks.get(invoice.id, 0), invoice, today)
            mine = [step for step in due if step.action is action]
            if mine:
                passed = tuple(step for step in due if step.position < mine[-1].position)
                found.append(Done(invoice.id, mine[-1], passed))
    return tuple(found)


def _due(schedule: Schedule, taken: int, invoice: Invoice, today: date) -> list[Step]:
    """The person's steps whose day has come and that the invoice does not have behind it."""
    people = [step for step in schedule.steps if step.action.by_person]
    behind = max((step.position for step in people if taken >> step.position & 1), default=0)
    return [
        step
        for step in people
        if step.position > behind and invoice.due_on + timedelta(days=step.offset_days) <= today
    ]
