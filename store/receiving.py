"""Storing what a sender tells us before we acknowledge it: quickly, durably, or not at all.

Senders wait a few seconds and try again later, so this waits for no one longer than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from store.database import Database
from store.models import InboxEvent


class Unavailable(Exception):
    """Nothing was stored: the database is away, full, or was busy for too long."""


class NewEvent(TypedDict):
    """A row of the inbox. ``handled_at`` and ``outcome`` are set at once for what cannot be followed."""

    source: str
    key: str
    tenant: str | None
    payload: bytes
    received_at: datetime
    next_try_at: datetime
    handled_at: datetime | None
    outcome: str | None


_INSERTS = {
    "postgresql": postgresql.insert(InboxEvent.__table__).inline().on_conflict_do_nothing(),  # type: ignore[arg-type]  # a declared table is a Table
    "sqlite": sqlite.insert(InboxEvent.__table__).inline().on_conflict_do_nothing(),  # type: ignore[arg-type]  # a declared table is a Table
}
_TOGETHER = {"postgresql": "READ COMMITTED", "sqlite": "SERIALIZABLE"}
"""How several statements become one commit."""


def receive(database: Database, events: Sequence[NewEvent]) -> int:
    """Store those that are new, in one commit; returns how many were. Raises ``Unavailable``."""
    if not events:
        return 0
    rows = [{**event, "attempts": 0} for event in events]
    try:
        return _insert_or_repeat(database, rows)
    except SQLAlchemyError as error:
        raise Unavailable(type(error).__name__) from error


def _insert_or_repeat(database: Database, rows: list[dict[str, Any]]) -> int:
    """Repeating is harmless; after a restart of the server the pool forgets its connections at the first failure."""
    try:
        return _insert(database, rows)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _insert(database, rows)


def _insert(database: Database, rows: list[dict[str, Any]]) -> int:
    """A single event is a single statement, and so a single round trip."""
    statement = _INSERTS[database.dialect]
    with database.receiving.connect() as connection:
        if len(rows) == 1:
            return connection.execute(statement, rows[0]).rowcount
        together = connection.execution_options(isolation_level=_TOGETHER[database.dialect])
        with together.begin():
            return together.execute(statement, rows).rowcount
