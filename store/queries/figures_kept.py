"""Figures by month: whose are to be made anew, and what they are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from credit_control.figures.books import COUNTS, Booked, Settled, booked
from credit_control.figures.flows import Flow
from store.among import among
from store.models import Allocation, Invoice, MonthlyFigure, Payment, StaleFigure
from store.queries import book_turns
from store.queries.batches import slices

_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
DELETED = "DELETED"
_IN_ONE = 500
_NAMED = 5_000


def mark_stale(session: Session, organisation_id: str, contact_ids: Collection[str]) -> None:
    """The figures of these customers are to be made anew. Belongs to whatever changes what they are made of."""
    if not contact_ids:
        return
    insert = _INSERTS[session.get_bind().dialect.name](StaleFigure.__table__).on_conflict_do_nothing()
    rows = [{"organisation_id": organisation_id, "contact_id": key} for key in sorted(contact_ids)]
    session.connection().execute(insert, rows)


def mark_stale_by_invoices(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> None:
    """The same for the customers of these invoices."""
    found: set[str] = set()
    for ids in slices(sorted(invoice_ids), _IN_ONE):
        statement = select(Invoice.contact_id).where(
            Invoice.organisation_id == organisation_id, Invoice.id.in_(ids)
        )
        found.update(session.scalars(statement.distinct()))
    mark_stale(session, organisation_id, found)


def organisations_with_stale(session: Session) -> list[str]:
    """Those of which figures are to be made anew."""
    return list(session.scalars(select(StaleFigure.organisation_id).distinct()))


def stale(session: Session, organisation_id: str, most: int) -> list[str]:
    """Customers whose figures are to be made anew."""
    statement = select(StaleFigure.contact_id).where(StaleFigure.organisation_id == organisation_id)
    return list(session.scalars(statement.order_by(StaleFigure.contact_id).limit(most)))


def replace(
    session: Session,
    organisation_id: str,
    contact_ids: Sequence[str],
    found: Iterator[tuple[str, str, dict[date, Flow]]],
) -> None:
    """The figures of these customers are what was ``found`` (customer, currency, months), and no longer stale."""
    for ids in slices(contact_ids, _IN_ONE):
        for table in (MonthlyFigure, StaleFigure):
            session.execute(
                delete(table)
                .where(table.organisation_id == organisation_id, table.contact_id.in_(ids))
                .execution_options(synchronize_session=False)
            )
    book_turns.count(session, organisation_id)
    rows = [
        {"organisation_id": organisation_id, "contact_id": contact_id, "currency": currency, "month": month}
        | asdict(flow)
        for contact_id, currency, months in found
        for month, flow in months.items()
    ]
    if rows:
        session.connection().execute(_INSERTS[session.get_bind().dialect.name](MonthlyFigure.__table__), rows)


def books_of(
    session: Session, organisation_id: str, contact_ids: Sequence[str]
) -> dict[tuple[str, str], list[Booked]]:
    """The invoices of these customers with everything that was taken off them, by customer and currency."""
    found: dict[tuple[str, str], list[Booked]] = defaultdict(list)
    for ids in slices(contact_ids, _IN_ONE):
        for contact_id, currency, one in booked_invoices(
            session, organisation_id, [among(Invoice.contact_id, ids)]
        ):
            found[contact_id, currency].append(one)
    return found


def booked_invoices(
    session: Session, organisation_id: str, conditions: Sequence[Any]
) -> Iterator[tuple[str, str, Booked]]:
    """The invoices that count and fit, each with its customer and currency."""
    counts = counting(organisation_id, conditions)
    rows = session.connection().execute(
        select(
            Invoice.id, Invoice.contact_id, Invoice.currency, Invoice.issued_on, Invoice.due_on, Invoice.total,
            Invoice.amount_due, Invoice.fully_paid_on,
        ).where(*counts)
    ).all()  # fmt: skip
    movements = movements_of(session, organisation_id, [row[0] for row in rows], counts)
    for key, contact_id, currency, issued_on, due_on, total, amount_due, paid_on in rows:
        one = booked(
            own_id=key,
            issued_on=issued_on,
            due_on=due_on,
            total=total,
            amount_due=amount_due,
            fully_paid_on=paid_on,
            movements=movements.get(key, ()),
        )
        yield contact_id, currency, one


def counting(organisation_id: str, conditions: Sequence[Any]) -> list[Any]:
    """The invoices that count and fit."""
    return [Invoice.organisation_id == organisation_id, Invoice.status.in_(sorted(COUNTS)), *conditions]


def movements_of(
    session: Session, organisation_id: str, invoice_ids: Sequence[str], counts: Sequence[Any]
) -> dict[str, list[Settled]]:
    """What the ledger has dated of these invoices; of many, of all that fit ``counts``.

    A few are named by their ids, so that no plan reads the payments of all others.
    """
    if not invoice_ids:
        return {}
    few = len(invoice_ids) <= _NAMED
    return _movements(session, organisation_id, [Invoice.id.in_(invoice_ids)] if few else counts)


def _movements(session: Session, organisation_id: str, counts: Sequence[Any]) -> dict[str, list[Settled]]:
    """What the ledger has dated: payments that stand, and credits by the day of their allocation."""
    payments = (
        select(Payment.invoice_id, Payment.paid_on, Payment.amount)
        .join(
            Invoice,
            (Invoice.organisation_id == Payment.organisation_id) & (Invoice.id == Payment.invoice_id),
        )
        .where(
            Invoice.organisation_id == organisation_id,
            Payment.organisation_id == organisation_id,
            Payment.status != DELETED,
            *counts,
        )
    )
    allocated = (
        select(Allocation.invoice_id, Allocation.applied_on, Allocation.amount)
        .join(
            Invoice,
            (Invoice.organisation_id == Allocation.organisation_id) & (Invoice.id == Allocation.invoice_id),
        )
        .where(
            Invoice.organisation_id == organisation_id, Allocation.organisation_id == organisation_id, *counts
        )
    )
    found: dict[str, list[Settled]] = defaultdict(list)
    statements: list[Select[Any, date, Decimal]] = [payments, allocated]
    for statement in statements:
        for invoice_id, on, amount in session.connection().execute(statement):
            found[invoice_id].append(Settled(on, amount))
    return found
