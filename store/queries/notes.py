"""Notes on their way into the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select, update
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
        Invoice.amount_due,
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
    """An invoice that a communication is about; amounts in ``currency``."""

    ledger_id: str
    number: str
    due_on: date
    currency: str
    amount_due: Decimal
    """As it was then; in what asks for it, without what is in dispute."""
    open: Decimal
    """What is due on it by now."""

    @property
    def rests(self) -> Decimal:
        """What was left out because it is in dispute."""
        return max(self.open - self.amount_due, Decimal())


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


def claim_next(
    session: Session, organisation_id: str, now: datetime, until: datetime, most: int
) -> Sequence[LedgerNote]:
    """The oldest note to be written and what may go along, none of which anybody else takes before ``until``.

    All are about one document, and either none of them was tried yet, or they were handed over together.
    ``first_tried_at`` of those returned tells whether that earlier try may have written them.
    """
    may_be = (LedgerNote.organisation_id == organisation_id, _IS_PENDING, LedgerNote.next_try_at <= now)
    in_turn = (
        select(LedgerNote)
        .where(*may_be)
        .order_by(LedgerNote.created_at, LedgerNote.id)
        .with_for_update(skip_locked=True)
    )
    oldest = session.scalars(in_turn.limit(1)).one_or_none()
    if oldest is None:
        return ()
    along = in_turn.where(
        LedgerNote.target == oldest.target,
        LedgerNote.ledger_id == oldest.ledger_id,
        LedgerNote.id != oldest.id,
        LedgerNote.tried_together == oldest.tried_together
        if oldest.first_tried_at
        else LedgerNote.first_tried_at.is_(None),
    )
    taken = [oldest, *session.scalars(along.limit(most - 1))]
    for note in taken:
        session.expunge(note)
        _set(
            session,
            organisation_id,
            [note.id],
            next_try_at=until,
            first_tried_at=note.first_tried_at or now,
            attempts=note.attempts + 1,
        )
    return taken


def set_tried(session: Session, note: LedgerNote) -> None:
    """The note as it is handed over, and with what."""
    _set(session, note.organisation_id, [note.id], text=note.text, tried_together=note.tried_together)


@dataclass(frozen=True, slots=True)
class TextRule:
    """What bears on whether a note says what was said: the kind of its record, and who keeps what out."""

    kind: str
    of_contact: str | None
    kept_out: list[str]


def text_rule(session: Session, organisation_id: str, communication_id: str | None) -> TextRule | None:
    """The rule for the notes of a communication; None where there is no such one."""
    row = session.execute(
        select(Communication.kind, Contact.note_text, Organisation.notes_without_text)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .join(Organisation, Organisation.id == Communication.organisation_id)
        .where(Communication.organisation_id == organisation_id, Communication.id == communication_id)
    ).one_or_none()
    return TextRule(*row) if row else None


def contact_of(session: Session, note: LedgerNote) -> str | None:
    """The contact whose story the note belongs to."""
    return session.scalar(
        select(Communication.contact_id).where(
            Communication.organisation_id == note.organisation_id, Communication.id == note.communication_id
        )
    )


def written(session: Session, organisation_id: str, note_ids: Collection[str], now: datetime) -> None:
    """The notes stand in the ledger."""
    _set(session, organisation_id, note_ids, status="written", written_at=now, problem=None)


def refused(session: Session, organisation_id: str, note_ids: Collection[str], problem: str) -> None:
    """The ledger will not have the notes."""
    _set(session, organisation_id, note_ids, status="refused", problem=problem)


def try_alone(session: Session, organisation_id: str, note_ids: Collection[str], now: datetime) -> None:
    """Each of these is tried again by itself, and looked for before."""
    _set(session, organisation_id, note_ids, next_try_at=now, tried_together=LedgerNote.id)


def try_later(
    session: Session,
    organisation_id: str,
    note_ids: Collection[str],
    problem: str,
    at: datetime,
    *,
    surely_not_written: bool,
) -> None:
    """The notes wait until ``at``."""
    values: dict[str, Any] = {"problem": problem, "next_try_at": at}
    if surely_not_written:
        values |= {"first_tried_at": None, "tried_together": None}
    _set(session, organisation_id, note_ids, **values)


def postpone_all(session: Session, organisation_id: str, at: datetime, problem: str) -> None:
    """No note of this organisation is tried before ``at``."""
    session.connection().execute(
        update(LedgerNote)
        .where(LedgerNote.organisation_id == organisation_id, _IS_PENDING, LedgerNote.next_try_at < at)
        .values(next_try_at=at, problem=problem)
    )


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """A note with whom it is about; ``number`` of its invoice or quote, if it is on one."""

    note: LedgerNote
    contact_id: str | None
    contact_name: str | None
    number: str | None


def outbox(
    session: Session, organisation_id: str, status: str, *, limit: int, offset: int
) -> list[OutboxLine]:
    """The notes of one status: those that are not written by their age, written ones the newest first."""
    statement = (
        select(LedgerNote, Contact.id, Contact.name, func.coalesce(Invoice.number, Quote.number))
        .outerjoin(
            Communication,
            (Communication.organisation_id == LedgerNote.organisation_id)
            & (Communication.id == LedgerNote.communication_id),
        )
        .outerjoin(
            Contact,
            (Contact.organisation_id == LedgerNote.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .outerjoin(
            Invoice,
            (LedgerNote.target == "invoice")
            & (Invoice.organisation_id == LedgerNote.organisation_id)
            & (Invoice.ledger_id == LedgerNote.ledger_id)
            & (Invoice.contact_id == Communication.contact_id),
        )
        .outerjoin(
            Quote,
            (LedgerNote.target == "quote")
            & (Quote.organisation_id == LedgerNote.organisation_id)
            & (Quote.ledger_id == LedgerNote.ledger_id)
            & (Quote.contact_id == Communication.contact_id),
        )
        .where(LedgerNote.organisation_id == organisation_id, LedgerNote.status == status)
    )
    in_order = (
        (LedgerNote.created_at.desc(), LedgerNote.id)
        if status == "written"
        else (LedgerNote.created_at, LedgerNote.id)
    )
    return [
        OutboxLine(*row) for row in session.execute(statement.order_by(*in_order).limit(limit).offset(offset))
    ]


def how_many(session: Session, organisation_id: str) -> dict[str, int]:
    """How many notes wait, and how many were refused; those that are written are not counted, being all that ever were."""
    return {
        status: session.scalar(
            select(func.count()).where(
                LedgerNote.organisation_id == organisation_id,
                literal_column(f"ledger_notes.status = '{status}'"),
            )
        )
        or 0
        for status in ("pending", "refused")
    }


def _set(session: Session, organisation_id: str, note_ids: Collection[str], **values: Any) -> None:
    session.connection().execute(
        update(LedgerNote)
        .where(LedgerNote.organisation_id == organisation_id, LedgerNote.id.in_(note_ids), _IS_PENDING)
        .values(**values)
    )
