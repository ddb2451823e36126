"""The lists of the API. Each takes the sort key behind which it begins, and gives one row more than asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, tuple_
from sqlalchemy.orm import Session, defer

from store.ids import document_id
from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Invoice,
    LedgerNote,
    Schedule,
    ScheduleVersion,
)
from store.queries.receivables import EVERYTHING, Filter, of_contact

AfterId = tuple[str] | None
AfterInvoice = tuple[str, str] | None
AfterTime = tuple[datetime, str] | None


def contacts(
    session: Session,
    organisation_id: str,
    after: AfterId,
    limit: int,
    *,
    ledger_id: str | None = None,
    narrow: Filter = EVERYTHING,
    today: date,
) -> Sequence[Contact]:
    """Contacts that fit, in the order of their ids, so that a changed name moves none of them."""
    statement = select(Contact).where(Contact.organisation_id == organisation_id)
    statement = statement.where(*of_contact(organisation_id, narrow, today))
    if after:
        statement = statement.where(Contact.id > after[0])
    if ledger_id:
        statement = statement.where(Contact.id == document_id(organisation_id, ledger_id))
    return session.scalars(statement.order_by(Contact.id).limit(limit + 1)).all()


def invoices(
    session: Session,
    organisation_id: str,
    after: AfterInvoice,
    limit: int,
    *,
    today: date,
    overdue: bool | None = None,
    ledger_id: str | None = None,
    due_since: date | None = None,
    due_until: date | None = None,
    **equal: str | None,
) -> Sequence[Invoice]:
    """Invoices contact by contact, because what comes next for one is decided for its contact as a whole.

    ``equal`` is what columns must hold, None for anything.
    """
    statement = select(Invoice).where(Invoice.organisation_id == organisation_id, *_equal(Invoice, equal))
    if after:
        statement = statement.where(tuple_(Invoice.contact_id, Invoice.id) > after)
    if ledger_id:
        statement = statement.where(Invoice.id == document_id(organisation_id, ledger_id))
    if due_since:
        statement = statement.where(Invoice.due_on >= due_since)
    if due_until:
        statement = statement.where(Invoice.due_on <= due_until)
    if overdue is not None:
        statement = statement.where(*(_overdue(today) if overdue else _not_overdue(today)))
    return session.scalars(statement.order_by(Invoice.contact_id, Invoice.id).limit(limit + 1)).all()


def _overdue(today: date) -> tuple[ColumnElement[bool], ...]:
    return (Invoice.status == "AUTHORISED", Invoice.amount_due > 0, Invoice.due_on < today)


def _not_overdue(today: date) -> tuple[ColumnElement[bool], ...]:
    return (or_(Invoice.status != "AUTHORISED", Invoice.amount_due <= 0, Invoice.due_on >= today),)


def _equal(table: Any, wanted: dict[str, str | None]) -> list[ColumnElement[bool]]:
    return [getattr(table, name) == value for name, value in wanted.items() if value is not None]


def communications(
    session: Session,
    organisation_id: str,
    after: AfterTime,
    limit: int,
    *,
    invoice_id: str | None = None,
    **equal: str | None,
) -> Sequence[Communication]:
    """Messages, newest first, without their texts."""
    statement = select(Communication).where(
        Communication.organisation_id == organisation_id, *_equal(Communication, equal)
    )
    if after:
        statement = statement.where(tuple_(Communication.created_at, Communication.id) < after)
    if invoice_id:
        about = select(CommunicationInvoice.communication_id).where(
            CommunicationInvoice.organisation_id == organisation_id,
            CommunicationInvoice.invoice_id == invoice_id,
        )
        statement = statement.where(Communication.id.in_(about))
    texts = (defer(Communication.body_text, raiseload=True), defer(Communication.body_html, raiseload=True))
    newest_first = (Communication.created_at.desc(), Communication.id.desc())
    return session.scalars(statement.options(*texts).order_by(*newest_first).limit(limit + 1)).all()


def invoice_ids_of(
    session: Session, organisation_id: str, communication_ids: Collection[str]
) -> dict[str, list[str]]:
    """The invoices that each of these messages is about."""
    about = CommunicationInvoice
    rows = session.execute(
        select(about.communication_id, about.invoice_id)
        .where(about.organisation_id == organisation_id, about.communication_id.in_(communication_ids))
        .order_by(about.invoice_id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for communication_id, invoice_id in rows:
        found[communication_id].append(invoice_id)
    return found


def ledger_notes(
    session: Session, organisation_id: str, after: AfterTime, limit: int, **equal: str | None
) -> Sequence[LedgerNote]:
    """Notes in the ledger, newest first."""
    statement = select(LedgerNote).where(
        LedgerNote.organisation_id == organisation_id, *_equal(LedgerNote, equal)
    )
    if after:
        statement = statement.where(tuple_(LedgerNote.created_at, LedgerNote.id) < after)
    newest_first = (LedgerNote.created_at.desc(), LedgerNote.id.desc())
    return session.scalars(statement.order_by(*newest_first).limit(limit + 1)).all()


def schedules(
    session: Session, organisation_id: str, after: AfterId, limit: int
) -> Sequence[Row[Schedule, ScheduleVersion]]:
    """Schedules with their newest versions, in the order of their ids."""
    version = ScheduleVersion
    newest = select(version.schedule_id, func.max(version.number)).group_by(version.schedule_id)
    same = (version.organisation_id == Schedule.organisation_id) & (version.schedule_id == Schedule.id)
    statement = (
        select(Schedule, version)
        .join(version, same)
        .where(
            Schedule.organisation_id == organisation_id,
            tuple_(version.schedule_id, version.number).in_(
                newest.where(version.organisation_id == organisation_id)
            ),
        )
    )
    if after:
        statement = statement.where(Schedule.id > after[0])
    return session.execute(statement.order_by(Schedule.id).limit(limit + 1)).all()


def invoices_of_contact(
    session: Session, organisation_id: str, contact_id: str, invoice_ids: Collection[str]
) -> Sequence[Invoice]:
    """Those of these invoices that are the contact's."""
    statement = select(Invoice).where(
        Invoice.organisation_id == organisation_id,
        Invoice.contact_id == contact_id,
        Invoice.id.in_(invoice_ids),
    )
    return session.scalars(statement.order_by(Invoice.id)).all()
