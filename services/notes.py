"""Notes in the ledger: what was said stands on the contact and on each invoice, in plain words, once.

A note is stored with the change that it tells of, and written afterwards. Its marker stands in the text, so
that after a lost answer the ledger can be asked whether the note is there before it is written again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from integration.ledger import (
    AnswerLost,
    Disconnected,
    Lane,
    Ledger,
    LedgerError,
    NeedsReconnect,
    NoteTarget,
    NotFound,
    RateLimited,
    Refused,
)
from kit import clock
from kit.ids import derived_id
from services import doors, note_text
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from store.models import LedgerNote
from store.queries import notes
from store.queries.notes import NoteSubject

log = logging.getLogger(__name__)

_JOB_SECONDS = 60.0
_MOST_A_JOB = 50
_CLAIM = timedelta(minutes=2)
"""For so long nobody else tries a note that somebody is writing."""
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)


def queue_for_chaser(session: Session, organisation_id: str, communication_id: str, now: datetime) -> None:
    """Store the notes of a chaser that left; a second time changes nothing. The caller rings."""
    subject = notes.subject(session, organisation_id, communication_id)
    about_invoices = [note_text.chaser(subject, invoice) for invoice in subject.invoices]
    _queue(session, subject, note_text.chaser(subject, None), about_invoices, now)


def queue_for_reply(session: Session, organisation_id: str, communication_id: str, now: datetime) -> None:
    """Store the notes of an answer that came in; a second time changes nothing. The caller rings."""
    subject = notes.subject(session, organisation_id, communication_id)
    text = note_text.reply(subject)
    _queue(session, subject, text, [text] * len(subject.invoices), now)


def queue_for_record(session: Session, organisation_id: str, communication_id: str, now: datetime) -> None:
    """Store the notes of a call or a note that a colleague wrote down; a second time changes nothing."""
    subject = notes.subject(session, organisation_id, communication_id)
    text = note_text.record(subject)
    _queue(session, subject, text, [text] * len(subject.invoices), now)


def _queue(
    session: Session, subject: NoteSubject, about_contact: str, about_invoices: Sequence[str], now: datetime
) -> None:
    documents = [(NoteTarget.CONTACT, subject.contact.ledger_id, about_contact)]
    for invoice, text in zip(subject.invoices, about_invoices, strict=True):
        documents.append((NoteTarget.INVOICE, invoice.ledger_id, text))
    notes.add(session, [_row(subject, target, ledger_id, text, now) for target, ledger_id, text in documents])


def _row(
    subject: NoteSubject, target: NoteTarget, ledger_id: str, text: str, now: datetime
) -> dict[str, Any]:
    communication = subject.communication
    note_id = derived_id("note", communication.id, target.value, ledger_id)
    marker = f"dk-{note_id[:8]}"
    return {
        "organisation_id": communication.organisation_id,
        "id": note_id,
        "target": target.value,
        "ledger_id": ledger_id,
        "text": note_text.whole(text, marker),
        "marker": marker,
        "status": "pending",
        "communication_id": communication.id,
        "next_try_at": now,
        "created_at": now,
    }


def due(app: App) -> list[str]:
    """Organisations with notes that may be written now."""
    with app.database.read() as session:
        return notes.organisations_with_notes(session, clock.now())


def write(app: App, organisation_id: str) -> None:
    """Write the notes of one organisation, oldest first; rings again when more are left."""
    try:
        ledger = open_ledger(app, organisation_id, Lane.NEWS)
    except LedgerError:
        return  # not connected any more: its notes stay pending
    if write_with(app, organisation_id, ledger):
        app.doorbell.ring(doors.NOTES, organisation_id)


def write_with(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Write notes by this ledger. True if more may be due."""
    started = clock.stopwatch()
    desk = _Desk(app, organisation_id, ledger)
    for _ in range(_MOST_A_JOB):
        if clock.stopwatch() - started > _JOB_SECONDS:
            return True
        note = desk.take()
        if note is None or not desk.write(note):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Desk:
    """One organisation's notes, being written."""

    app: App
    organisation_id: str
    ledger: Ledger

    def take(self) -> LedgerNote | None:
        """The next note, claimed, with its link."""
        now = clock.now()
        with self.app.database.write() as session:
            note = notes.claim_next(session, self.organisation_id, now, now + _CLAIM)
            if note is None:
                return None
            note.text = note_text.with_link(note.text, self._link(session, note))
            notes.set_text(session, self.organisation_id, note.id, note.text)
            return note

    def _link(self, session: Session, note: LedgerNote) -> str:
        contact_id = notes.contact_of(session, note)
        return f"{self.app.settings.public_url}/organisations/{self.organisation_id}/contacts/{contact_id}"

    def write(self, note: LedgerNote) -> bool:
        """Write one note. False: the ledger takes no further note now."""
        try:
            with ledger_errors_noted(self.app, self.organisation_id):
                if not self._is_there(note):
                    self._put(note)
        except AnswerLost as error:
            return self._later(note, error, surely_not_written=False)
        except (Refused, NotFound) as error:
            with self.app.database.write() as session:
                notes.refused(session, self.organisation_id, note.id, str(error))
            return True
        except LedgerError as error:
            return self._later(note, error, surely_not_written=note.first_tried_at is None)
        with self.app.database.write() as session:
            notes.written(session, self.organisation_id, note.id, clock.now())
        return True

    def _is_there(self, note: LedgerNote) -> bool:
        """Whether an earlier try, whose end we do not know, has written it after all."""
        if note.first_tried_at is None:
            return False
        history = self.ledger.history(NoteTarget(note.target), note.ledger_id)
        return any(f"[{note.marker}]" in text for text in history)

    def _put(self, note: LedgerNote) -> None:
        target = NoteTarget(note.target)
        self.ledger.write_note(target, note.ledger_id, note.text, idempotency_key=f"dunnock-note-{note.id}")

    def _later(self, note: LedgerNote, error: LedgerError, *, surely_not_written: bool) -> bool:
        """Try again after a while; a ledger that is full or away is left alone with the other notes, too."""
        log.info("a note waits: %s", type(error).__name__)
        at = clock.now() + _pause(note, error)
        with self.app.database.write() as session:
            notes.try_later(
                session, self.organisation_id, note.id, str(error), at, surely_not_written=surely_not_written
            )
            if isinstance(error, AnswerLost):
                return True
            if not isinstance(error, (NeedsReconnect, Disconnected)):
                notes.postpone_all(session, self.organisation_id, at)
        return False


def _pause(note: LedgerNote, error: LedgerError) -> timedelta:
    if isinstance(error, RateLimited):
        return timedelta(seconds=max(error.retry_after, 1.0))
    return min(_FIRST_PAUSE * (1 << min(note.attempts, 8)), _LONGEST_PAUSE)
