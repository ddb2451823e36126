"""Promises to pay: the rows, what the mirror says of their invoices, and which are to be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, case, func, select, update
from sqlalchemy.orm import Session

from credit_control.promises import Covered, KeptRate
from store.among import among
from store.models import (
    Contact,
    Invoice,
    Payment,
    PaymentPlan,
    PlanInstalment,
    PlanInvoice,
    PromiseInvoice,
    PromiseToPay,
)
from store.queries import disputes
from store.queries.batches import slices

_NOTHING = Decimal(0)
_GONE = frozenset({"VOIDED", "DELETED"})
_JUDGED = ("kept", "part_kept", "broken")
_ENTERED = "AUTHORISED"
"""The state of a payment that counts; the others were deleted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A promise as lists show it, with whose it is and the numbers of its invoices."""

    promise: PromiseToPay
    contact_name: str
    numbers: tuple[str, ...]


def one(session: Session, organisation_id: str, promise_id: str) -> PromiseToPay | None:
    """A promise, locked."""
    return session.scalars(
        select(PromiseToPay)
        .where(PromiseToPay.organisation_id == organisation_id, PromiseToPay.id == promise_id)
        .with_for_update()
    ).one_or_none()


def paid_on(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> dict[str, Decimal]:
    """The sum of the payments that are known, by invoice."""
    found: dict[str, Decimal] = {}
    for ids in slices(sorted(invoice_ids)):
        rows = session.execute(
            select(Payment.invoice_id, Payment.amount).where(
                Payment.organisation_id == organisation_id,
                Payment.invoice_id.in_(ids),
                Payment.status == _ENTERED,
            )
        )
        for invoice_id, amount in rows:
            if invoice_id:
                found[invoice_id] = found.get(invoice_id, Decimal(0)) + amount
    return found


def standing_on(
    session: Session, organisation_id: str, invoice_ids: Collection[str]
) -> list[tuple[PromiseToPay, PromiseInvoice]]:
    """The promises that stand on these invoices, locked: open ones, and those that were not kept and are not followed up yet."""
    found: list[tuple[PromiseToPay, PromiseInvoice]] = []
    for ids in slices(sorted(invoice_ids)):
        rows = session.execute(
            select(PromiseToPay, PromiseInvoice)
            .join(
                PromiseInvoice,
                and_(
                    PromiseInvoice.organisation_id == PromiseToPay.organisation_id,
                    PromiseInvoice.promise_id == PromiseToPay.id,
                ),
            )
            .where(
                PromiseToPay.organisation_id == organisation_id,
                PromiseInvoice.invoice_id.in_(ids),
                PromiseInvoice.taken_over.is_(False),
                (PromiseToPay.state == "open") | PromiseToPay.follow_up_until.is_not(None),
            )
            .order_by(PromiseToPay.created_at, PromiseToPay.id)
            .with_for_update()
        )
        found += [(promise, line) for promise, line in rows]
    return found


def invoices_left(session: Session, promise: PromiseToPay) -> list[str]:
    """The invoices that this promise is still about, in their order."""
    return [line.invoice_id for line in _lines(session, promise.organisation_id, [promise.id])[promise.id]]


def all_invoices(session: Session, promise: PromiseToPay) -> list[str]:
    """The invoices that this promise is or was about."""
    return list(
        session.scalars(
            select(PromiseInvoice.invoice_id).where(
                PromiseInvoice.organisation_id == promise.organisation_id,
                PromiseInvoice.promise_id == promise.id,
            )
        )
    )


def _lines(
    session: Session, organisation_id: str, promise_ids: Sequence[str]
) -> dict[str, list[PromiseInvoice]]:
    found: dict[str, list[PromiseInvoice]] = defaultdict(list)
    for ids in slices(promise_ids):
        rows = session.scalars(
            select(PromiseInvoice)
            .where(
                PromiseInvoice.organisation_id == organisation_id,
                PromiseInvoice.promise_id.in_(ids),
                PromiseInvoice.taken_over.is_(False),
            )
            .order_by(PromiseInvoice.promise_id, PromiseInvoice.invoice_id)
        )
        for row in rows:
            found[row.promise_id].append(row)
    return found


def covered(
    session: Session, organisation_id: str, promise_ids: Sequence[str]
) -> dict[str, tuple[Covered, ...]]:
    """What the rules need to know of the invoices of each promise."""
    lines = _lines(session, organisation_id, promise_ids)
    return as_covered(session, organisation_id, {one: lines[one] for one in promise_ids})


def as_covered(
    session: Session, organisation_id: str, lines: Mapping[str, Sequence[PromiseInvoice | PlanInvoice]]
) -> dict[str, tuple[Covered, ...]]:
    """What the rules need to know of these invoices, given by promise or plan."""
    ids = sorted({line.invoice_id for found in lines.values() for line in found})
    invoices: dict[str, Invoice] = {}
    payments: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for some in slices(ids):
        for invoice in session.scalars(
            select(Invoice).where(Invoice.organisation_id == organisation_id, Invoice.id.in_(some))
        ):
            invoices[invoice.id] = invoice
        for invoice_id, on, amount in session.execute(
            select(Payment.invoice_id, Payment.paid_on, Payment.amount)
            .where(
                Payment.organisation_id == organisation_id,
                Payment.invoice_id.in_(some),
                Payment.status == _ENTERED,
            )
            .order_by(Payment.paid_on, Payment.id)
        ):
            payments[invoice_id or ""].append((on, amount))
    rests = disputes.of_invoices(session, organisation_id, invoices.values())
    return {
        key: tuple(_covered(line, invoices[line.invoice_id], payments, rests) for line in found)
        for key, found in lines.items()
    }


def _covered(
    line: PromiseInvoice | PlanInvoice,
    invoice: Invoice,
    payments: Mapping[str, list[tuple[date, Decimal]]],
    rests: Mapping[str, Decimal],
) -> Covered:
    credited_then = max(invoice.total - line.due_then - line.paid_then, _NOTHING)
    return Covered(
        invoice.currency,
        line.due_then,
        line.paid_then,
        invoice.amount_due,
        invoice.status in _GONE,
        invoice.fully_paid_on,
        tuple(payments.get(invoice.id, ())),
        rests.get(invoice.id, _NOTHING),
        max(invoice.amount_credited - credited_then, _NOTHING),
    )


# -- which are to be looked at -------------------------------------------------------------------------


def look_at_those_on(
    session: Session, organisation_id: str, invoice_ids: Collection[str], now: datetime
) -> bool:
    """There is news of these invoices: have the promises on them looked at. True: there are some."""
    found = 0
    for ids in slices(sorted(invoice_ids)):
        about = select(PromiseInvoice.promise_id).where(
            PromiseInvoice.organisation_id == organisation_id,
            PromiseInvoice.invoice_id.in_(ids),
            PromiseInvoice.taken_over.is_(False),
        )
        found += (
            session.connection()
            .execute(
                update(PromiseToPay)
                .where(
                    PromiseToPay.organisation_id == organisation_id,
                    PromiseToPay.id.in_(about),
                    PromiseToPay.state.in_(("open", *_JUDGED)),
                )
                .values(next_look_at=now)
            )
            .rowcount
        )
    return found > 0


def follow_up_no_more(session: Session, organisation_id: str) -> list[str]:
    """No mail about a broken promise is wanted any more; the contacts to which one was to go."""
    where = (
        PromiseToPay.organisation_id == organisation_id,
        PromiseToPay.follow_up_until.is_not(None),
    )
    ids = sorted(set(session.scalars(select(PromiseToPay.contact_id).where(*where))))
    session.connection().execute(update(PromiseToPay).where(*where).values(follow_up_until=None))
    return ids


# -- lists ---------------------------------------------------------------------------------------------


def listed(
    session: Session,
    organisation_id: str,
    *,
    states: Sequence[str] = (),
    contact_id: str | None = None,
    invoice_id: str | None = None,
    newest_first: bool = False,
    most: int,
    offset: int = 0,
) -> list[Line]:
    """Promises with their customers and invoices, by day."""
    promise = PromiseToPay
    statement = (
        select(promise, Contact.name)
        .join(
            Contact,
            and_(Contact.organisation_id == promise.organisation_id, Contact.id == promise.contact_id),
        )
        .where(promise.organisation_id == organisation_id)
        .limit(most)
        .offset(offset)
    )
    if states:
        statement = statement.where(promise.state.in_(states))
    if contact_id:
        statement = statement.where(promise.contact_id == contact_id)
    if invoice_id:
        about = select(PromiseInvoice.promise_id).where(
            PromiseInvoice.organisation_id == organisation_id, PromiseInvoice.invoice_id == invoice_id
        )
        statement = statement.where(promise.id.in_(about))
    by_day = (promise.promised_on.desc() if newest_first else promise.promised_on, promise.id)
    rows = session.execute(statement.order_by(*by_day)).all()
    numbers = numbers_of(session, organisation_id, [row.id for row, _ in rows])
    return [Line(row, name, tuple(number for _, number in numbers[row.id])) for row, name in rows]


def page(
    session: Session,
    organisation_id: str,
    *,
    states: Sequence[str],
    contact_id: str | None,
    after: tuple[str] | None,
    most: int,
) -> Sequence[PromiseToPay]:
    """A page of promises in the order of their ids."""
    statement = select(PromiseToPay).where(PromiseToPay.organisation_id == organisation_id)
    if states:
        statement = statement.where(PromiseToPay.state.in_(states))
    if contact_id:
        statement = statement.where(PromiseToPay.contact_id == contact_id)
    if after:
        statement = statement.where(PromiseToPay.id > after[0])
    return session.scalars(statement.order_by(PromiseToPay.id).limit(most)).all()


def numbers_of(
    session: Session, organisation_id: str, promise_ids: Sequence[str]
) -> dict[str, list[tuple[str, str]]]:
    """The invoices that each promise was made about: id and number."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for ids in slices(promise_ids):
        rows = session.execute(
            select(PromiseInvoice.promise_id, Invoice.id, Invoice.number)
            .join(
                Invoice,
                and_(
                    Invoice.organisation_id == PromiseInvoice.organisation_id,
                    Invoice.id == PromiseInvoice.invoice_id,
                ),
            )
            .where(PromiseInvoice.organisation_id == organisation_id, PromiseInvoice.promise_id.in_(ids))
            .order_by(Invoice.due_on, Invoice.number)
        )
        for promise_id, invoice_id, number in rows:
            found[promise_id].append((invoice_id, number))
    return found


