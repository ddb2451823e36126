"""Writing the notes that wait: those of one document in one call, each found again by its marker before it is repeated.

A call costs as much with one note as with many, so what waits for the same document goes along. What was handed over
together is repeated together or not at all: under the same key, so that a ledger that keeps keys sees the same call.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from integration.ledger import (
    AnswerLost,
    Disconnected,
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
from kit.wording import N_
from services import note_rules, note_text
from services.app import App
from services.ledger_access import ledger_errors_noted
from store.away import AWAY
from store.models import LedgerNote, Organisation
from store.queries import notes

log = logging.getLogger(__name__)

MOST_IN_A_CALL = 25
_CLAIM = timedelta(minutes=2)
"""For so long nobody else tries the notes that somebody is writing."""
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)
_MOST_FAULTS = 5
_FAULT = N_("A fault in Dunnock keeps this from being written; the log tells more.")
_LIMITS = {
    "minute": N_("Xero’s limit of 60 calls a minute is used up"),
    "day": N_("the share of the day’s calls to Xero that notes may use is used up"),
    "concurrent": N_("as many calls to Xero as it allows at once are under way"),
    "app": N_("Xero’s limit for all organisations together is used up"),
}
_LATER = N_("{why} It is tried again at {at}.")


def write_with(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Write notes by this ledger. True if more may be due."""
    until = clock.stopwatch() + SLICE_SECONDS
    desk = _Desk(app, organisation_id, ledger)
    while clock.stopwatch() < until:
        taken = desk.take()
        if not taken or not desk.write(taken):
            return False
    return True


def try_again(session: Session, organisation_id: str, note_id: str, now: datetime) -> LedgerNote | None:
    """Have a note that was refused, or that waits, tried at once; one that is written stays so. None: there is none such.

    It is looked for before it is written, and tried alone. What was refused does not stand in the ledger, so its words
    are made anew, by the rules of now. The caller rings.
    """
    note = session.get(LedgerNote, (organisation_id, note_id), with_for_update=True)
    if note is not None and note.status != "written":
        if note.status == "refused":
            note.status, note.attempts, note.problem = "pending", 0, None
            note.tried_together = note.id
        note.next_try_at = now
        session.flush()
    return note


