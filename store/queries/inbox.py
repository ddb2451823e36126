"""Events that came in and wait to be followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from store.models import InboxEvent, Lease, Organisation
from store.queries.batches import slices

LEASE_PREFIX = "news:"
"""Before the tenant, the name of the lease under which its events are followed, or wait for the ledger."""
LONGEST_WAIT = timedelta(hours=1)
"""For so long a tenant's events wait at most; a lease for longer was taken before a clock was set back."""
_MOST_BYTES = 8 * 1024 * 1024


class Told(NamedTuple):
    """An event as it came, and how often it was tried."""

    id: int
    payload: bytes
    received_at: datetime
    attempts: int


def tenants_waiting(session: Session, source: str, now: datetime) -> list[str]:
    """Tenants with events that are due and that nobody follows at this moment.

    Goes from tenant to tenant, so that a million events of one cost no more than one event of each.
    """
    tenant = _tenants(source).c.tenant
    busy = _lease(LEASE_PREFIX + tenant, now)
    due = select(InboxEvent.id).where(InboxEvent.source == source, InboxEvent.tenant == tenant, _due(now))
    return list(session.scalars(select(tenant).where(tenant.is_not(None), ~busy.exists(), due.exists())))


def is_busy(session: Session, tenant: str, now: datetime) -> bool:
    """Whether somebody follows this tenant's events, or they wait for the ledger."""
    return session.scalar(_lease(LEASE_PREFIX + tenant, now)) is not None


def _lease(name: Any, now: datetime) -> Select[str]:
    return select(Lease.name).where(Lease.name == name, Lease.until > now, Lease.until <= now + LONGEST_WAIT)


def _tenants(source: str) -> CTE:
    """Every tenant with a waiting event, and a NULL at the end."""

    def least() -> Select[str | None]:
        return select(func.min(InboxEvent.tenant).label("tenant")).where(
            InboxEvent.source == source, InboxEvent.handled_at.is_(None)
        )

    tenants = least().cte("tenants", recursive=True)
    following = least().where(InboxEvent.tenant > tenants.c.tenant).scalar_subquery()
    return tenants.union_all(select(following).where(tenants.c.tenant.is_not(None)))


def events_due(session: Session, source: str, tenant: str, now: datetime, limit: int) -> list[Told]:
    """The tenant's events that are due, oldest first; so many, or fewer if they are large."""
    rows = session.execute(
        select(InboxEvent.id, InboxEvent.payload, InboxEvent.received_at, InboxEvent.attempts)
        .where(InboxEvent.source == source, InboxEvent.tenant == tenant, _due(now))
        .order_by(InboxEvent.id)
        .limit(limit)
        .execution_options(yield_per=500)
    )
    found: list[Told] = []
    size = 0
    for row in rows:
        found.append(Told(*row))
        size += len(row.payload)
        if size > _MOST_BYTES:
            break
    rows.close()
    return found


def settle(session: Session, event_ids: Sequence[int], outcome: str, now: datetime) -> None:
    """These events are done with."""
    for ids in slices(event_ids):
        session.execute(
            update(InboxEvent)
            .where(InboxEvent.id.in_(ids))
            .values(handled_at=now, outcome=outcome)
            .execution_options(synchronize_session=False)
        )


def try_later(session: Session, event_ids: Sequence[int], at: datetime, outcome: str) -> None:
    """These events failed once more, and are to be tried again then."""
    for ids in slices(event_ids):
        session.execute(
            update(InboxEvent)
            .where(InboxEvent.id.in_(ids))
            .values(next_try_at=at, outcome=outcome, attempts=InboxEvent.attempts + 1)
            .execution_options(synchronize_session=False)
        )


def settle_tenant(session: Session, source: str, tenant: str, outcome: str, now: datetime) -> None:
    """All waiting events of this tenant are done with."""
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.source == source, InboxEvent.tenant == tenant, InboxEvent.handled_at.is_(None))
        .values(handled_at=now, outcome=outcome)
        .execution_options(synchronize_session=False)
    )


def forget_handled(session: Session, source: str, before: datetime) -> None:
    """Delete events that were handled before this moment."""
    session.execute(
        delete(InboxEvent)
        .where(InboxEvent.source == source, InboxEvent.handled_at < before)
        .execution_options(synchronize_session=False)
    )


def organisation_of(session: Session, ledger: str, tenant: str) -> Organisation | None:
    """The organisation of a ledger's tenant; tenants are compared without case."""
    return session.scalar(
        select(Organisation).where(
            Organisation.ledger == ledger, func.lower(Organisation.ledger_tenant_id) == tenant.lower()
        )
    )


def _due(now: datetime) -> ColumnElement[bool]:
    """Waiting and due; an event from what is now the future came before the clock was set back."""
    return InboxEvent.handled_at.is_(None) & or_(InboxEvent.next_try_at <= now, InboxEvent.received_at > now)
