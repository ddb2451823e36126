"""Invoices that left by a mail of ours, on their way to being marked as sent in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.models import CommunicationInvoice, Invoice, Organisation, SentMark
from store.queries.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Mark:
    """An invoice to be marked. ``unsure``: an earlier try may have done it."""

    invoice_id: str
    ledger_id: str
    attempts: int
    unsure: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """An invoice that the ledger would not take as sent, and its words."""

    number: str
    problem: str | None


def queue(session: Session, organisation_id: str, communication_id: str, now: datetime) -> None:
    """The invoices of this mail are to be marked; a second time changes nothing."""
    its = CommunicationInvoice
    ids = session.scalars(
        select(its.invoice_id).where(
            its.organisation_id == organisation_id, its.communication_id == communication_id
        )
    ).all()
    rows = [
        {
            "organisation_id": organisation_id,
            "invoice_id": invoice_id,
            "status": "pending",
            "attempts": 0,
            "next_try_at": now,
        }
        for invoice_id in ids
    ]
    if rows:
        session.connection().execute(insert_new(session, SentMark), rows)


def organisations_with_marks(session: Session, now: datetime) -> list[str]:
    """Connected organisations with an invoice that may be marked now."""
    statement = (
        select(SentMark.organisation_id)
        .join(Organisation, Organisation.id == SentMark.organisation_id)
        .where(
            Organisation.connection == "connected", SentMark.status == "pending", SentMark.next_try_at <= now
        )
        .distinct()
    )
    return sorted(session.scalars(statement))


def claim_next(session: Session, organisation_id: str, now: datetime, until: datetime) -> Mark | None:
    """The next invoice to be marked, which nobody else takes before ``until``."""
    row = session.scalars(
        select(SentMark)
        .where(
            SentMark.organisation_id == organisation_id,
            SentMark.status == "pending",
            SentMark.next_try_at <= now,
        )
        .order_by(SentMark.next_try_at, SentMark.invoice_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    invoice = session.get_one(Invoice, (organisation_id, row.invoice_id))
    mark = Mark(row.invoice_id, invoice.ledger_id, row.attempts, row.first_tried_at is not None)
    row.attempts += 1
    row.first_tried_at, row.next_try_at = row.first_tried_at or now, until
    return mark


def settle(session: Session, organisation_id: str, invoice_id: str, **values: Any) -> None:
    """What became of a try."""
    session.connection().execute(
        update(SentMark)
        .where(
            SentMark.organisation_id == organisation_id,
            SentMark.invoice_id == invoice_id,
            SentMark.status == "pending",
        )
        .values(**values)
    )


def postpone_all(session: Session, organisation_id: str, at: datetime) -> None:
    """None of this organisation is tried before ``at``."""
    session.connection().execute(
        update(SentMark)
        .where(
            SentMark.organisation_id == organisation_id,
            SentMark.status == "pending",
            SentMark.next_try_at < at,
        )
        .values(next_try_at=at)
    )


def refused(session: Session, organisation_id: str, most: int) -> Sequence[Refused]:
    """The invoices that the ledger would not take as sent, for people to see."""
    statement = (
        select(Invoice.number, SentMark.problem)
        .join(
            Invoice,
            (Invoice.organisation_id == SentMark.organisation_id) & (Invoice.id == SentMark.invoice_id),
        )
        .where(SentMark.organisation_id == organisation_id, SentMark.status == "refused")
        .order_by(SentMark.next_try_at.desc())
        .limit(most)
    )
    return [Refused(number, problem) for number, problem in session.execute(statement)]
