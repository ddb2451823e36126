"""What a schedule would have done, and will do, to one invoice: a real one of the book, or one that is made up.

Nothing is stored, and nothing of what really happened to the invoice counts: it shows the schedule, not the customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.facts import Contact, Invoice, Schedule, Step
from credit_control.trying import Trial, try_on
from kit.errors import UserError
from kit.wording import _, grouped
from services.books import Desk, one_book
from store import facts, models
from store.queries import examples

_MADE_UP = Contact("", "A customer", "ACTIVE", "accounts@example.com")
_MOST_DAYS = 1_000


@dataclass(frozen=True, slots=True)
class Specimen:
    """An invoice that is made up."""

    issued_on: date
    due_on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """A schedule tried on an invoice; ``on`` is the day that parts what would have happened from what will."""

    schedule: str
    contact_name: str
    invoice: Invoice
    on: date
    paid_on: date | None
    trial: Trial


def tried_steps(name: str, steps: Sequence[Step]) -> Schedule:
    """A schedule as it was just typed."""
    return Schedule("", name, 0, tuple(steps))


def simulate(
    session: Session,
    desk: Desk,
    schedule: Schedule,
    about: str | Specimen,
    on: date,
    contact_id: str | None = None,
) -> Simulated:
    """Try a schedule on an invoice, by its id or number, or on one made up (for the contact of this id, if any).

    ``UserError`` when there is no such invoice, or its dates cannot be.
    """
    if isinstance(about, str):
        row = _invoice(session, desk, about)
        book = one_book(session, desk, row.contact_id, frozenset({row.id}))
        if book is None:
            raise UserError(_("The customer of this invoice is not known here; read the ledger again."))
        invoice = next(one for one in book.invoices if one.id == row.id)
        contact, paid_on = book.contact, row.fully_paid_on
        first = facts.first_invoices(session, desk.organisation.id, [contact.id]).get(contact.id)
    else:
        invoice, contact, paid_on = _made_up(about), _contact(session, desk, contact_id), None
        before = facts.first_invoices(session, desk.organisation.id, [contact.id]).get(contact.id)
        first = min(before or invoice.issued_on, invoice.issued_on)
    contact = replace(contact, first_invoiced_on=first)
    opened = replace(
        invoice,
        status="AUTHORISED",
        amount_due=invoice.amount_due or invoice.total,
        expected_on=None,
        special=None,
    )
    trial = try_on(replace(schedule, paused=""), contact, opened, desk.policy, on, paid_on)
    return Simulated(schedule.name, contact.name, invoice, on, paid_on, trial)


def _invoice(session: Session, desk: Desk, about: str) -> models.Invoice:
    wanted = about.strip().replace("\x00", "")
    row = session.get(models.Invoice, (desk.organisation.id, wanted)) or examples.open_invoice(
        session, desk.organisation.id, wanted
    )
    if row is None:
        raise UserError(
            _(
                "No open invoice has the number “%(wanted)s”; take one from the ledger, or make one up.",
                wanted=wanted[:60],
            )
        )
    return row


def _contact(session: Session, desk: Desk, contact_id: str | None) -> Contact:
    if contact_id is None:
        return _MADE_UP
    book = one_book(session, desk, contact_id)
    if book is None:
        raise UserError(_("There is no such customer in this organisation."))
    return book.contact


def _made_up(about: Specimen) -> Invoice:
    if about.amount <= 0:
        raise UserError(_("The amount must be more than nothing; a schedule chases what is owed."))
    if abs((about.due_on - about.issued_on).days) > _MOST_DAYS:
        raise UserError(
            _(
                "The due date is more than %(most_days)s days from the invoice date; check both.",
                most_days=grouped(_MOST_DAYS),
            )
        )
    return Invoice(
        "made-up",
        "a made-up invoice",
        about.issued_on,
        about.due_on,
        about.currency,
        about.amount,
        about.amount,
        "AUTHORISED",
    )
