"""Reading one slice of the ledger: a few pages, each in a transaction of its own, then making room for others.

A position is kept after each page, so a killed worker loses one page at most. One process at a time reads
an organisation; it proves in each transaction that it still holds the lease, or writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from integration.ledger import (
    Disconnected,
    Ledger,
    LedgerError,
    NeedsReconnect,
    RateLimited,
    Unreachable,
    Unreadable,
)
from kit import clock
from kit.ids import new_id
from kit.wording import N_
from services.app import App
from services.mirror import schedule, strangers
from services.mirror.bells import ring_for_planning
from services.mirror.sources import SOURCES, Check, Source
from services.mirror.walk import Walk
from store.away import AWAY
from store.ids import document_id
from store.models import Organisation, SyncPosition
from store.queries import leases, mirror, occasions
from store.queries import sync as positions

log = logging.getLogger(__name__)

CALLS_A_SLICE = 10
SECONDS_A_SLICE = 10.0
_LEASE_SECONDS = 180.0
_OVERLAP = timedelta(minutes=5)
"""What changed shortly before is asked for again, because the ledger may be a little late to list a change."""
_FAULT = N_("A fault in Dunnock keeps this from being taken over; the log tells more.")
_FARTHEST_AHEAD = timedelta(days=1)
"""A time of change beyond our clock by more than this is an error, and no position to go on from."""


class _LeaseLost(Exception):
    """Somebody else reads this organisation now."""


def read_slice(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Read what is due for some seconds; True if there is more. Nothing happens while somebody else reads."""
    holder = new_id()
    with app.database.write(organisation_id) as session:
        if not leases.take(session, _lease(organisation_id), holder, clock.now(), _LEASE_SECONDS):
            return False
    try:
        return _Slice(app, organisation_id, ledger, holder).run()
    except _LeaseLost:
        return False
    finally:
        with app.database.write(organisation_id) as session:
            leases.release(session, _lease(organisation_id), holder)


@dataclass(frozen=True, slots=True)
class _Slice:
    app: App
    organisation_id: str
    ledger: Ledger
    holder: str

    def run(self) -> bool:
        """One call to the ledger after the other until the slice is over, nothing is due, or the ledger says wait."""
        until = clock.stopwatch() + SECONDS_A_SLICE
        for _ in range(CALLS_A_SLICE):
            position = self._next()
            if position is None:
                return False
            if not self._try(position):
                return False
            if clock.stopwatch() > until:
                break
        return True

    def _next(self) -> SyncPosition | None:
        with self.app.database.read(self.organisation_id) as session:
            found = positions.due_positions(session, self.organisation_id, clock.now())
        return next((found[resource] for resource in schedule.ORDER if resource in found), None)

    def _try(self, position: SyncPosition) -> bool:
        """Read a bit of this. False when nothing else of this organisation can be read now either."""
        try:
            concerned = self._read(position)
        except (NeedsReconnect, Disconnected):
            raise
        except (RateLimited, Unreachable) as error:
            put_all_off(self.app, self.organisation_id, error, position.failures)
            return False
        except LedgerError as error:
            self._put_off(position.resource, error)
            return True
        except (*AWAY, _LeaseLost):
            raise
        except Exception:  # whatever is wrong with one list must not keep the others from being read
            log.exception("%s of %s cannot be taken over", position.resource, self.organisation_id)
            self._put_off(position.resource, Unreadable(_FAULT))
            return True
        ring_for_planning(self.app, self.organisation_id, concerned)
        return True

    def _read(self, position: SyncPosition) -> set[str]:
        """Ask the ledger once, outside any transaction, and keep its answer together with the position."""
        if position.resource == schedule.STRANGERS:
            self._renew()
            strangers.fetch_some(self.app, self.organisation_id, self.ledger)
            return set()
        source = SOURCES[position.resource]
        now = clock.now()
        if position.listed and source.check:
            return self._ask_for_unseen(position, source, source.check, now)
        fresh = position.pass_started_at is None
        if fresh:
            _begin_pass(position, source, now)
        walk = Walk(position.cursor, position.page, position.read, position.expected)
        page = source.read(self.ledger, walk.next_page, walk.cursor)
        with self.app.database.write(self.organisation_id) as session:
            kept = self._hold(session, position, now)
            if source.check:
                self._mark(session, position.resource, [item.id for item in page.items], anew=fresh)
            concerned = source.store(session, self.organisation_id, page.items, now)
            changes = [item.updated_at for item in page.items]
            _advance(kept, walk.after(changes, page.total, last=page.last))
            kept.listed = page.last
            if page.last and not source.check:
                _complete(session, kept, source, max(changes, default=None), now)
        return concerned

    def _ask_for_unseen(
        self, position: SyncPosition, source: Source, check: Check, now: datetime
    ) -> set[str]:
        """Ask by id for what the mirror holds and the list did not show; when nothing is left, the reading is done."""
        with self.app.database.read(self.organisation_id) as session:
            ids = check.unseen(session, self.organisation_id, position.resource, strangers.IDS_A_CALL)
        documents = check.ask(self.ledger, ids) if ids else ()
        with self.app.database.write(self.organisation_id) as session:
            kept = self._hold(session, position, now)
            if not ids:
                mirror.clear_marks(session, self.organisation_id, position.resource)
                _complete(session, kept, source, None, now)
                return set()
            self._mark(session, position.resource, ids, anew=False)
            return source.store(session, self.organisation_id, documents, now)

    def _mark(self, session: Session, resource: str, ledger_ids: Sequence[str], *, anew: bool) -> None:
        if anew:
            mirror.clear_marks(session, self.organisation_id, resource)
        ids = {document_id(self.organisation_id, ledger_id) for ledger_id in ledger_ids}
        mirror.mark_seen(session, self.organisation_id, resource, ids)

    def _renew(self) -> None:
        with self.app.database.write(self.organisation_id) as session:
            if not leases.take(
                session, _lease(self.organisation_id), self.holder, clock.now(), _LEASE_SECONDS
            ):
                raise _LeaseLost

    def _hold(self, session: Session, position: SyncPosition, now: datetime) -> SyncPosition:
        """The position in this transaction, if the organisation is still ours to read."""
        if not leases.take(session, _lease(self.organisation_id), self.holder, now, _LEASE_SECONDS):
            raise _LeaseLost
        kept = session.merge(position)
        kept.touched_at, kept.failures, kept.problem = now, 0, None
        return kept

    def _put_off(self, resource: str, error: LedgerError) -> None:
        """This cannot be read for now; the rest may go on."""
        now = clock.now()
        log.warning("%s of %s cannot be read: %s", resource, self.organisation_id, type(error).__name__)
        with self.app.database.write(self.organisation_id) as session:
            position = session.get_one(SyncPosition, (self.organisation_id, resource))
            position.next_at = now + schedule.patience(error, position.failures)
            position.touched_at, position.problem = now, str(error)
            position.failures += 1


