"""Lists that are exported and have no query of their own: payments, and what waits to leave. A part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Communication, CommunicationInvoice, Contact, Invoice, Payment

_PART = 1_000
_OPEN = ("planned", "held", "sending")


def payments(session: Session, organisation_id: str) -> Iterator[Any]:
    """Payments with customer and invoice, the newest first."""
    last: tuple[date, str] | None = None
    while True:
        statement = (
            select(
                Payment.id,
                Payment.paid_on,
                Contact.name,
                Invoice.number,
                Payment.currency,
                Payment.amount,
                Payment.kind,
                Payment.status,
                Payment.is_reconciled,
            )
            .outerjoin(
                Contact,
                (Contact.organisation_id == Payment.organisation_id) & (Contact.id == Payment.contact_id),
            )
            .outerjoin(
                Invoice,
                (Invoice.organisation_id == Payment.organisation_id) & (Invoice.id == Payment.invoice_id),
            )
            .where(Payment.organisation_id == organisation_id)
            .order_by(Payment.paid_on.desc(), Payment.id)
            .limit(_PART)
        )
        if last:
            same = (Payment.paid_on == last[0]) & (Payment.id > last[1])
            statement = statement.where((Payment.paid_on < last[0]) | same)
        rows = session.execute(statement).all()
        yield from rows
        if len(rows) < _PART:
            return
        last = (rows[-1].paid_on, rows[-1].id)


def waiting(session: Session, organisation_id: str) -> Iterator[tuple[Any, Sequence[Any]]]:
    """Messages that are planned, held or just leaving, each with the invoices that it is about."""
    ids = session.scalars(
        select(Communication.id)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.direction == "out",
            Communication.status.in_(_OPEN),
        )
        .order_by(Communication.planned_for, Communication.id)
    ).all()
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        rows = {
            row.id: row
            for row in session.execute(
                select(
                    Communication.id,
                    Communication.planned_for,
                    Contact.name,
                    Communication.channel,
                    Communication.step_name,
                    Communication.kind,
                    Communication.status,
                    Communication.reason,
                    Communication.to,
                )
                .outerjoin(  # there always is one; SQLite begins with all contacts where it is free to
                    Contact,
                    (Contact.organisation_id == Communication.organisation_id)
                    & (Contact.id == Communication.contact_id),
                )
                .where(Communication.organisation_id == organisation_id, Communication.id.in_(part))
            )
        }
        about: dict[str, list[Any]] = {}
        its = CommunicationInvoice
        for line in session.execute(
            select(its.communication_id, Invoice.number, its.currency, its.amount_due)
            # an outer join too: free to choose, SQLite goes through all invoices by number, each for all messages
            .outerjoin(
                Invoice, (Invoice.organisation_id == its.organisation_id) & (Invoice.id == its.invoice_id)
            )
            .where(its.organisation_id == organisation_id, its.communication_id.in_(part))
            .order_by(Invoice.number)
        ):
            about.setdefault(line.communication_id, []).append(line)
        yield from ((rows[one], about.get(one, ())) for one in part if one in rows)
