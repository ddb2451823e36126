"""Notes on their way into the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Invoice,
    LedgerNote,
    Organisation,
    Quote,
)
from store.queries.quotes import quote_of
from store.queries.upsert import insert_new

_IS_PENDING: ColumnElement[bool] = literal_column("ledger_notes.status = 'pending'")

_THE_COMMUNICATION = (
    Communication.organisation_id == bindparam("organisation"),
    Communication.id == bindparam("communication"),
)
_SUBJECT = (
    select(Communication, Contact, Organisation)
    .join(
        Contact,
        (Contact.organisation_id == Communication.organisation_id) & (Contact.id == Communication.contact_id),
    )
    .join(Organisation, Organisation.id == Communication.organisation_id)
    .where(*_THE_COMMUNICATION)
    .execution_options(populate_existing=True)
)
"""Read anew, because statements beside the session's objects may have changed them."""
_NOTED_INVOICES = (
    select(
        Invoice.ledger_id,
        Invoice.number,
        Invoice.due_on,
        CommunicationInvoice.currency,
        CommunicationInvoice.amount_due,
    )
    .join(
        CommunicationInvoice,
        (CommunicationInvoice.organisation_id == Invoice.organisation_id)
        & (CommunicationInvoice.invoice_id == Invoice.id),
    )
    .where(
        CommunicationInvoice.organisation_id == bindparam("organisation"),
        CommunicationInvoice.communication_id == bindparam("communication"),
    )
    .order_by(Invoice.due_on, Invoice.number, Invoice.id)
)


@dataclass(frozen=True, slots=True)
class NotedInvoice:
    """An invoice that a communication is about; ``amount_due`` as it was then, in ``currency``."""

    ledger_id: str
    number: str
    due_on: date
    currency: str
    amount_due: Decimal


@dataclass(frozen=True, slots=True)
class NotedQuote:
    """The quote that a communication confirms, and what it comes to in its ``currency``."""

    ledger_id: str
    number: str
    currency: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class NoteSubject:
    """What a note tells of."""

    communication: Communication
    contact: Contact
    organisation: Organisation
    invoices: tuple[NotedInvoice, ...]
    quote: NotedQuote | None = None


def subject(session: Session, organisation_id: str, communication_id: str) -> NoteSubject:
    """A communication with all that a note says of it."""
    names = {"organisation": organisation_id, "communication": communication_id}
    communication, contact, organisation = session.execute(_SUBJECT, names).one()
    rows = session.connection().execute(_NOTED_INVOICES, names)
    invoices = tuple(NotedInvoice(*row) for row in rows)
    return NoteSubject(communication, contact, organisation, invoices, _quote(session, communication))


def _quote(session: Session, communication: Communication) -> NotedQuote | None:
    quote_id = quote_of(communication.occasion)
    if not quote_id:
        return None
    row = session.execute(
        select(Quote.ledger_id, Quote.number, Quote.currency, Quote.total).where(
            Quote.organisation_id == communication.organisation_id, Quote.id == quote_id
        )
    ).one_or_none()
    return NotedQuote(*row) if row else None


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store notes to be written; those that are stored already stay as they are."""
    if rows:
        session.connection().execute(insert_new(session, LedgerNote), list(rows))


def organisations_with_notes(session: Session, now: datetime) -> list[str]:
    """Connected organisations with a note that may be written now."""
    pending = select(LedgerNote.id).where(
        LedgerNote.organisation_id == Organisation.id, _IS_PENDING, LedgerNote.next_try_at <= now
    )
    statement = select(Organisation.id).where(Organisation.connection == "connected", pending.exists())
    return list(session.scalars(statement.order_by(Organisation.id)))


def claim_next(session: Session, organisation_id: str, now: datetime, until: datetime) -> LedgerNote | None:
    """The oldest note to be written, which nobody else takes before ``until``.

    ``first_tried_at`` of the note returned tells whether an earlier try may have written it.
    """
    note = session.scalars(
        select(LedgerNote)
        .where(LedgerNote.organisation_id == organisation_id, _IS_PENDING, LedgerNote.next_try_at <= now)
        .order_by(LedgerNote.created_at, LedgerNote.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if note is None:
        return None
    session.expunge(note)
    _set(
        session,
        organisation_id,
        note.id,
        next_try_at=until,
        first_tried_at=note.first_tried_at or now,
        attempts=note.attempts + 1,
    )
    return note


def set_text(session: Session, organisation_id: str, note_id: str, text: str) -> None:
    """The note as it is written."""
    _set(session, organisation_id, note_id, text=text)


def contact_of(session: Session, note: LedgerNote) -> str | None:
    """The contact whose story the note belongs to."""
    return session.scalar(
        select(Communication.contact_id).where(
            Communication.organisation_id == note.organisation_id, Communication.id == note.communication_id
        )
    )


def written(session: Session, organisation_id: str, note_id: str, now: datetime) -> None:
    """The note stands in the ledger."""
    _set(session, organisation_id, note_id, status="written", written_at=now, problem=None)


def refused(session: Session, organisation_id: str, note_id: str, problem: str) -> None:
    """The ledger will not have the note."""
    _set(session, organisation_id, note_id, status="refused", problem=problem)


def try_later(
    session: Session,
    organisation_id: str,
    note_id: str,
    problem: str,
    at: datetime,
    *,
    surely_not_written: bool,
) -> None:
    """The note waits until ``at``."""
    values: dict[str, Any] = {"problem": problem, "next_try_at": at}
    if surely_not_written:
        values["first_tried_at"] = None
    _set(session, organisation_id, note_id, **values)


def postpone_all(session: Session, organisation_id: str, at: datetime) -> None:
    """No note of this organisation is tried before ``at``."""
    session.connection().execute(
        update(LedgerNote)
        .where(LedgerNote.organisation_id == organisation_id, _IS_PENDING, LedgerNote.next_try_at < at)
        .values(next_try_at=at)
    )


def _set(session: Session, organisation_id: str, note_id: str, **values: Any) -> None:
    session.connection().execute(
        update(LedgerNote)
        .where(LedgerNote.organisation_id == organisation_id, LedgerNote.id == note_id, _IS_PENDING)
        .values(**values)
    )
