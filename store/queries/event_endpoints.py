"""The addresses to which events are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from store.models import EventEndpoint, FeedEvent

ON, OFF, PAUSED = "on", "off", "paused"


def listed(session: Session, organisation_id: str) -> Sequence[EventEndpoint]:
    """All of an organisation, by when they were added."""
    return session.scalars(
        select(EventEndpoint)
        .where(EventEndpoint.organisation_id == organisation_id)
        .order_by(EventEndpoint.created_at, EventEndpoint.id)
    ).all()


def locked(session: Session, organisation_id: str, endpoint_id: str) -> EventEndpoint | None:
    """One of them, which nobody else changes until the end of the transaction."""
    return session.scalars(
        select(EventEndpoint)
        .where(EventEndpoint.organisation_id == organisation_id, EventEndpoint.id == endpoint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def with_secrets(session: Session) -> Sequence[EventEndpoint]:
    """Those of all organisations."""
    return session.scalars(select(EventEndpoint)).all()


def organisations_to_serve(session: Session, now: datetime) -> Sequence[str]:
    """Organisations with something to send to an address whose time has come."""
    found = select(EventEndpoint.organisation_id).where(_is_due(now)).distinct()
    return session.scalars(found.order_by(EventEndpoint.organisation_id)).all()


def next_due(session: Session, organisation_id: str, now: datetime) -> EventEndpoint | None:
    """The address that has waited longest for something that is there, locked."""
    return session.scalars(
        select(EventEndpoint)
        .where(EventEndpoint.organisation_id == organisation_id, _is_due(now))
        .order_by(EventEndpoint.next_try_at, EventEndpoint.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _is_due(now: datetime) -> ColumnElement[bool]:
    waiting = select(FeedEvent.id).where(FeedEvent.organisation_id == EventEndpoint.organisation_id)
    unnumbered = waiting.where(FeedEvent.position.is_(None)).exists()
    behind = waiting.where(FeedEvent.position > EventEndpoint.position).exists()
    return (EventEndpoint.state == ON) & (EventEndpoint.next_try_at <= now) & (unnumbered | behind)