def put_all_off(app: App, organisation_id: str, error: LedgerError, failures: int) -> None:
    """Nothing of this organisation can be read now; ``failures`` came before in a row."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        positions.postpone_due(
            session, organisation_id, now, now + schedule.patience(error, failures), str(error)
        )


def _begin_pass(position: SyncPosition, source: Source, now: datetime) -> None:
    since = position.changed_since if source.follows else None
    position.pass_started_at, position.page, position.read, position.expected = now, 0, 0, None
    position.cursor = since - _OVERLAP if since else None


def _advance(position: SyncPosition, walk: Walk) -> None:
    position.cursor, position.page = walk.cursor, walk.page
    position.read, position.expected = walk.read, walk.expected


def _complete(
    session: Session, position: SyncPosition, source: Source, newest: datetime | None, now: datetime
) -> None:
    """The reading is done. The next one that follows goes on from the newest change, by the ledger's own clock."""
    organisation = session.get_one(Organisation, position.organisation_id)
    started = position.pass_started_at or now
    if source.follows and newest:
        newest = min(newest, started + _FARTHEST_AHEAD)
        position.changed_since = max(newest, position.changed_since or newest)
    position.pass_started_at, position.cursor, position.page, position.listed = None, None, 0, False
    position.completed_at, position.expected = now, position.read
    position.next_at = schedule.next_time(position.resource, organisation, now)
    if position.resource in (schedule.ACCEPTED_QUOTES, schedule.QUOTE_CHANGES):
        wanted = occasions.switched_on(session, organisation.id).get(OccasionKind.CONFIRMATION)
        schedule.quotes_read(session, position, started, wanted, now)
    if position.resource == schedule.INVOICE_CHANGES and organisation.imported_at:
        organisation.synced_at = started
    elif organisation.imported_at is None:
        _finish_import(session, organisation, now)


def _finish_import(session: Session, organisation: Organisation, now: datetime) -> None:
    """When all is read once, the import is done, and what changed meanwhile is read at once."""
    known = positions.positions(session, organisation.id)
    if all(known[resource].completed_at for resource in schedule.FIRST_IMPORT):
        organisation.imported_at = now
        known[schedule.INVOICE_CHANGES].next_at = now


def _lease(organisation_id: str) -> str:
    return positions.LEASE_PREFIX + organisation_id
