"""What the page behind a figure says of each invoice, promise and reminder that was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from store.models import Communication, Contact, Invoice, PromiseToPay
from store.queries.batches import slices


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice with its customer and days."""

    number: str | None
    contact_id: str
    customer: str
    issued_on: date
    due_on: date
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise with its customer and days."""

    contact_id: str
    customer: str
    promised_on: date
    grace_until: date
    state: str


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """A reminder with its customer, its step and when it left."""

    contact_id: str
    customer: str
    step_name: str | None
    left_at: datetime
    status: str


def invoice_lines(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, InvoiceLine]:
    """By id."""
    its_contact = and_(Contact.organisation_id == Invoice.organisation_id, Contact.id == Invoice.contact_id)
    found = {}
    for some in slices(ids):
        rows = session.execute(
            select(
                Invoice.id, Invoice.number, Invoice.contact_id, Contact.name, Invoice.issued_on, Invoice.due_on,
                Invoice.fully_paid_on,
            )
            .join(Contact, its_contact)
            .where(Invoice.organisation_id == organisation_id, Invoice.id.in_(some))
        )  # fmt: skip
        found.update({row[0]: InvoiceLine(*row[1:]) for row in rows})
    return found


def promise_lines(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, PromiseLine]:
    """By id."""
    promise = PromiseToPay
    its_contact = and_(Contact.organisation_id == promise.organisation_id, Contact.id == promise.contact_id)
    found = {}
    for some in slices(ids):
        rows = session.execute(
            select(
                promise.id, promise.contact_id, Contact.name, promise.promised_on, promise.grace_until, promise.state
            )
            .join(Contact, its_contact)
            .where(promise.organisation_id == organisation_id, promise.id.in_(some))
        )  # fmt: skip
        found.update({row[0]: PromiseLine(*row[1:]) for row in rows})
    return found


def reminder_lines(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, ReminderLine]:
    """By id."""
    message = Communication
    its_contact = and_(Contact.organisation_id == message.organisation_id, Contact.id == message.contact_id)
    found = {}
    for some in slices(ids):
        rows = session.execute(
            select(
                message.id, message.contact_id, Contact.name, message.step_name,
                func.coalesce(message.handed_over_at, message.sent_at), message.status,
            )
            .join(Contact, its_contact)
            .where(message.organisation_id == organisation_id, message.id.in_(some))
        )  # fmt: skip
        found.update({row[0]: ReminderLine(*row[1:]) for row in rows})
    return found
