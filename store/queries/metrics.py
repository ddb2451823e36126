"""What the operator watches, counted over all organisations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models import Communication, InboxEvent, LedgerNote, Organisation


def inbox_waiting(session: Session) -> dict[str, tuple[int, datetime]]:
    """By sender: how many events wait, and since when the oldest does."""
    rows = session.execute(
        select(InboxEvent.source, func.count(), func.min(InboxEvent.received_at))
        .where(InboxEvent.handled_at.is_(None))
        .group_by(InboxEvent.source)
    )
    return {source: (count, oldest) for source, count, oldest in rows}


def chasers_unsettled(session: Session) -> dict[str, int]:
    """Chasers on their way or with an unknown end, by status."""
    rows = session.execute(
        select(Communication.status, func.count())
        .where(Communication.status.in_(("planned", "sending", "unknown")))
        .group_by(Communication.status)
    )
    return {status: count for status, count in rows}  # noqa: C416  # rows are not pairs to mypy


def notes_waiting(session: Session) -> int:
    """Notes that are not in the ledger yet."""
    return session.scalar(select(func.count()).where(LedgerNote.status == "pending")) or 0


def connections(session: Session) -> dict[str, int]:
    """Organisations by the state of their connection."""
    rows = session.execute(select(Organisation.connection, func.count()).group_by(Organisation.connection))
    return {state: count for state, count in rows}  # noqa: C416  # rows are not pairs to mypy
