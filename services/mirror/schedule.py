"""What is read of the ledger, and when. Calls are few (1,000 a day on the smallest plan) and counted.

After the first import about 150 calls a day keep an ordinary organisation right: changed invoices every
quarter of an hour, contacts, payments and credits every two hours, and at night everything that is open.
Where orders are to be confirmed, what has changed of quotes is asked for once an hour, with some 24 calls more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from integration.ledger import LedgerError, MissingScope, NotFound, RateLimited, Refused
from kit import clock
from services.app import App
from store.models import Organisation, SyncPosition
from store.queries import sync as positions

CONTACTS: Final = "contacts"
OPEN_INVOICES: Final = "open_invoices"
CREDITS: Final = "credits"
PAID_INVOICES: Final = "paid_invoices"
PAYMENTS: Final = "payments"
INVOICE_CHANGES: Final = "invoice_changes"
CONTACT_CHANGES: Final = "contact_changes"
STRANGERS: Final = "strangers"
"""Contacts that only a document has told of, asked for by id; due only while there are such."""

ACCEPTED_QUOTES: Final = "accepted_quotes"
"""Which quotes were accepted before anybody wanted orders to be confirmed; read once, when somebody does."""
QUOTE_CHANGES: Final = "quote_changes"

FIRST_IMPORT: Final = (CONTACTS, OPEN_INVOICES, CREDITS, PAID_INVOICES, PAYMENTS)
"""In this order: the first look at what would be chased is possible after the second."""
ALWAYS: Final = (INVOICE_CHANGES, *FIRST_IMPORT, CONTACT_CHANGES, STRANGERS)
ORDER: Final = (*ALWAYS, ACCEPTED_QUOTES, QUOTE_CHANGES)
"""What goes first when several are due."""

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

_EVERY: Final = {
    INVOICE_CHANGES: timedelta(minutes=15),
    CREDITS: timedelta(hours=2),
    PAYMENTS: timedelta(hours=2),
    CONTACT_CHANGES: timedelta(hours=2),
    QUOTE_CHANGES: timedelta(hours=1),
}
_NIGHTLY: Final = frozenset({CONTACTS, OPEN_INVOICES})
_QUIET_FROM: Final = time(3)
_QUIET_MINUTES: Final = 120
_MARGIN: Final = timedelta(hours=1)
"""By how much our clock may be ahead of the ledger's at the first import."""
_BACKOFF_MINUTES: Final = (1, 2, 5, 15)


class Progress(NamedTuple):
    """How far the first import of one kind of document is. ``expected`` is None until the ledger has counted."""

    resource: str
    read: int
    expected: int | None
    done: bool


def begin_import(session: Session, organisation_id: str, now: datetime) -> None:
    """Read everything of an organisation that was just connected; or catch up, if it had been connected before."""
    known = positions.positions(session, organisation_id)
    for resource in ORDER:
        position = known.get(resource)
        if position is None and resource in ALWAYS:
            session.add(_new_position(organisation_id, resource, now))
        elif position and position.next_at < NEVER:
            position.next_at = position.touched_at = now
            position.problem, position.failures = None, 0


def hasten(session: Session, organisation_id: str, resources: Sequence[str], now: datetime) -> None:
    """Have these read now instead of later."""
    known = positions.positions(session, organisation_id)
    for position in (known[resource] for resource in resources if resource in known):
        position.next_at = min(position.next_at, now)


def expect_strangers(session: Session, organisation_id: str, now: datetime) -> None:
    """Have strangers asked for now; if they are already being waited for, that wait stays as it is."""
    position = session.get(SyncPosition, (organisation_id, STRANGERS))
    if position is None:
        session.add(_new_position(organisation_id, STRANGERS, now))
    elif position.next_at == NEVER:
        position.next_at = position.touched_at = now


def strangers_known(session: Session, organisation_id: str, now: datetime) -> None:
    """Nobody is a stranger any more."""
    position = session.get(SyncPosition, (organisation_id, STRANGERS))
    if position is not None:
        position.next_at, position.touched_at = NEVER, now
        position.problem, position.failures = None, 0


def expect_payments(session: Session, organisation_id: str, now: datetime) -> None:
    """Have payments read now, because chasers wait for news of them."""
    position = session.get(SyncPosition, (organisation_id, PAYMENTS))
    if position is not None and position.completed_at and now < position.next_at < NEVER:
        position.next_at = position.touched_at = now


