"""News from the ledger's webhooks, one tenant at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from integration.ledger import Lane, Ledger, LedgerError, RateLimited
from kit import clock
from kit.ids import new_id
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from services.mirror import strangers
from services.mirror.events import Follower, News, read_event
from store.models import Organisation
from store.queries import inbox, leases

LEDGER = "xero"
EVENTS_AT_ONCE = 2_000
_LEASE_SECONDS = 60.0
_SECONDS_A_JOB = 60.0
_UNREACHABLE_WAIT = timedelta(seconds=30)
_KEPT = timedelta(days=40)
"""The ledger repeats deliveries for 31 days; so long an event must be known again."""


def waiting(app: App) -> list[str]:
    """Tenants with events that are due and that nobody follows."""
    with app.database.read() as session:
        return inbox.tenants_waiting(session, LEDGER, clock.now())


def handle(app: App, tenant: str) -> None:
    """Follow all events of a tenant that are due."""
    with app.database.read() as session:
        organisation = inbox.organisation_of(session, LEDGER, tenant)
    if organisation is None or organisation.connection != "connected":
        _dismiss(app, tenant, organisation)
        return
    try:
        with ledger_errors_noted(app, organisation.id):
            follow(app, tenant, organisation.id, open_ledger(app, organisation.id, Lane.NEWS))
    except LedgerError as error:
        put_off(app, tenant, error)


def follow(app: App, tenant: str, organisation_id: str, ledger: Ledger) -> None:
    """Follow the tenant's events with this ledger. Nothing happens while somebody else does."""
    renew = _Lease(app, inbox.LEASE_PREFIX + tenant, new_id())
    try:
        renew()
        until = clock.stopwatch() + _SECONDS_A_JOB
        follower = Follower(app, organisation_id, ledger, renew)
        while (events := _due(app, tenant)) and clock.stopwatch() < until:
            follower.follow(events)
            strangers.fetch(app, organisation_id, ledger)
    except _LeaseLost:
        return
    finally:
        renew.release()


def tidy(app: App) -> None:
    """Forget events that were handled so long ago that the ledger repeats them no more."""
    with app.database.write() as session:
        inbox.forget_handled(session, LEDGER, clock.now() - _KEPT)


class _LeaseLost(Exception):
    """Somebody else follows this tenant's events."""


@dataclass(frozen=True, slots=True)
class _Lease:
    """Called before each call to the ledger; a killed worker's lease is over within a minute."""

    app: App
    name: str
    holder: str

    def __call__(self) -> None:
        with self.app.database.write() as session:
            if not leases.take(session, self.name, self.holder, clock.now(), _LEASE_SECONDS):
                raise _LeaseLost

    def release(self) -> None:
        with self.app.database.write() as session:
            leases.release(session, self.name, self.holder)


def _due(app: App, tenant: str) -> list[News]:
    with app.database.read() as session:
        events = inbox.events_due(session, LEDGER, tenant, clock.now(), EVENTS_AT_ONCE)
    return [read_event(event) for event in events]


def _dismiss(app: App, tenant: str, organisation: Organisation | None) -> None:
    """Nobody can ask the ledger about these events. Whoever reconnects reads everything that changed."""
    state = (
        f"the organisation is not connected ({organisation.connection})"
        if organisation
        else "no such organisation"
    )
    now = clock.now()
    with app.database.write() as session:
        inbox.settle_tenant(session, LEDGER, tenant, f"not followed: {state}", now)


def put_off(app: App, tenant: str, error: LedgerError) -> None:
    """The ledger cannot be asked anything now. That is not the events' fault and does not count against them."""
    now = clock.now()
    wait = timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else _UNREACHABLE_WAIT
    with app.database.write() as session:
        inbox.put_off_tenant(session, LEDGER, tenant, now, now + wait, str(error))