@dataclass(frozen=True, slots=True)
class _Desk:
    """One organisation's notes, being written. What is taken together is about one document."""

    app: App
    organisation_id: str
    ledger: Ledger

    def take(self) -> Sequence[LedgerNote]:
        """The next notes, claimed, each with its words as they are written."""
        now = clock.now()
        with self.app.database.write(self.organisation_id) as session:
            taken = notes.claim_next(session, self.organisation_id, now, now + _CLAIM, MOST_IN_A_CALL)
            for note in taken:
                anew = (
                    not note.attempts
                )  # never tried, or refused and tried again by somebody: it does not stand there
                if anew or note.tried_together is None:  # what may stand there is never said in other words
                    note.text = self._words(session, note)
            together = _together(taken)
            for note in taken:
                note.tried_together = note.tried_together or together
                notes.set_tried(session, note)
            return taken

    def _words(self, session: Session, note: LedgerNote) -> str:
        contact_id = notes.contact_of(session, note)
        short = note.fact and note_rules.keeps_text_out(session, self.organisation_id, note)
        link = f"{self.app.settings.public_url}/organisations/{self.organisation_id}/contacts/{contact_id}"
        return note_text.with_link((note.fact if short else None) or note.text, link)

    def write(self, taken: Sequence[LedgerNote]) -> bool:
        """Write what was taken. False: the ledger takes no further note now."""
        try:
            with ledger_errors_noted(self.app, self.organisation_id):
                missing = self._missing(taken)
                if missing:
                    self._put(missing)
        except AnswerLost as error:
            return self._later(taken, error, surely_not_written=False)
        except (Refused, NotFound) as error:
            self._refuse(taken, error)
            return True
        except LedgerError as error:
            return self._later(taken, error, surely_not_written=taken[0].first_tried_at is None)
        except AWAY:
            raise
        except Exception:  # whatever is wrong with these must not keep the others from being written
            log.exception("note %s cannot be written", taken[0].id)
            return self._put_aside(taken)
        with self.app.database.write(self.organisation_id) as session:
            notes.written(session, self.organisation_id, [note.id for note in taken], clock.now())
        return True

    def _missing(self, taken: Sequence[LedgerNote]) -> Sequence[LedgerNote]:
        """Those that no earlier try, whose end we do not know, has written after all."""
        first = taken[0]
        if first.first_tried_at is None:
            return taken
        history = self.ledger.history(NoteTarget(first.target), first.ledger_id)
        texts = [entry.text for entry in history]
        return [note for note in taken if not any(f"[{note.marker}]" in text for text in texts)]

    def _put(self, missing: Sequence[LedgerNote]) -> None:
        first, texts = missing[0], [note.text for note in missing]
        self.ledger.write_notes(
            NoteTarget(first.target),
            first.ledger_id,
            texts,
            idempotency_key=f"dunnock-notes-{_together(missing)}",
        )

    def _refuse(self, taken: Sequence[LedgerNote], error: LedgerError) -> None:
        """The ledger will not have them. Of several it may be one that is at fault: each is tried alone then."""
        with self.app.database.write(self.organisation_id) as session:
            if len(taken) > 1 and isinstance(error, Refused):
                notes.try_alone(session, self.organisation_id, [note.id for note in taken], clock.now())
            else:
                notes.refused(session, self.organisation_id, [note.id for note in taken], str(error))

    def _put_aside(self, taken: Sequence[LedgerNote]) -> bool:
        """Tried a few times more, each alone; then it is kept and shown as one that cannot be written."""
        now, ids = clock.now(), [note.id for note in taken]
        with self.app.database.write(self.organisation_id) as session:
            if len(taken) > 1:
                notes.try_alone(session, self.organisation_id, ids, now)
            elif taken[0].attempts + 1 >= _MOST_FAULTS:
                notes.refused(session, self.organisation_id, ids, _FAULT)
            else:
                at = now + _FIRST_PAUSE * (1 << taken[0].attempts)
                notes.try_later(session, self.organisation_id, ids, _FAULT, at, surely_not_written=False)
        return True

    def _later(self, taken: Sequence[LedgerNote], error: LedgerError, *, surely_not_written: bool) -> bool:
        """Try again after a while; a ledger that is full or away is left alone with the other notes, too."""
        log.info("notes wait: %s", type(error).__name__)
        at = clock.now() + _pause(taken[0], error)
        with self.app.database.write(self.organisation_id) as session:
            zone = session.get_one(Organisation, self.organisation_id).timezone
            why = _why(error, at, zone)
            ids = [note.id for note in taken]
            notes.try_later(
                session, self.organisation_id, ids, why, at, surely_not_written=surely_not_written
            )
            if isinstance(error, AnswerLost):
                return True
            if not isinstance(error, (NeedsReconnect, Disconnected)):
                notes.postpone_all(session, self.organisation_id, at, why)
        return False


def _together(taken: Sequence[LedgerNote]) -> str:
    """The same notes in the same words give the same word: under it they are handed over, and repeated."""
    return derived_id("notes", *(part for note in taken for part in (note.id, note.text)))


def _pause(note: LedgerNote, error: LedgerError) -> timedelta:
    if isinstance(error, RateLimited):
        return timedelta(seconds=max(error.retry_after, 1.0))
    return min(_FIRST_PAUSE * (1 << min(note.attempts, 8)), _LONGEST_PAUSE)


def _why(error: LedgerError, at: datetime, zone: str) -> str:
    """Why a note waits, as it is said on the page of what waits for the ledger."""
    moment = f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
    if isinstance(error, RateLimited):
        return N_(f"It waits until {moment}: {_LIMITS.get(error.kind, _LIMITS['app'])}.")
    return _LATER.format(why=error, at=moment)
