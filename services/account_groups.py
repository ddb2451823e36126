"""A contact group of the ledger that shows whom something is true of here, set from what stands here until it is so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from integration.ledger import BookingLedger, LedgerError, NotFound, RateLimited, Refused
from kit import clock
from services.app import App
from store.queries import customers

AT_ONCE = 40
_PAUSE = timedelta(minutes=5)


class Row(Protocol):
    """What puts a contact into a group, or takes it out."""

    id: str
    contact_id: str
    status: str
    group_pending: bool
    attempts: int
    next_try_at: datetime
    problem: str | None


class Book(Protocol):
    """Where the rows of a group stand."""

    def untold(
        self, session: Session, organisation_id: str, now: datetime, limit: int, /
    ) -> Sequence[Row]: ...

    def by_id(self, session: Session, organisation_id: str, row_id: str, /) -> Row | None: ...

    def members(
        self, session: Session, organisation_id: str, contact_ids: Collection[str], /
    ) -> set[str]: ...


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group by its name; ``key`` and ``group_key`` begin what tells one request to the ledger from another."""

    name: str
    key: str
    group_key: str
    book: Book


def set_members(app: App, organisation_id: str, ledger: BookingLedger, shown: ShownGroup) -> None:
    """Put into the group who belongs there, and take the others out; putting somebody in twice changes nothing."""
    with app.database.read(organisation_id) as session:
        rows = shown.book.untold(session, organisation_id, clock.now(), AT_ONCE)
        members = shown.book.members(session, organisation_id, [row.contact_id for row in rows])
        contacts = {row.id: customers.contact(session, organisation_id, row.contact_id) for row in rows}
    if not rows:
        return
    group = ledger.group_named(shown.name)
    for row in rows:
        contact, belongs = contacts[row.id], row.contact_id in members
        problem = None
        try:
            if contact and (belongs or group):
                group = group or ledger.add_group(
                    shown.name, idempotency_key=f"{shown.group_key}-{organisation_id}"
                )
                if belongs:
                    ledger.put_into_group(
                        group, contact.ledger_id, idempotency_key=f"{shown.key}-{row.id}-{row.attempts}"
                    )
                else:
                    ledger.take_from_group(group, contact.ledger_id)
        except (Refused, NotFound) as error:
            problem = str(error)
        with app.database.write(organisation_id) as session:
            fresh = shown.book.by_id(session, organisation_id, row.id)
            if fresh and fresh.status == row.status:
                fresh.group_pending, fresh.problem = False, problem


def put_off(rows: Collection[Row], error: LedgerError, now: datetime) -> None:
    """What could not be done is tried again after a while."""
    pause = timedelta(seconds=max(error.retry_after, 1.0)) if isinstance(error, RateLimited) else _PAUSE
    for row in rows:
        row.next_try_at, row.problem, row.attempts = now + pause, str(error), row.attempts + 1
