"""Following what webhooks told: asking the ledger for the documents named, and taking them over.

An event is a hint and carries nothing; the same document named a thousand times is asked for once. An event is
done in the same transaction as the change it led to.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from sqlalchemy.orm import Session

from integration.ledger import (
    Disconnected,
    Ledger,
    LedgerCredit,
    LedgerError,
    LedgerPayment,
    NeedsReconnect,
    Page,
    RateLimited,
    Unreachable,
)
from kit import clock
from kit.doorbell import BULK
from kit.wording import N_
from services import doors
from services.app import App
from services.mirror import schedule, write
from services.mirror.bells import ring_for_planning
from services.mirror.strangers import IDS_A_CALL
from store.away import AWAY
from store.queries import inbox
from store.queries.inbox import Told

log = logging.getLogger(__name__)

MOST_TRIES = 5
_WAITS = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
_OVERLAP = timedelta(minutes=5)
_FIRST_YEAR = 2000
_NAMELESS = ""
_MOST_PAGES = 3
_MOST_PAID = 5 * IDS_A_CALL
_LISTS = (schedule.INVOICE_CHANGES, schedule.PAYMENTS, schedule.CREDITS)
_IDENTIFIER = re.compile(r"[0-9A-Za-z-]{1,64}")

TAKEN_OVER = "taken over"
_FAULT = N_("A fault in Dunnock keeps this from being followed; the log tells more.")
LEFT_TO_THE_SYNC = N_("so much has changed that it is read page by page")
NOT_RETURNED = N_("the ledger does not return it: not a sales document, or deleted")

_CREDIT_KINDS = {"CREDITNOTE": "credit_note", "OVERPAYMENT": "overpayment", "PREPAYMENT": "prepayment"}

_Document = TypeVar("_Document", LedgerCredit, LedgerPayment)
_Store = Callable[[Session, str, Sequence[Any], datetime], set[str]]


class NotOurs(Exception):
    """Somebody else follows these events now; ``renew`` says so."""


class _TooMuch(Exception):
    """More has changed than a job should read."""


@dataclass(frozen=True, slots=True)
class News:
    """One event: something happened to this document at this moment, by the ledger's clock."""

    id: int
    category: str
    resource_id: str
    happened_at: datetime
    attempts: int


class _Payload(msgspec.Struct, rename="camel"):
    resource_id: str = ""
    event_category: str = ""
    event_date_utc: str = ""