def want_quotes(session: Session, organisation_id: str, now: datetime) -> None:
    """Have quotes read from now on: first all that are accepted already, afterwards what has changed."""
    for resource in (ACCEPTED_QUOTES, QUOTE_CHANGES):
        fresh = _new_position(organisation_id, resource, now)
        fresh.next_at = now if resource == ACCEPTED_QUOTES else NEVER
        fresh.cursor = fresh.pass_started_at = fresh.completed_at = None
        fresh.expected = fresh.problem = None
        session.merge(fresh)


def forget_quotes(session: Session, organisation_id: str, now: datetime) -> None:
    """Have quotes read no more."""
    known = positions.positions(session, organisation_id)
    for position in (known[one] for one in (ACCEPTED_QUOTES, QUOTE_CHANGES) if one in known):
        position.next_at, position.touched_at, position.problem = NEVER, now, None


def quotes_problem(session: Session, organisation_id: str) -> str | None:
    """Why quotes cannot be read just now; None: they can, or nobody wants them."""
    known = positions.positions(session, organisation_id)
    found = (known[one].problem for one in (ACCEPTED_QUOTES, QUOTE_CHANGES) if one in known)
    return next((problem for problem in found if problem), None)


def quotes_read(
    session: Session, position: SyncPosition, started: datetime, wanted_since: datetime | None, now: datetime
) -> None:
    """A reading of quotes is done. Those accepted by the first one are old; those accepted afterwards are news.

    ``wanted_since``: since when orders are to be confirmed; None: they are not any more. A first reading that began
    before it (somebody switched off and on again meanwhile) is made once more, and only after it what has changed.
    """
    first = position.resource == ACCEPTED_QUOTES
    if wanted_since is None or started < wanted_since:
        position.next_at = now if first and wanted_since else NEVER
    elif first:
        changes = session.get_one(SyncPosition, (position.organisation_id, QUOTE_CHANGES))
        changes.changed_since, changes.next_at = started - _MARGIN, now + _EVERY[QUOTE_CHANGES]


def due(app: App) -> list[str]:
    """Organisations of which something is to be read now, and nobody reads."""
    with app.database.read_across() as session:
        return positions.organisations_due(session, clock.now())


def progress(session: Session, organisation_id: str) -> list[Progress]:
    """How far the first import is, in its order; empty when it was never begun."""
    known = positions.positions(session, organisation_id)
    return [
        Progress(resource, position.read, position.expected, position.completed_at is not None)
        for resource in FIRST_IMPORT
        if (position := known.get(resource))
    ]


def next_time(resource: str, organisation: Organisation, now: datetime) -> datetime:
    """When a resource that was just read completely is to be read again."""
    if resource in _NIGHTLY:
        return _next_quiet_hour(organisation, now)
    return now + _EVERY[resource] if resource in _EVERY else NEVER


def patience(error: LedgerError, failures: int) -> timedelta:
    """How long to wait after an error, when it is the ``failures``-th in a row (counted from 0)."""
    if isinstance(error, RateLimited):
        return timedelta(seconds=error.retry_after)
    if isinstance(error, MissingScope | Refused | NotFound):
        return timedelta(hours=2)
    return timedelta(minutes=_BACKOFF_MINUTES[min(failures, len(_BACKOFF_MINUTES) - 1)])


def _new_position(organisation_id: str, resource: str, now: datetime) -> SyncPosition:
    changes = resource in (INVOICE_CHANGES, CONTACT_CHANGES)
    return SyncPosition(
        organisation_id=organisation_id,
        resource=resource,
        page=0,
        read=0,
        listed=False,
        failures=0,
        touched_at=now,
        next_at=now + _EVERY[resource] if changes else now,
        changed_since=now - _MARGIN if changes else None,
    )


def _next_quiet_hour(organisation: Organisation, now: datetime) -> datetime:
    """Between three and five at night where the organisation is; not the same minute for all."""
    zone = ZoneInfo(organisation.timezone)
    opens = datetime.combine(now.astimezone(zone).date(), _QUIET_FROM, zone)
    minutes = int(organisation.id[:8], 16) % _QUIET_MINUTES
    tonight = (opens + timedelta(minutes=minutes)).astimezone(UTC)
    return tonight if tonight > now else tonight + timedelta(days=1)
