"""Events that nobody could handle, kept until a person has them tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from store.models import InboxEvent

_IS_PARKED: ColumnElement[bool] = literal_column("substr(inbox_events.outcome, 1, 7) = 'parked:'")
_HAS_SOMEBODY = or_(InboxEvent.source != "xero", InboxEvent.tenant.is_not(None))
"""News of the ledger is followed tenant by tenant; without one it would wait for ever."""


def count(session: Session, since: datetime) -> dict[str, int]:
    """By sender: how many were parked since then and can be tried again."""
    rows = session.execute(
        select(InboxEvent.source, func.count())
        .where(_IS_PARKED, _HAS_SOMEBODY, InboxEvent.handled_at >= since)
        .group_by(InboxEvent.source)
    )
    return {source: number for source, number in rows}  # noqa: C416  # rows are not pairs to mypy


def release(session: Session, now: datetime) -> int:
    """Have all of them tried again from the beginning; how many there were."""
    result: CursorResult[Any] = session.connection().execute(
        update(InboxEvent)
        .where(_IS_PARKED, _HAS_SOMEBODY)
        .values(handled_at=None, outcome=None, attempts=0, next_try_at=now)
    )
    return result.rowcount
