"""Notes in the ledger: what was said stands on the contact and on each invoice, in plain words, once.

A note is stored with the change that it tells of, and written afterwards. Its marker stands in the text, so
that after a lost answer the ledger can be asked whether the note is there before it is written again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
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
from kit.turns import SLICE_SECONDS
from services import note_text
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from store.away import AWAY
from store.models import LedgerNote
from store.queries import notes, sent_marks
from store.queries.notes import NoteSubject

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=2)
"""For so long nobody else tries a note that somebody is writing."""
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)
_MOST_FAULTS = 5
_FAULT = "A fault in Dunnock keeps this from being written; the log tells more."


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
    about_contact = note_text.chaser(subject, None)
    if (
        subject.communication.kind == OccasionKind.STATEMENT
    ):  # about all of the contact, and no invoice in particular
        subject = replace(subject, invoices=())
    about_invoices = [note_text.chaser(subject, invoice) for invoice in subject.invoices]
    _queue(session, subject, about_contact, about_invoices, now, perhaps_written=perhaps_written)
    if subject.communication.kind == OccasionKind.INVOICE:
        sent_marks.queue(session, organisation_id, communication_id, now)


def queue_for_reply(
    session: Session, organisation_id: str, communication_id: str, now: datetime, *, holds: bool = True
) -> None:
    """Store the notes of an answer that came in; a second time changes nothing. The caller rings."""
    subject = notes.subject(session, organisation_id, communication_id)
    text = note_text.reply(subject, holds=holds)
    _queue(session, subject, text, [text] * len(subject.invoices), now)


def queue_for_record(session: Session, organisation_id: str, communication_id: str, now: datetime) -> None:
    """Store the notes of a call or a note that a colleague wrote down; a second time changes nothing.

    A letter that is a step of a schedule is told of like the mail of a step.
    """
    subject = notes.subject(session, organisation_id, communication_id)
    if subject.communication.channel == "letter" and subject.communication.step_name:
        queue_for_chaser(session, organisation_id, communication_id, now)
        return
    by_hand = subject.communication.kind == "own_mail"
    text = note_text.own_mail(subject) if by_hand else note_text.record(subject)
    _queue(session, subject, text, [text] * len(subject.invoices), now)


def marker(communication_id: str, target: NoteTarget, ledger_id: str) -> str:
    """By which the note of a communication on a document is found again."""
    return f"dk-{_note_id(communication_id, target, ledger_id)[:8]}"


def _note_id(communication_id: str, target: NoteTarget, ledger_id: str) -> str:
    return derived_id("note", communication_id, target.value, ledger_id)


def _queue(
    session: Session,
    subject: NoteSubject,
    about_contact: str,
    about_invoices: Sequence[str],
    now: datetime,
    *,
    perhaps_written: bool = False,
) -> None:
    documents = [(NoteTarget.CONTACT, subject.contact.ledger_id, about_contact)]
    for invoice, text in zip(subject.invoices, about_invoices, strict=True):
        documents.append((NoteTarget.INVOICE, invoice.ledger_id, text))
    if subject.quote:
        documents.append((NoteTarget.QUOTE, subject.quote.ledger_id, about_contact))
    rows = [_row(subject, target, ledger_id, text, now) for target, ledger_id, text in documents]
    notes.add(session, [row | {"first_tried_at": now if perhaps_written else None} for row in rows])


def _row(
    subject: NoteSubject, target: NoteTarget, ledger_id: str, text: str, now: datetime
) -> dict[str, Any]:
    communication = subject.communication
    found_by = marker(communication.id, target, ledger_id)
    return {
        "organisation_id": communication.organisation_id,
        "id": _note_id(communication.id, target, ledger_id),
        "target": target.value,
        "ledger_id": ledger_id,
        "text": note_text.whole(text, found_by),
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
    until = clock.stopwatch() + SLICE_SECONDS
    desk = _Desk(app, organisation_id, ledger)
    while clock.stopwatch() < until:
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
        with self.app.database.write(self.organisation_id) as session:
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
            with self.app.database.write(self.organisation_id) as session:
                notes.refused(session, self.organisation_id, note.id, str(error))
            return True
        except LedgerError as error:
            return self._later(note, error, surely_not_written=note.first_tried_at is None)
        except AWAY:
            raise
        except Exception:  # whatever is wrong with one note must not keep the others from being written
            log.exception("note %s cannot be written", note.id)
            return self._put_aside(note)
        with self.app.database.write(self.organisation_id) as session:
            notes.written(session, self.organisation_id, note.id, clock.now())
        return True

    def _put_aside(self, note: LedgerNote) -> bool:
        """Tried a few times more; then it is kept and shown as one that cannot be written."""
        organisation_id = self.organisation_id
        with self.app.database.write(organisation_id) as session:
            if note.attempts + 1 >= _MOST_FAULTS:
                notes.refused(session, organisation_id, note.id, _FAULT)
            else:
                at = clock.now() + _FIRST_PAUSE * (1 << note.attempts)
                notes.try_later(session, organisation_id, note.id, _FAULT, at, surely_not_written=False)
        return True

    def _is_there(self, note: LedgerNote) -> bool:
        """Whether an earlier try, whose end we do not know, has written it after all."""
        if note.first_tried_at is None:
            return False
        history = self.ledger.history(NoteTarget(note.target), note.ledger_id)
        return any(f"[{note.marker}]" in entry.text for entry in history)

    def _put(self, note: LedgerNote) -> None:
        target = NoteTarget(note.target)
        self.ledger.write_note(target, note.ledger_id, note.text, idempotency_key=f"dunnock-note-{note.id}")

    def _later(self, note: LedgerNote, error: LedgerError, *, surely_not_written: bool) -> bool:
        """Try again after a while; a ledger that is full or away is left alone with the other notes, too."""
        log.info("a note waits: %s", type(error).__name__)
        at = clock.now() + _pause(note, error)
        with self.app.database.write(self.organisation_id) as session:
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
