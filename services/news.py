"""News from the ledger's webhooks, one tenant at a time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from integration.ledger import Lane, Ledger, LedgerError, RateLimited
from kit import clock
from kit.ids import new_id
from kit.turns import SLICE_SECONDS
from kit.wording import N_
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from services.mirror import strangers
from services.mirror.events import Follower, News, NotOurs, read_event
from store.models import Organisation
from store.queries import inbox, leases

log = logging.getLogger(__name__)

LEDGER = "xero"
EVENTS_AT_ONCE = 20_000
"""Small things, and the more of them are seen together, the fewer documents are asked for twice."""
_LEASE_SECONDS = 60.0
_UNREACHABLE_WAIT = timedelta(seconds=30)
_KEPT = timedelta(days=40)
"""The ledger repeats deliveries for 31 days; so long an event must be known again."""


def waiting(app: App) -> list[str]:
    """Tenants with events that are due and that nobody follows."""
    with app.database.read_across() as session:
        return inbox.tenants_waiting(session, LEDGER, clock.now())


def organisation_id(app: App, tenant: str) -> str | None:
    """Whose events these are; None if it is nobody's we know."""
    with app.database.read_across() as session:
        organisation = inbox.organisation_of(session, LEDGER, tenant)
    return organisation.id if organisation else None


def handle(app: App, tenant: str) -> bool:
    """Follow the events of a tenant that are due, for a while. True if there are more."""
    with app.database.read_across() as session:
        if inbox.is_busy(session, tenant, clock.now()):
            return False
        organisation = inbox.organisation_of(session, LEDGER, tenant)
    if organisation is None or organisation.connection != "connected":
        _dismiss(app, tenant, organisation)
        return False
    try:
        with ledger_errors_noted(app, organisation.id):
            return follow(app, tenant, organisation.id, open_ledger(app, organisation.id, Lane.NEWS))
    except LedgerError as error:
        put_off(app, tenant, error)
        return False


def follow(
    app: App, tenant: str, organisation_id: str, ledger: Ledger, seconds: float = SLICE_SECONDS
) -> bool:
    """Follow the tenant's events with this ledger for so long; True if there are more.

    Nothing happens while somebody else follows them. Strangers that are left over are for the sync to ask for.
    """
    renew = _Lease(app, inbox.LEASE_PREFIX + tenant, new_id())
    try:
        renew()
        until = clock.stopwatch() + seconds
        follower = Follower(app, organisation_id, ledger, renew, until)
        while events := _due(app, tenant):
            if clock.stopwatch() > until:
                return True
            follower.follow(events)
            while clock.stopwatch() < until and strangers.fetch_some(app, organisation_id, ledger):
                renew()
        return False
    except NotOurs:
        return False
    finally:
        renew.release()


def tidy(app: App) -> None:
    """Forget events that were handled so long ago that the ledger repeats them no more."""
    with app.database.write_across() as session:
        inbox.forget_handled(session, LEDGER, clock.now() - _KEPT)


@dataclass(frozen=True, slots=True)
class _Lease:
    """Called before each call to the ledger; a killed worker's lease is over within a minute."""

    app: App
    name: str
    holder: str

    def __call__(self) -> None:
        with self.app.database.write_across() as session:
            if not leases.take(session, self.name, self.holder, clock.now(), _LEASE_SECONDS):
                raise NotOurs

    def release(self) -> None:
        with self.app.database.write_across() as session:
            leases.release(session, self.name, self.holder)


def _due(app: App, tenant: str) -> list[News]:
    with app.database.read_across() as session:
        events = inbox.events_due(session, LEDGER, tenant, clock.now(), EVENTS_AT_ONCE)
    return [read_event(event) for event in events]


def _dismiss(app: App, tenant: str, organisation: Organisation | None) -> None:
    """Nobody can ask the ledger about these events. Whoever reconnects reads everything that changed."""
    state = (
        N_(f"the organisation is not connected ({organisation.connection})")
        if organisation
        else N_("no such organisation")
    )
    now = clock.now()
    with app.database.write_across() as session:
        inbox.settle_tenant(session, LEDGER, tenant, N_(f"not followed: {state}"), now)


def put_off(app: App, tenant: str, error: LedgerError) -> None:
    """The ledger cannot be asked anything now. That is not the events' fault and does not count against them.

    They wait all together, by a lease that nobody holds, because there may be a million of them.
    """
    log.info("the events of %s wait: %s", tenant, error)
    wait = timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else _UNREACHABLE_WAIT
    seconds = min(wait, inbox.LONGEST_WAIT).total_seconds()
    with app.database.write_across() as session:
        leases.take(session, inbox.LEASE_PREFIX + tenant, new_id(), clock.now(), seconds)
