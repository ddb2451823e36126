"""The tray of mails that nobody could place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session, defer

from store.models import StrayMail
from store.queries.upsert import insert_new

_WAITS: ColumnElement[bool] = literal_column("stray_mails.state = 'waiting'")
"""Written out, so that both databases can use the partial index."""


def add(session: Session, **values: object) -> None:
    """A mail; one that is there already stays as it is."""
    session.connection().execute(insert_new(session, StrayMail), values)


def one(session: Session, organisation_id: str, stray_id: str) -> StrayMail | None:
    """A mail, locked."""
    return session.scalars(
        select(StrayMail)
        .where(StrayMail.organisation_id == organisation_id, StrayMail.id == stray_id)
        .with_for_update()
    ).one_or_none()


def count_waiting(session: Session, organisation_id: str) -> int:
    """How many wait for a person."""
    statement = select(func.count()).where(StrayMail.organisation_id == organisation_id, _WAITS)
    return session.scalar(statement) or 0


def waiting(
    session: Session, organisation_id: str, limit: int, *, before: tuple[datetime, str] | None = None
) -> Sequence[StrayMail]:
    """Those that wait, the newest first, without the mails as they came; ``before``: moment and id of the last seen."""
    statement = select(StrayMail).where(StrayMail.organisation_id == organisation_id, _WAITS)
    if before:
        at, stray_id = before
        same = (StrayMail.received_at == at) & (StrayMail.id < stray_id)
        statement = statement.where((StrayMail.received_at < at) | same)
    order = (StrayMail.received_at.desc(), StrayMail.id.desc())
    return session.scalars(statement.options(defer(StrayMail.payload)).order_by(*order).limit(limit)).all()
