"""Notes in the ledger: what was said stands on the contact and on each invoice, in plain words, once.

A note is stored with the change that it tells of, and written afterwards. Its marker stands in the text, so
that after a lost answer the ledger can be asked whether the note is there before it is written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from integration.ledger import Lane, Ledger, LedgerError, NoteTarget
from kit import clock
from kit.ids import derived_id
from services import note_desk, note_text
from services.app import App
from services.ledger_access import open_ledger
from store.queries import notes, sent_marks
from store.queries.notes import NotedInvoice, NoteSubject


@dataclass(frozen=True, slots=True)
class Told:
    """What a note says; ``fact`` is the same without what people said and wrote, None where that is no different."""

    text: str
    fact: str | None = None


def queue_for_chaser(
    session: Session,
    organisation_id: str,
    communication_id: str,
    now: datetime,
    *,
    perhaps_written: bool = False,
) -> None:
    """Store the notes of a chaser that left; a second time changes nothing. The caller rings.

    ``perhaps_written``: it left without this database knowing, so each is looked for before it is written.
    """
    subject = notes.subject(session, organisation_id, communication_id)
    about_contact = Told(note_text.chaser(subject, None))
    if (
        subject.communication.kind == OccasionKind.STATEMENT
    ):  # about all of the contact, and no invoice in particular
        subject = replace(subject, invoices=())
    about_invoices = [Told(note_text.chaser(subject, invoice)) for invoice in subject.invoices]
    _queue(session, subject, about_contact, about_invoices, now, perhaps_written=perhaps_written)
    if subject.communication.kind == OccasionKind.INVOICE:
        sent_marks.queue(session, organisation_id, communication_id, now)


def queue_for_reply(
    session: Session, organisation_id: str, communication_id: str, now: datetime, *, holds: bool = True
) -> None:
    """Store the notes of an answer that came in; a second time changes nothing. The caller rings."""
    subject = notes.subject(session, organisation_id, communication_id)
    told = Told(note_text.reply(subject, holds=holds), note_text.reply(subject, holds=holds, with_text=False))
    _queue(session, subject, told, [told] * len(subject.invoices), now)


def queue_for_record(
    session: Session,
    organisation_id: str,
    communication_id: str,
    now: datetime,
    *,
    with_text: bool = True,
    fact: str | None = None,
) -> None:
    """Store the notes of what a colleague wrote down or did; a second time changes nothing.

    A letter that is a step of a schedule is told of like the mail of a step. Without ``with_text`` only the fact is
    written, whatever the organisation's rule; ``fact`` is what came of it then (None: its outcome).
    """
    subject = notes.subject(session, organisation_id, communication_id)
    if subject.communication.channel == "letter" and subject.communication.step_name:
        queue_for_chaser(session, organisation_id, communication_id, now)
        return
    about_contact, *about_invoices = [
        _record(subject, invoice, with_text=with_text, fact=fact) for invoice in (None, *subject.invoices)
    ]
    _queue(session, subject, about_contact, about_invoices, now)


def _record(subject: NoteSubject, invoice: NotedInvoice | None, *, with_text: bool, fact: str | None) -> Told:
    if subject.communication.kind == "own_mail":
        own, without = (note_text.own_mail(subject, with_text=said) for said in (with_text, False))
        return Told(own, without if without != own else None)
    bare = note_text.record(subject, invoice, with_text=False, fact=fact)
    if not with_text:
        return Told(bare)
    text = note_text.record(subject, invoice)
    return Told(text, bare if bare != text else None)


def marker(communication_id: str, target: NoteTarget, ledger_id: str) -> str:
    """By which the note of a communication on a document is found again."""
    return f"dk-{_note_id(communication_id, target, ledger_id)[:8]}"


def _note_id(communication_id: str, target: NoteTarget, ledger_id: str) -> str:
    return derived_id("note", communication_id, target.value, ledger_id)


def _queue(
    session: Session,
    subject: NoteSubject,
    about_contact: Told,
    about_invoices: Sequence[Told],
    now: datetime,
    *,
    perhaps_written: bool = False,
) -> None:
    documents = [(NoteTarget.CONTACT, subject.contact.ledger_id, about_contact)]
    for invoice, told in zip(subject.invoices, about_invoices, strict=True):
        documents.append((NoteTarget.INVOICE, invoice.ledger_id, told))
    if subject.quote:
        documents.append((NoteTarget.QUOTE, subject.quote.ledger_id, about_contact))
    rows = [_row(subject, target, ledger_id, told, now) for target, ledger_id, told in documents]
    notes.add(session, [row | {"first_tried_at": now if perhaps_written else None} for row in rows])


def _row(
    subject: NoteSubject, target: NoteTarget, ledger_id: str, told: Told, now: datetime
) -> dict[str, Any]:
    communication = subject.communication
    found_by = marker(communication.id, target, ledger_id)
    return {
        "organisation_id": communication.organisation_id,
        "id": _note_id(communication.id, target, ledger_id),
        "target": target.value,
        "ledger_id": ledger_id,
        "text": note_text.whole(told.text, found_by),
        "fact": note_text.whole(told.fact, found_by) if told.fact else None,
        "marker": found_by,
        "status": "pending",
        "communication_id": communication.id,
        "next_try_at": now,
        "created_at": now,
    }


def due(app: App) -> list[str]:
    """Organisations with notes that may be written now."""
    with app.database.read_across() as session:
        return notes.organisations_with_notes(session, clock.now())


def write(app: App, organisation_id: str) -> bool:
    """Write the notes of one organisation, oldest first. True if more may be due."""
    try:
        ledger = open_ledger(app, organisation_id, Lane.NOTES)
    except LedgerError:
        return False  # not connected any more: its notes stay pending
    return write_with(app, organisation_id, ledger)


def write_with(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Write notes by this ledger. True if more may be due."""
    return note_desk.write_with(app, organisation_id, ledger)
