"""What was said to and by customers, with what hangs on each message: its invoices, notes and files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from store.models import Attachment, Communication, CommunicationInvoice, Forward, Invoice, LedgerNote

Row = TypeVar("Row", LedgerNote, Attachment, Forward)


@dataclass(frozen=True, slots=True)
class Told:
    """An invoice that a message was about, with what was due then."""

    invoice_id: str
    number: str
    currency: str
    amount_due: Decimal


@dataclass(slots=True)
class Entry:
    """One message on a timeline, with what hangs on it."""

    message: Communication
    invoices: list[Told] = field(default_factory=list)
    notes: list[LedgerNote] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    forward: Forward | None = None
    """Of an answer: what became of it on its way to the colleague's mailbox."""


def contact_timeline(
    session: Session, organisation_id: str, contact_id: str, *, limit: int, offset: int
) -> list[Entry]:
    """The contact's messages in both directions, newest first."""
    statement = select(Communication).where(
        Communication.organisation_id == organisation_id, Communication.contact_id == contact_id
    )
    return _entries(session, organisation_id, _newest_first(statement).limit(limit).offset(offset))


def invoice_timeline(session: Session, organisation_id: str, invoice_id: str) -> list[Entry]:
    """The messages about one invoice, and the replies to them, newest first."""
    about = select(CommunicationInvoice.communication_id).where(
        CommunicationInvoice.organisation_id == organisation_id, CommunicationInvoice.invoice_id == invoice_id
    )
    statement = select(Communication).where(
        Communication.organisation_id == organisation_id,
        Communication.id.in_(about) | Communication.in_reply_to.in_(about),
    )
    return _entries(session, organisation_id, _newest_first(statement).limit(100))


def one_entry(session: Session, organisation_id: str, communication_id: str) -> Entry | None:
    """One message with what hangs on it; None: there is no such one."""
    statement = select(Communication).where(
        Communication.organisation_id == organisation_id, Communication.id == communication_id
    )
    return next(iter(_entries(session, organisation_id, statement)), None)


def _newest_first(statement: Select[Communication]) -> Select[Communication]:
    happened = func.coalesce(Communication.sent_at, Communication.planned_for, Communication.created_at)
    return statement.order_by(happened.desc(), Communication.id)


def _entries(session: Session, organisation_id: str, statement: Select[Communication]) -> list[Entry]:
    entries = {message.id: Entry(message) for message in session.scalars(statement)}
    told = (
        select(CommunicationInvoice, Invoice.number)
        .join(
            Invoice,
            (Invoice.organisation_id == CommunicationInvoice.organisation_id)
            & (Invoice.id == CommunicationInvoice.invoice_id),
        )
        .where(
            CommunicationInvoice.organisation_id == organisation_id,
            CommunicationInvoice.communication_id.in_(entries),
        )
        .order_by(Invoice.due_on, Invoice.number)
    )
    for about, number in session.execute(told):
        line = Told(about.invoice_id, number, about.currency, about.amount_due)
        entries[about.communication_id].invoices.append(line)
    for note in session.scalars(_beside(LedgerNote, organisation_id, entries)):
        entries[note.communication_id or ""].notes.append(note)
    files = _beside(Attachment, organisation_id, entries).options(defer(Attachment.content, raiseload=True))
    for file in session.scalars(files.order_by(Attachment.name)):
        entries[file.communication_id].attachments.append(file)
    for forward in session.scalars(_beside(Forward, organisation_id, entries)):
        entries[forward.communication_id].forward = forward
    return list(entries.values())


def _beside(table: type[Row], organisation_id: str, entries: Collection[str]) -> Select[Row]:
    return select(table).where(table.organisation_id == organisation_id, table.communication_id.in_(entries))


def attachment(session: Session, organisation_id: str, attachment_id: str) -> Attachment | None:
    return session.get(Attachment, (organisation_id, attachment_id))
