"""Notes that people write in the ledger's own history, read back onto the timeline.

No webhook tells of them and each document costs a call, so a history is read where it matters: when somebody opens the
customer or the invoice, or is about to call, at most once in a quarter of an hour; and otherwise one customer of those
who are being chased in each quarter, whoever was read longest ago. That is at most 96 calls a day, a tenth of the
smallest day's budget, in the lane that makes room for all others.

What is read is shown and changes nothing: words in it stop no chasing, and it is never written back. A history cannot
be edited, so an entry is known by its document, moment, author and words.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from integration.ledger import (
    HistoryEntry,
    Lane,
    Ledger,
    LedgerError,
    NoteTarget,
    NotFound,
    RateLimited,
    Refused,
)
from kit import clock
from kit.ids import derived_id
from kit.turns import SLICE_SECONDS
from kit.wording import N_
from services import doors, note_text
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from store.models import Organisation
from store.queries import ledger_history as queries
from store.queries.ledger_history import Document

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=15)
"""For so long a history that was read is not read again, and so far apart are those that nobody asked for."""
_AGAIN_BY_ITSELF = timedelta(days=1)
_CLAIM = timedelta(minutes=2)
_AFTER_FAULT = timedelta(minutes=5)
_MOST_ENTRIES = 500
_LONGEST = 10_000
_SOMEBODY = N_("somebody in Xero")


def want(app: App, organisation: Organisation, target: NoteTarget, document_id: str) -> None:
    """Somebody looks at this contact or invoice (our id): have its history read, unless it was just now. Never fails."""
    now = clock.now()
    with app.database.read(organisation.id) as session:
        there = queries.reading(session, organisation.id, target.value, document_id)
    if organisation.connection != "connected" or (there and _is_fresh(there.wanted_at, there.read_at, now)):
        return
    with app.database.write(organisation.id) as session:
        queries.want(session, organisation.id, target.value, document_id, now)
    app.soft_doorbell.ring(doors.HISTORY, organisation.id)


def _is_fresh(wanted_at: datetime | None, read_at: datetime | None, now: datetime) -> bool:
    return any(moment is not None and moment > now - FRESH for moment in (wanted_at, read_at))


def due(app: App) -> list[str]:
    """Organisations with a history that somebody waits for, or whose quarter of an hour has come."""
    now = clock.now()
    with app.database.read_across() as session:
        return queries.organisations_due(session, now, now - FRESH)


def read(app: App, organisation_id: str) -> bool:
    """Read what is due in one organisation. True if more may be due."""
    try:
        ledger = open_ledger(app, organisation_id, Lane.SWEEP)
    except LedgerError:
        return False  # not connected any more: what was read stays, and nothing new is
    return read_with(app, organisation_id, ledger)


def read_with(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Read by this ledger. True if more may be due."""
    until = clock.stopwatch() + SLICE_SECONDS
    while clock.stopwatch() < until:
        document = _take(app, organisation_id)
        if document is None or not _read(app, organisation_id, ledger, document):
            return False
    return True


def _take(app: App, organisation_id: str) -> Document | None:
    """The next document that somebody waits for, else the customer whose turn it is; claimed."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        if wanted := queries.claim_wanted(session, organisation_id, now, now + _CLAIM):
            return wanted
        organisation = session.get_one(Organisation, organisation_id)
        if organisation.chasing != "live" or not queries.begin_round(
            session, organisation_id, now, now - FRESH
        ):
            return None
        return queries.longest_unread(session, organisation_id, now - _AGAIN_BY_ITSELF)


def _read(app: App, organisation_id: str, ledger: Ledger, document: Document) -> bool:
    """Read one history. False: the ledger is to be left alone now."""
    entries: list[HistoryEntry] = []
    problem = None
    try:
        with ledger_errors_noted(app, organisation_id):
            entries = ledger.history(NoteTarget(document.target), document.ledger_id)
    except (Refused, NotFound) as error:
        problem = str(error)
    except LedgerError as error:
        log.info("a history waits: %s", type(error).__name__)
        pause = timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else _AFTER_FAULT
        with app.database.write(organisation_id) as session:
            queries.put_off(session, organisation_id, clock.now() + pause, str(error))
        return False
    now = clock.now()
    with app.database.write(organisation_id) as session:
        zone = session.get_one(Organisation, organisation_id).timezone
        queries.add_notes(session, _rows(document, organisation_id, entries, zone, now), document)
        queries.was_read(session, organisation_id, document, now, problem)
    return True


def _rows(
    document: Document, organisation_id: str, entries: Sequence[HistoryEntry], zone: str, now: datetime
) -> list[dict[str, object]]:
    """The notes of people among the entries; ours are here already, and what the ledger notes itself says little."""
    read_at = now.astimezone(ZoneInfo(zone))
    return [
        {
            "organisation_id": organisation_id,
            "id": _id(organisation_id, document, entry),
            "direction": "out",
            "channel": "note",
            "kind": "history",
            "status": "sent",
            "reason": N_(f"Read from Xero on {read_at:%-d %b %Y} at {read_at:%H:%M %Z}."),
            "contact_id": document.contact_id,
            "from_name": entry.by or _SOMEBODY,
            "subject": N_("Note in Xero"),
            "step_name": N_("Written in Xero"),
            "body_text": entry.text.replace("\x00", "")[:_LONGEST],
            "sent_at": min(entry.at or now, now),
            "created_at": now,
        }
        for entry in entries
        if entry.is_note and note_text.marker_of(entry.text) is None
    ][:_MOST_ENTRIES]


def _id(organisation_id: str, document: Document, entry: HistoryEntry) -> str:
    moment = entry.at.isoformat() if entry.at else ""
    return derived_id(
        "history", organisation_id, document.target, document.ledger_id, moment, entry.by, entry.text
    )
