"""The way of one invoice from whom it was given to up to what is learnt from it: each station in a few words' worth of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from credit_control.payer.expected import Expected
from credit_control.payer.rating import Rating
from services.payer.expectations import expectations
from services.payer.ratings import ratings_of
from store.agreed import due_days
from store.models import Invoice, Organisation, StepTaken

ON_ITS_WAY = ("AUTHORISED", "PAID")
"""Drafts and what was withdrawn go no way."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What is known of the stations: customer, terms, chasing, payment and review."""

    rating: Rating
    """How the customer pays, by the last year up to today."""
    due_after: int
    """From the issue day to the day on which it is due, as in the ledger or as agreed."""
    is_agreed: bool
    """Special terms give it another day than the ledger."""
    steps: int
    """So many steps of its schedule were taken."""
    last_step_on: date | None
    is_paid: bool
    """In full, by payments or credits."""
    paid_on: date | None
    days_late: int | None
    """Of a paid invoice, against the ledger's due day; early ones are below nought."""
    expected: Expected | None
    """Of an open invoice; None: nothing can be said."""
    month: date
    """The first day of the month of its payment, in whose review that counts; of an open one, of the running month."""
    is_month_over: bool


def journey(
    session: Session, organisation: Organisation, invoice: Invoice, taken: Sequence[StepTaken], today: date
) -> Journey:
    """The stations of an invoice that is on its way, as of ``today``, the organisation's day."""
    key = organisation.id
    agreed = due_days(session, key, [invoice]).get(invoice.id)
    days = [one.on for one in taken if one.state == "taken"]
    paid_on = invoice.fully_paid_on if invoice.status == "PAID" else None
    # Figures know no payment before the invoice: one that was paid in advance counts from its issue day on.
    month = (max(paid_on, invoice.issued_on) if paid_on else today).replace(day=1)
    return Journey(
        rating=ratings_of(session, key, [invoice.contact_id], today)[invoice.contact_id].rating,
        due_after=((agreed or invoice.due_on) - invoice.issued_on).days,
        is_agreed=agreed is not None,
        steps=len(days),
        last_step_on=max(days, default=None),
        is_paid=invoice.status == "PAID",
        paid_on=paid_on,
        days_late=(paid_on - invoice.due_on).days if paid_on else None,
        expected=expectations(session, key, [invoice], today).get(invoice.id),
        month=month,
        is_month_over=month < today.replace(day=1),
    )
