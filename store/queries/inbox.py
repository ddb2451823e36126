"""Events that came in and wait to be followed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from store.models import InboxEvent, Lease, Organisation

LEASE_PREFIX = "news:"
"""Before the tenant, the name of the lease under which its events are followed."""


def tenants_waiting(session: Session, source: str, now: datetime) -> list[str]:
    """Tenants with events that are due and that nobody follows at this moment."""
    busy = select(Lease.name).where(Lease.name == LEASE_PREFIX + InboxEvent.tenant, Lease.until > now)
    found = session.scalars(
        select(InboxEvent.tenant)
        .where(InboxEvent.source == source, InboxEvent.tenant.is_not(None), _due(now), ~busy.exists())
        .distinct()
    )
    return [tenant for tenant in found if tenant is not None]


def events_due(session: Session, source: str, tenant: str, now: datetime, limit: int) -> Sequence[InboxEvent]:
    """The tenant's events that are due, oldest first."""
    return session.scalars(
        select(InboxEvent)
        .where(InboxEvent.source == source, InboxEvent.tenant == tenant, _due(now))
        .order_by(InboxEvent.id)
        .limit(limit)
    ).all()


def settle(session: Session, event_ids: Collection[int], outcome: str, now: datetime) -> None:
    """These events are done with."""
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.id.in_(event_ids))
        .values(handled_at=now, outcome=outcome)
        .execution_options(synchronize_session=False)
    )


def try_later(
    session: Session, event_ids: Collection[int], at: datetime, outcome: str, *, attempts: int
) -> None:
    """These events are to be tried again; ``attempts`` more count against them."""
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.id.in_(event_ids))
        .values(next_try_at=at, outcome=outcome, attempts=InboxEvent.attempts + attempts)
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


def put_off_tenant(
    session: Session, source: str, tenant: str, now: datetime, at: datetime, outcome: str
) -> None:
    """All events of this tenant that are due wait until then."""
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.source == source, InboxEvent.tenant == tenant, _due(now))
        .values(next_try_at=at, outcome=outcome)
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