def read_event(event: Told) -> News:
    """The event of an inbox row. A time that cannot be read becomes the time it was received."""
    payload = msgspec.json.decode(event.payload, type=_Payload)
    try:
        happened_at = datetime.fromisoformat(payload.event_date_utc)
    except ValueError:
        happened_at = event.received_at
    if happened_at.year < _FIRST_YEAR:
        happened_at = event.received_at
    if happened_at.tzinfo is None:
        happened_at = happened_at.replace(tzinfo=UTC)
    return News(
        event.id, payload.event_category.upper(), payload.resource_id.lower(), happened_at, event.attempts
    )


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows events of one organisation. ``renew`` is called before each call to the ledger, to keep the lease.

    ``until`` (on the stopwatch) others wait for their turn: no further documents are asked for then.
    """

    app: App
    organisation_id: str
    ledger: Ledger
    renew: Callable[[], None]
    until: float

    def follow(self, events: Sequence[News]) -> None:
        """Follow these until time is up; the others stay due. Errors that would hit every call alike are raised."""
        by_category: dict[str, list[News]] = {}
        for event in events:
            named = _IDENTIFIER.fullmatch(event.resource_id)
            by_category.setdefault(event.category if named else _NAMELESS, []).append(event)
        for category, group in by_category.items():
            self._follow_category(category, group)

    def _follow_category(self, category: str, events: list[News]) -> None:
        if category == "CONTACT":
            self._ask_by_id(events, self.ledger.contacts, write.store_contacts)
        elif category == "INVOICE":
            self._ask_by_id(events, self.ledger.invoices, write.store_invoices)
        elif category == "PAYMENT":
            self._guarded(events, self._read_payments)
        elif category in _CREDIT_KINDS:
            self._guarded(events, lambda group: self._read_credits(_CREDIT_KINDS[category], group))
        elif category == _NAMELESS:
            self._settle(events, N_("parked: it names no document"))
        else:
            self._settle(events, f"unknown category {category[:40]!r}")

    def _ask_by_id(
        self, events: list[News], ask: Callable[[Sequence[str]], Sequence[Any]], store: _Store
    ) -> None:
        """Forty documents a call; those that failed before one by one, so that a bad one spoils no others."""

        def ask_for_them(part: list[News]) -> None:
            self._take_over(part, ask(list(dict.fromkeys(event.resource_id for event in part))), store)

        for part in _parts([event for event in events if not event.attempts], IDS_A_CALL):
            self._guarded(part, ask_for_them)
        for part in _parts([event for event in events if event.attempts], 1):
            self._guarded(part, ask_for_them)

    def _read_credits(self, kind: str, events: list[News]) -> None:
        """Credits cannot be asked for by id, so all that changed since the earliest of these is read."""

        def store(session: Session, organisation_id: str, found: Sequence[Any], now: datetime) -> set[str]:
            return write.store_credits(session, organisation_id, found, now, complete=False)

        since = _earliest(events)
        found = self._all_pages(lambda page: self.ledger.credits_page(kind, page, changed_since=since))
        self._take_over(events, found, store)

    def _read_payments(self, events: list[News]) -> None:
        """The payments, and the invoices that they paid."""
        since = _earliest(events)
        named = {event.resource_id for event in events}
        payments = self._all_pages(lambda page: self.ledger.payments_page(page, changed_since=since))
        paid = {each.invoice_id for each in payments if each.invoice_id and each.id.lower() in named}
        if len(paid) > _MOST_PAID:
            raise _TooMuch
        for start in range(0, len(paid), IDS_A_CALL):
            self.renew()
            invoices = self.ledger.invoices(sorted(paid)[start : start + IDS_A_CALL])
            self._take_over([], invoices, write.store_invoices)
        self._take_over(events, payments, write.store_payments)

    def _all_pages(self, read: Callable[[int], Page[_Document]]) -> list[_Document]:
        found: list[_Document] = []
        for number in range(1, _MOST_PAGES + 1):
            self.renew()
            page = read(number)
            found.extend(page.items)
            if page.last:
                return found
        raise _TooMuch

    def _take_over(self, events: list[News], documents: Sequence[Any], store: _Store) -> None:
        """Keep the documents and settle the events, in one transaction."""
        now = clock.now()
        returned = {document.id.lower() for document in documents}
        with self.app.database.write(self.organisation_id) as session:
            concerned = store(session, self.organisation_id, documents, now)
            for outcome, ids in (
                (TAKEN_OVER, [event.id for event in events if event.resource_id in returned]),
                (NOT_RETURNED, [event.id for event in events if event.resource_id not in returned]),
            ):
                inbox.settle(session, ids, outcome, now)
        ring_for_planning(self.app, self.organisation_id, concerned)

    def _guarded(self, events: list[News], read: Callable[[list[News]], None]) -> None:
        """Do it; an error that is about these documents alone is noted with their events."""
        if clock.stopwatch() > self.until:
            return
        self.renew()
        try:
            read(events)
        except _TooMuch:
            self._leave_to_the_sync(events)
        except (NeedsReconnect, Disconnected, RateLimited, Unreachable):
            raise
        except LedgerError as error:
            self._failed(events, str(error))
        except (*AWAY, NotOurs):
            raise
        except Exception:  # whatever is wrong with some must not keep the others from being followed
            log.exception("%d events of %s cannot be followed", len(events), self.organisation_id)
            self._failed(events, _FAULT)

    def _failed(self, events: list[News], problem: str) -> None:
        now = clock.now()
        log.warning("%d events of %s failed", len(events), self.organisation_id)
        by_attempts: dict[int, list[int]] = {}
        for event in events:
            by_attempts.setdefault(event.attempts, []).append(event.id)
        with self.app.database.write(self.organisation_id) as session:
            for attempts, ids in by_attempts.items():
                if attempts + 1 < MOST_TRIES:
                    inbox.try_later(session, ids, now + _WAITS[attempts], problem)
                else:
                    inbox.settle(session, ids, N_(f"parked: {problem}"), now)

    def _leave_to_the_sync(self, events: list[News]) -> None:
        """It goes on from what it has read, page by page; what begins anew at each try would never end."""
        now = clock.now()
        with self.app.database.write(self.organisation_id) as session:
            schedule.hasten(session, self.organisation_id, _LISTS, now)
            inbox.settle(session, [event.id for event in events], LEFT_TO_THE_SYNC, now)
        self.app.doorbell.ring(doors.SYNC, self.organisation_id, queue=BULK)

    def _settle(self, events: Sequence[News], outcome: str) -> None:
        with self.app.database.write(self.organisation_id) as session:
            inbox.settle(session, [event.id for event in events], outcome, clock.now())


def _earliest(events: Sequence[News]) -> datetime:
    return min(event.happened_at for event in events) - _OVERLAP


def _parts(events: Sequence[News], size: int) -> Iterator[list[News]]:
    """The events of at most so many documents at a time; all events of one document together."""
    by_document: dict[str, list[News]] = {}
    for event in events:
        by_document.setdefault(event.resource_id, []).append(event)
    documents = list(by_document.values())
    for start in range(0, len(documents), size):
        yield [event for group in documents[start : start + size] for event in group]
