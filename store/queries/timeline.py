"""What was said to and by customers, with what hangs on each message: its invoices, notes and files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from store.models import (
    Attachment,
    Communication,
    CommunicationInvoice,
    Forward,
    Invoice,
    LedgerNote,
    MailEvent,
    ScheduleVersion,
    StepTaken,
)
from store.queries.history_sources import Scope

Row = TypeVar("Row", LedgerNote, Attachment, Forward, StepTaken)


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
    reports: list[MailEvent] = field(default_factory=list)
    """What the mail provider said of it, in the order in which that happened."""
    answered: bool = False
    passed_over: list[str] = field(default_factory=list)
    """The steps that are not taken because this one was, or because a person left it out."""

    @property
    def left_out(self) -> bool:
        """Whether a person decided that it does not leave, and its steps are behind the invoices."""
        return self.message.status == "cancelled" and bool(self.passed_over)


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


def messages(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Entry]:
    """These messages with all that hangs on them and was reported of them; their HTML is left behind."""
    wanted = select(Communication).where(
        Communication.organisation_id == organisation_id, Communication.id.in_(ids)
    )
    light = wanted.options(defer(Communication.body_html, raiseload=True))
    entries = {one.message.id: one for one in _entries(session, organisation_id, light)}
    reports = select(MailEvent).where(MailEvent.communication_id.in_(entries))
    for report in session.scalars(reports.order_by(MailEvent.occurred_at, MailEvent.key)):
        entries[report.communication_id].reports.append(report)
    answered = select(Communication.in_reply_to).where(
        Communication.organisation_id == organisation_id,
        Communication.in_reply_to.in_(entries),
        Communication.kind == "reply",
    )
    for message_id in session.scalars(answered):
        entries[message_id or ""].answered = True
    skipped = _beside(StepTaken, organisation_id, entries).where(StepTaken.state == "skipped")
    versions = select(ScheduleVersion.id, ScheduleVersion.steps).where(
        ScheduleVersion.organisation_id == organisation_id,
        ScheduleVersion.id.in_(skipped.with_only_columns(StepTaken.schedule_version_id)),
    )
    steps: dict[str, list[dict[str, Any]]] = dict(session.execute(versions).all())
    for one in session.scalars(skipped.order_by(StepTaken.position)):
        name = step_name(steps.get(one.schedule_version_id), one.position)
        passed_over = entries[one.communication_id or ""].passed_over
        if name not in passed_over:
            passed_over.append(name)
    return entries


def neighbours(
    session: Session, message: Communication
) -> tuple[Communication | None, Sequence[Communication]]:
    """The message that this one answers, and those that answer it, oldest first."""
    mine = Communication.organisation_id == message.organisation_id
    found = select(Communication).options(
        defer(Communication.body_html, raiseload=True), defer(Communication.body_text, raiseload=True)
    )
    before = session.scalars(found.where(mine, Communication.id == message.in_reply_to)).one_or_none()
    behind = found.where(mine, Communication.in_reply_to == message.id)
    return before, session.scalars(behind.order_by(Communication.created_at, Communication.id)).all()


def html_of(session: Session, organisation_id: str, message_id: str) -> str | None:
    """The HTML of a message as it left or came in; None: it has none."""
    return session.scalar(
        select(Communication.body_html).where(
            Communication.organisation_id == organisation_id, Communication.id == message_id
        )
    )


def step_name(steps: Sequence[dict[str, Any]] | None, position: int) -> str:
    """What a step is called in the version of which these are the steps."""
    names = (one["name"] for one in steps or () if one["position"] == position)
    return next(names, f"Step {position}")


def names_of(session: Session, scope: Scope) -> dict[str, str]:
    """What one may look for beside a message's own words, by message: numbers and amounts of invoices, names of files."""
    message, about = Communication, CommunicationInvoice
    mine = message.organisation_id == scope.organisation_id
    found: dict[str, str] = {}
    told = (
        select(about.communication_id, Invoice.number, about.amount_due)
        .join(Invoice, (Invoice.organisation_id == about.organisation_id) & (Invoice.id == about.invoice_id))
        .where(Invoice.organisation_id == scope.organisation_id, Invoice.contact_id == scope.contact_id)
    )
    files = (
        select(Attachment.communication_id, Attachment.name)
        .join(
            message,
            (message.organisation_id == Attachment.organisation_id)
            & (message.id == Attachment.communication_id),
        )
        .where(mine, message.contact_id == scope.contact_id)
    )
    for message_id, number, amount in session.execute(told):
        found[message_id] = f"{found.get(message_id, '')} {number} {amount:f}"
    for message_id, name in session.execute(files):
        found[message_id] = f"{found.get(message_id, '')} {name}"
    return found


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
