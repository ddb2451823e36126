"""Replays: what was asked for, how far each got, and the past of the book that they are played on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.replay import WARM_UP, PastInvoice
from store.models import Contact, Invoice, Payment, Replay
from store.queries.upsert import upsert

_COUNTS = ("AUTHORISED", "PAID")


def put(
    session: Session,
    organisation_id: str,
    version_id: str,
    state: str,
    tally: dict[str, Any],
    by: str,
    now: datetime,
) -> None:
    """A replay from the beginning, in the place of one that there was."""
    statement = upsert(session, Replay)
    values = {"state": state, "cursor": "", "tally": tally, "asked_by": by, "asked_at": now, "done_at": None}
    keys = {"organisation_id": organisation_id, "schedule_version_id": version_id}
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=list(keys), set_={name: statement.excluded[name] for name in values}
        ),
        keys | values,
    )


def organisations_asking(session: Session, state: str) -> list[str]:
    """Organisations with a replay in this state."""
    return list(session.scalars(select(Replay.organisation_id).where(Replay.state == state).distinct()))


def asked(session: Session, organisation_id: str, state: str) -> Replay | None:
    """The replay in this state that was asked for first, locked."""
    statement = select(Replay).where(Replay.organisation_id == organisation_id, Replay.state == state)
    return session.scalars(statement.order_by(Replay.asked_at).limit(1).with_for_update()).one_or_none()


def of_version(session: Session, organisation_id: str, version_id: str) -> Replay | None:
    """The replay of a version of a schedule."""
    return session.get(Replay, (organisation_id, version_id))


def first_issue(session: Session, organisation_id: str) -> date | None:
    """The day of the oldest invoice that the mirror holds."""
    statement = select(func.min(Invoice.issued_on)).where(*_counting(organisation_id))
    return session.scalar(statement)


def contacts_after(
    session: Session, organisation_id: str, after: str, first: date, last: date, limit: int
) -> list[str]:
    """Contacts behind this one, in the order of their ids, with invoices that were open in these days."""
    statement = (
        select(Invoice.contact_id)
        .where(*_open_between(organisation_id, first, last), Invoice.contact_id > after)
        .distinct()
        .order_by(Invoice.contact_id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def past_invoices(
    session: Session, organisation_id: str, contact_ids: Sequence[str], first: date, last: date
) -> dict[str, list[PastInvoice]]:
    """The invoices of these contacts as they were while they were open."""
    rows = session.scalars(
        select(Invoice)
        .where(*_open_between(organisation_id, first, last), Invoice.contact_id.in_(contact_ids))
        .order_by(Invoice.contact_id, Invoice.id)
    ).all()
    paid = _last_payments(
        session, organisation_id, [row.id for row in rows if row.status == "PAID" and not row.fully_paid_on]
    )
    found: dict[str, list[PastInvoice]] = defaultdict(list)
    for row in rows:
        paid_on = row.fully_paid_on or paid.get(row.id)
        if row.status == "PAID" and paid_on is None:
            continue  # nobody knows when, so nothing can be said of it
        found[row.contact_id].append(PastInvoice(_as_it_was(row), paid_on if row.status == "PAID" else None))
    return found


def names(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, str]:
    """The names of these contacts."""
    rows = session.execute(
        select(Contact.id, Contact.name).where(
            Contact.organisation_id == organisation_id, Contact.id.in_(contact_ids)
        )
    )
    return dict(rows.all())


def _counting(organisation_id: str) -> tuple[ColumnElement[bool], ...]:
    return (Invoice.organisation_id == organisation_id, Invoice.status.in_(_COUNTS), Invoice.total > 0)


def _open_between(organisation_id: str, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    """Issued by the last day, and not yet paid when the days before the first began to be played."""
    since = first - WARM_UP
    return (
        *_counting(organisation_id),
        Invoice.issued_on <= last,
        Invoice.fully_paid_on.is_(None) | (Invoice.fully_paid_on >= since),
    )


def _last_payments(session: Session, organisation_id: str, invoice_ids: Sequence[str]) -> dict[str, date]:
    if not invoice_ids:
        return {}
    statement = (
        select(Payment.invoice_id, func.max(Payment.paid_on))
        .where(Payment.organisation_id == organisation_id, Payment.invoice_id.in_(invoice_ids))
        .group_by(Payment.invoice_id)
    )
    return {invoice_id: paid_on for invoice_id, paid_on in session.execute(statement) if invoice_id}


def _as_it_was(row: Invoice) -> facts.Invoice:
    """The whole amount was due until it was paid."""
    return facts.Invoice(
        row.id, row.number, row.issued_on, row.due_on, row.currency, row.total, row.total, "AUTHORISED"
    )
