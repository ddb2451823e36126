"""What the page of the morning asks: mails that wait for a yes, promises that are due, and the money that came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from store.models import Communication, Contact, Invoice, Payment, PromiseToPay
from store.queries.chasers import GO, IS_HELD


@dataclass(frozen=True, slots=True)
class WaitsForGo:
    """A message that leaves once somebody says yes."""

    id: str
    contact_id: str
    contact_name: str
    subject: str | None
    step_name: str | None
    planned_for: datetime | None


@dataclass(frozen=True, slots=True)
class Received:
    """What came in on a day in one currency."""

    on: date
    currency: str
    amount: Decimal
    payments: int


@dataclass(frozen=True, slots=True)
class Came:
    """One payment, with the invoice and the customer that it belongs to, where the ledger says so."""

    payment: Payment
    number: str | None
    contact_name: str | None


def waiting_for_go(session: Session, organisation_id: str, most: int) -> tuple[list[WaitsForGo], int]:
    """The messages that wait for a person's yes, the next to leave first, and how many there are."""
    waits = (
        Communication.organisation_id == organisation_id,
        IS_HELD,
        Communication.brake == GO,
        Communication.approved_at.is_(None),
    )
    rows = session.execute(
        select(
            Communication.id,
            Communication.contact_id,
            Contact.name,
            Communication.subject,
            Communication.step_name,
            Communication.planned_for,
        )
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(*waits)
        .order_by(Communication.planned_for, Communication.id)
        .limit(most)
    )
    count = session.scalar(select(func.count()).select_from(Communication).where(*waits)) or 0
    return [WaitsForGo(*row) for row in rows], count


def promises_due(session: Session, organisation_id: str, on: date) -> int:
    """How many promises are to be kept on this day."""
    statement = select(func.count()).where(
        PromiseToPay.organisation_id == organisation_id,
        PromiseToPay.state == "open",
        PromiseToPay.promised_on == on,
    )
    return session.scalar(statement) or 0


def received(session: Session, organisation_id: str, first: date, last: date) -> list[Received]:
    """What customers paid from ``first`` to ``last``, both included, by day and currency."""
    rows = session.execute(
        select(Payment.paid_on, Payment.currency, func.sum(Payment.amount), func.count())
        .where(*came(organisation_id, first, last))
        .group_by(Payment.paid_on, Payment.currency)
        .order_by(Payment.paid_on, Payment.currency)
    )
    return [Received(*row) for row in rows]


def payments(
    session: Session, organisation_id: str, first: date, last: date, *, most: int, offset: int
) -> Sequence[Came]:
    """The payments behind that, the newest first."""
    rows = session.execute(
        select(Payment, Invoice.number, Contact.name)
        .outerjoin(
            Invoice,
            (Invoice.organisation_id == Payment.organisation_id) & (Invoice.id == Payment.invoice_id),
        )
        .outerjoin(
            Contact,
            (Contact.organisation_id == Payment.organisation_id)
            & (Contact.id == func.coalesce(Payment.contact_id, Invoice.contact_id)),
        )
        .where(*came(organisation_id, first, last))
        .order_by(Payment.paid_on.desc(), Payment.id)
        .limit(most)
        .offset(offset)
    )
    return [Came(*row) for row in rows]


def came(organisation_id: str, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    """Payments on invoices: what is paid out on a credit is no money that came."""
    return (
        Payment.organisation_id == organisation_id,
        Payment.status == "AUTHORISED",
        Payment.invoice_id.is_not(None),
        Payment.paid_on.between(first, last),
    )
