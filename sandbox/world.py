"""All state of one sandbox, in memory, guarded by one re-entrant lock.

Take `world.lock` around every read or change that must hang together. Ledger data is changed only through
`sandbox.ledger`. What is to happen later goes into `world.schedule(...)`; the sandbox runs it once its clock
has reached that moment, before it answers any request.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sandbox.access import Access
from sandbox.clock import Clock
from sandbox.records import (
    BrandingTheme,
    Contact,
    ContactGroup,
    Credit,
    CreditKind,
    HistoryRecord,
    Invoice,
    OrgUser,
    Payment,
    Quote,
)

REQUEST_LOG_LENGTH = 50_000


class Dated(Protocol):
    """A record with an id and the instant of its last change."""

    id: str
    updated_utc: datetime


R = TypeVar("R", bound=Dated)


class Collection(Generic[R]):
    """Records by id, walked in the ledger's default order: last change first to latest, then id.

    A change moves its record to the end, so the order costs nothing to keep while time only goes forward.
    """

    def __init__(self) -> None:
        self._items: dict[str, R] = {}
        self._by_contact: dict[str, dict[str, R]] = {}
        self._latest: tuple[datetime, str] | None = None
        self._in_order = True

    def put(self, record: R) -> None:
        """Add a record, or move one whose `updated_utc` has changed to its new place."""
        self._items.pop(record.id, None)
        key = (record.updated_utc, record.id)
        if self._latest is None or key >= self._latest:
            self._latest = key
        else:
            self._in_order = False
        self._items[record.id] = record
        contact_id = getattr(record, "contact_id", None)
        if contact_id is not None:
            self._by_contact.setdefault(contact_id, {})[record.id] = record

    def get(self, record_id: str) -> R | None:
        """The record with this id, or None."""
        return self._items.get(record_id)

    def give(self, contact_id: str, other_id: str) -> None:
        """The contact's documents are the other's from now on; their time of change stays as it is."""
        for record_id, record in self._by_contact.pop(contact_id, {}).items():
            setattr(record, "contact_id", other_id)  # noqa: B010  # only documents of contacts are kept here
            self._by_contact.setdefault(other_id, {})[record_id] = record

    def of_contact(self, contact_id: str) -> list[R]:
        """The contact's documents, in the order they were added."""
        return list(self._by_contact.get(contact_id, {}).values())

    def __iter__(self) -> Iterator[R]:
        if not self._in_order:
            ordered = sorted(self._items.values(), key=lambda r: (r.updated_utc, r.id))
            self._items = {r.id: r for r in ordered}
            self._in_order = True
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._items


@dataclass(slots=True)
class Organisation:
    """One company's ledger. `timezone` is the ledger's own token (GMTSTANDARDTIME), not an IANA name."""

    tenant_id: str
    name: str
    legal_name: str
    base_currency: str
    country: str
    timezone: str
    short_code: str
    created_utc: datetime
    is_demo: bool = False
    reminders_enabled: bool = False
    users: list[OrgUser] = field(default_factory=list)
    branding_themes: list[BrandingTheme] = field(default_factory=list)
    contact_groups: list[ContactGroup] = field(default_factory=list)
    contacts: Collection[Contact] = field(default_factory=Collection)
    invoices: Collection[Invoice] = field(default_factory=Collection)
    payments: Collection[Payment] = field(default_factory=Collection)
    credit_notes: Collection[Credit] = field(default_factory=Collection)
    overpayments: Collection[Credit] = field(default_factory=Collection)
    prepayments: Collection[Credit] = field(default_factory=Collection)
    quotes: Collection[Quote] = field(default_factory=Collection)
    history: dict[str, list[HistoryRecord]] = field(default_factory=dict)

    def credits(self, kind: CreditKind) -> Collection[Credit]:
        """The collection that holds credits of this kind."""
        return {
            CreditKind.CREDIT_NOTE: self.credit_notes,
            CreditKind.OVERPAYMENT: self.overpayments,
            CreditKind.PREPAYMENT: self.prepayments,
        }[kind]

    def history_of(self, record_id: str) -> list[HistoryRecord]:
        """A document's or contact's history, oldest first; empty when nothing was written."""
        return self.history.get(record_id, [])


@dataclass(slots=True, frozen=True)
class LedgerEvent:
    """A change worth a webhook. `category` and `type` as on the wire (INVOICE, UPDATE)."""

    tenant_id: str
    category: str
    type: str
    resource_id: str
    at: datetime
    data: dict[str, str] | None = None


@dataclass(slots=True, frozen=True)
class RequestRecord:
    """One request the sandbox answered; `status` 0 means the connection was cut without an answer."""

    number: int
    method: str
    path: str
    query: str
    tenant_id: str | None
    status: int
    at: datetime


class World:
    """Everything one sandbox knows."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.organisations: dict[str, Organisation] = {}
        self.access = Access()
        self.events: deque[LedgerEvent] = deque()
        self.events_waiting = threading.Event()
        self.requests: deque[RequestRecord] = deque(maxlen=REQUEST_LOG_LENGTH)
        self.notes_raise_events = False
        self._quiet = 0
        self._request_numbers = itertools.count(1)
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._agenda_numbers = itertools.count()

    def now(self) -> datetime:
        """The present by the sandbox's clock, to the millisecond as the ledger keeps it."""
        moment = self.clock.now()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    @staticmethod
    def new_id() -> str:
        """A fresh id for anything."""
        return str(uuid.uuid4())

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Change ledgers without raising webhook events; holds the lock, for loading books in bulk."""
        with self.lock:
            self._quiet += 1
            try:
                yield
            finally:
                self._quiet -= 1

    def emit(self, event: LedgerEvent) -> None:
        """Queue a webhook event, unless loading quietly or the app is not connected to that organisation."""
        with self.lock:
            if self._quiet or not self.access.is_connected(event.tenant_id):
                return
            self.events.append(event)
            self.events_waiting.set()

    def schedule(self, when: datetime, action: Callable[[], None]) -> None:
        """Let `action` run, holding the lock, once the clock has reached `when` (aware)."""
        with self.lock:
            heapq.heappush(self._agenda, (when, next(self._agenda_numbers), action))

    def run_due(self) -> int:
        """Run every scheduled action whose moment has come, in order; returns how many ran."""
        ran = 0
        with self.lock:
            while self._agenda and self._agenda[0][0] <= self.clock.now():
                _, _, action = heapq.heappop(self._agenda)
                action()
                ran += 1
        return ran

    def log_request(self, method: str, path: str, query: str, tenant_id: str | None, status: int) -> None:
        """Remember one answered request for `GET /sandbox/requests`."""
        with self.lock:
            number = next(self._request_numbers)
            self.requests.append(RequestRecord(number, method, path, query, tenant_id, status, self.now()))