def count_by_state(session: Session, organisation_id: str) -> dict[str, int]:
    """How many promises there are in each state."""
    rows = session.execute(
        select(PromiseToPay.state, func.count())
        .where(PromiseToPay.organisation_id == organisation_id)
        .group_by(PromiseToPay.state)
    )
    return {row[0]: row[1] for row in rows}


def kept_rates(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, KeptRate]:
    """How often each of these contacts has kept its word, by promises and by instalments of plans."""
    found: dict[str, KeptRate] = {}
    kept = func.sum(case((PromiseToPay.state == "kept", 1), else_=0))
    for ids in slices(sorted(contact_ids)):
        rows = session.execute(
            select(PromiseToPay.contact_id, kept, func.count())
            .where(
                PromiseToPay.organisation_id == organisation_id,
                among(PromiseToPay.contact_id, ids),
                PromiseToPay.state.in_(_JUDGED),
            )
            .group_by(PromiseToPay.contact_id)
        )
        found.update((contact_id, KeptRate(int(good), judged)) for contact_id, good, judged in rows)
        for contact_id, good, judged in session.execute(_instalments(organisation_id, ids)):
            before = found.get(contact_id, KeptRate(0, 0))
            found[contact_id] = KeptRate(before.kept + int(good), before.judged + judged)
    return {contact_id: found.get(contact_id, KeptRate(0, 0)) for contact_id in contact_ids}


def _instalments(organisation_id: str, contact_ids: Sequence[str]) -> Select[str, Any, int]:
    """How many instalments were kept in time, of those that are judged; in plans that stood."""
    kept = func.sum(case((PlanInstalment.state == "kept", 1), else_=0))
    return (
        select(PaymentPlan.contact_id, kept, func.count())
        .join(
            PlanInstalment,
            and_(
                PlanInstalment.organisation_id == PaymentPlan.organisation_id,
                PlanInstalment.plan_id == PaymentPlan.id,
            ),
        )
        .where(
            PaymentPlan.organisation_id == organisation_id,
            among(PaymentPlan.contact_id, contact_ids),
            PlanInstalment.state.in_(("kept", "missed", "late")),
        )
        .group_by(PaymentPlan.contact_id)
    )
