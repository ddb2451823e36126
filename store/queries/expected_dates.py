"""The payment dates that were promised, on their way into the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.models import ExpectedDate, Invoice, Organisation
from store.queries.batches import slices
from store.queries.upsert import upsert


@dataclass(frozen=True, slots=True)
class Expected:
    """A date to be entered. ``invoice_date``: what the ledger expects already, as far as the mirror knows.

    ``attempts``: how often this date, or one that it takes the place of, was tried.
    """

    invoice_id: str
    ledger_id: str
    on: date
    attempts: int
    invoice_date: date | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A date that the ledger would not take, and its words."""

    number: str
    on: date
    problem: str | None


def queue(
    session: Session, organisation_id: str, invoice_ids: Collection[str], on: date, now: datetime
) -> None:
    """The ledger is to expect the payment of these invoices on that day, whatever it expected before.

    Tries are counted on from another day's: what the mirror knows may be older than what they wrote.
    """
    rows = [
        {
            "organisation_id": organisation_id,
            "invoice_id": invoice_id,
            "on": on,
            "status": "pending",
            "problem": None,
            "attempts": 0,
            "next_try_at": now,
            "written_at": None,
        }
        for invoice_id in sorted(invoice_ids)
    ]
    if not rows:
        return
    statement = upsert(session, ExpectedDate)
    changed = {
        name: getattr(statement.excluded, name)
        for name in ("on", "status", "problem", "next_try_at", "written_at")
    }
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["organisation_id", "invoice_id"], set_=changed), rows
    )


def drop(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> None:
    """The ledger is not to be given these dates any more; what it has got by now stays there."""
    for ids in slices(sorted(invoice_ids)):
        session.connection().execute(
            update(ExpectedDate)
            .where(
                ExpectedDate.organisation_id == organisation_id,
                ExpectedDate.invoice_id.in_(ids),
                ExpectedDate.status == "pending",
            )
            .values(status="dropped")
        )


def of_invoices(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> Mapping[str, date]:
    """The days that we have given the ledger, or are about to, by invoice."""
    found: dict[str, date] = {}
    for ids in slices(sorted(invoice_ids)):
        rows = session.execute(
            select(ExpectedDate.invoice_id, ExpectedDate.on).where(
                ExpectedDate.organisation_id == organisation_id, ExpectedDate.invoice_id.in_(ids)
            )
        )
        found.update((invoice_id, on) for invoice_id, on in rows)
    return found


def organisations_with_dates(session: Session, now: datetime) -> list[str]:
    """Connected organisations with a date that may be entered now."""
    statement = (
        select(ExpectedDate.organisation_id)
        .join(Organisation, Organisation.id == ExpectedDate.organisation_id)
        .where(
            Organisation.connection == "connected",
            ExpectedDate.status == "pending",
            ExpectedDate.next_try_at <= now,
        )
        .distinct()
    )
    return sorted(session.scalars(statement))


def claim_next(session: Session, organisation_id: str, now: datetime, until: datetime) -> Expected | None:
    """The next date to be entered, which nobody else takes before ``until``."""
    row = session.scalars(
        select(ExpectedDate)
        .where(
            ExpectedDate.organisation_id == organisation_id,
            ExpectedDate.status == "pending",
            ExpectedDate.next_try_at <= now,
        )
        .order_by(ExpectedDate.next_try_at, ExpectedDate.invoice_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    invoice = session.get_one(Invoice, (organisation_id, row.invoice_id))
    found = Expected(row.invoice_id, invoice.ledger_id, row.on, row.attempts, invoice.expected_on)
    row.attempts += 1
    row.next_try_at = until
    return found


def settle(session: Session, organisation_id: str, expected: Expected, **values: Any) -> None:
    """What became of a try; nothing where another day is wanted by now."""
    session.connection().execute(
        update(ExpectedDate)
        .where(
            ExpectedDate.organisation_id == organisation_id,
            ExpectedDate.invoice_id == expected.invoice_id,
            ExpectedDate.on == expected.on,
            ExpectedDate.status == "pending",
        )
        .values(**values)
    )


def postpone_all(session: Session, organisation_id: str, at: datetime) -> None:
    """None of this organisation is tried before ``at``."""
    session.connection().execute(
        update(ExpectedDate)
        .where(
            ExpectedDate.organisation_id == organisation_id,
            ExpectedDate.status == "pending",
            ExpectedDate.next_try_at < at,
        )
        .values(next_try_at=at)
    )


def waiting(session: Session, organisation_id: str, invoice_ids: Sequence[str]) -> dict[str, ExpectedDate]:
    """How the dates of these invoices stand."""
    found: dict[str, ExpectedDate] = {}
    for ids in slices(invoice_ids):
        rows = session.scalars(
            select(ExpectedDate).where(
                ExpectedDate.organisation_id == organisation_id, ExpectedDate.invoice_id.in_(ids)
            )
        )
        found.update((row.invoice_id, row) for row in rows)
    return found


def refused(session: Session, organisation_id: str, most: int) -> Sequence[Refused]:
    """The dates that the ledger would not take, for people to see."""
    statement = (
        select(Invoice.number, ExpectedDate.on, ExpectedDate.problem)
        .join(
            Invoice,
            (Invoice.organisation_id == ExpectedDate.organisation_id)
            & (Invoice.id == ExpectedDate.invoice_id),
        )
        .where(ExpectedDate.organisation_id == organisation_id, ExpectedDate.status == "refused")
        .order_by(ExpectedDate.next_try_at.desc())
        .limit(most)
    )
    return [Refused(number, on, problem) for number, on, problem in session.execute(statement)]
