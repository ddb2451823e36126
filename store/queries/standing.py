"""What one customer has promised, and how late it paid its last invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Invoice, PromiseToPay

_LAST = 20
"""Invoices by which it is told how somebody pays."""


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise that stands."""

    currency: str
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Paid:
    """How many days after their due dates the last invoices were paid in full; negative: before."""

    invoices: int
    days_late: int | None
    """On average; None: nothing was paid yet."""


def promised_by(session: Session, organisation_id: str, contact_id: str) -> list[Promised]:
    """The open promises of a contact, the first day first."""
    rows = session.execute(
        select(PromiseToPay.currency, PromiseToPay.amount, PromiseToPay.promised_on)
        .where(
            PromiseToPay.organisation_id == organisation_id,
            PromiseToPay.contact_id == contact_id,
            PromiseToPay.state == "open",
        )
        .order_by(PromiseToPay.promised_on, PromiseToPay.id)
    )
    return [Promised(*row) for row in rows]


def paid_lately(session: Session, organisation_id: str, contact_id: str) -> Paid:
    """How late the last invoices were paid, of those that were due last."""
    rows = session.execute(
        select(Invoice.due_on, Invoice.fully_paid_on)
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.contact_id == contact_id,
            Invoice.status == "PAID",
            Invoice.fully_paid_on.is_not(None),
        )
        .order_by(Invoice.due_on.desc(), Invoice.id)
        .limit(_LAST)
    )
    late = [(paid_on - due_on).days for due_on, paid_on in rows if paid_on]
    return Paid(len(late), round(sum(late) / len(late)) if late else None)
