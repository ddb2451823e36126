"""What the operator watches, counted over all organisations.

Asked every few seconds, so each query keeps to a partial index of what is not done yet: conditions are written out
where a database would otherwise not know that the index holds them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, or_, select
from sqlalchemy.orm import Session

from store.models import (
    Brake,
    Communication,
    Contact,
    InboxEvent,
    Installation,
    LedgerNote,
    Organisation,
    SyncPosition,
)

_PLANNED: ColumnElement[bool] = literal_column("communications.status = 'planned'")
_UNSETTLED: ColumnElement[bool] = literal_column("communications.status IN ('sending', 'unknown')")
_PENDING: ColumnElement[bool] = literal_column("ledger_notes.status = 'pending'")
_UNHANDLED: ColumnElement[bool] = literal_column("inbox_events.handled_at IS NULL")
_STANDING: ColumnElement[bool] = literal_column("brakes.released_at IS NULL")
_CONNECTED = Organisation.connection == "connected"
_CHASES = (_CONNECTED, Organisation.chasing.in_(("dry_run", "live")))


def inbox_waiting(session: Session) -> dict[str, tuple[int, datetime]]:
    """By sender: how many events wait, and since when the oldest does."""
    rows = session.execute(
        select(InboxEvent.source, func.count(), func.min(InboxEvent.received_at))
        .where(_UNHANDLED)
        .group_by(InboxEvent.source)
    )
    return {source: (count, oldest) for source, count, oldest in rows}


def chasers_unsettled(session: Session) -> dict[str, int]:
    """Chasers on their way or with an unknown end, by status."""
    planned = session.scalar(select(func.count()).select_from(Communication).where(_PLANNED)) or 0
    rows = session.execute(
        select(Communication.status, func.count()).where(_UNSETTLED).group_by(Communication.status)
    )
    return {"planned": planned, "sending": 0, "unknown": 0, **{status: count for status, count in rows}}  # noqa: C416  # rows are not pairs to mypy


def unknown_since(session: Session) -> datetime | None:
    """When the oldest chaser was handed over of which nobody knows whether it left."""
    return session.scalar(
        select(func.min(Communication.handed_over_at)).where(_UNSETTLED, Communication.status == "unknown")
    )


def notes_waiting(session: Session) -> tuple[int, datetime | None]:
    """How many notes are not in the ledger yet, and since when the oldest waits."""
    rows = session.execute(select(func.count(), func.min(LedgerNote.created_at)).where(_PENDING))
    count, oldest = rows.one()
    return count, oldest


def due_since(session: Session, now: datetime) -> dict[str, datetime | None]:
    """By kind of work: since when the oldest of it is due, None where nothing is. What has to wait is not due."""
    look = (
        select(func.min(Contact.next_look_at).label("at"))
        .where(Contact.organisation_id == Organisation.id, Contact.next_look_at <= now)
        .correlate(Organisation)
        .scalar_subquery()
    )
    may_send = (*_CHASES, or_(Organisation.retry_sending_at.is_(None), Organisation.retry_sending_at <= now))
    send = (
        select(func.min(Communication.planned_for))
        .join(Organisation, Organisation.id == Communication.organisation_id)
        .where(_PLANNED, Communication.planned_for <= now, *may_send)
    )
    notes = (
        select(func.min(LedgerNote.next_try_at))
        .join(Organisation, Organisation.id == LedgerNote.organisation_id)
        .where(_PENDING, LedgerNote.next_try_at <= now, _CONNECTED)
    )
    sync = (
        select(func.min(SyncPosition.next_at))
        .join(Organisation, Organisation.id == SyncPosition.organisation_id)
        .where(SyncPosition.next_at <= now, _CONNECTED)
    )
    looks = [at for at in session.scalars(select(look).where(*_CHASES)) if at is not None]
    return {
        "plan": min(looks, default=None),
        "send": session.scalar(send),
        "notes": session.scalar(notes),
        "sync": session.scalar(sync),
    }


def brakes_standing(session: Session) -> dict[str, int]:
    """By kind: of how many organisations chasers are held."""
    rows = session.execute(select(Brake.kind, func.count()).where(_STANDING).group_by(Brake.kind))
    return {kind: count for kind, count in rows}  # noqa: C416  # rows are not pairs to mypy


def installation(session: Session) -> tuple[datetime | None, bool]:
    """When a clock process last ticked, and whether all mail is stopped."""
    rows = session.execute(select(Installation.ticked_at, Installation.stopped_at))
    found = rows.first()
    return (found[0], found[1] is not None) if found else (None, False)


def connections(session: Session) -> dict[str, int]:
    """Organisations by the state of their connection."""
    rows = session.execute(select(Organisation.connection, func.count()).group_by(Organisation.connection))
    return {state: count for state, count in rows}  # noqa: C416  # rows are not pairs to mypy


def connected_tenants(session: Session) -> dict[str, str]:
    """The ledger's tenant of each connected organisation, by the organisation's id."""
    rows = session.execute(
        select(Organisation.id, Organisation.ledger_tenant_id).where(_CONNECTED).order_by(Organisation.id)
    )
    return {organisation_id: tenant for organisation_id, tenant in rows}  # noqa: C416  # rows are not pairs to mypy
