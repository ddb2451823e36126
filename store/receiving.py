"""Storing what a sender tells us before we acknowledge it: quickly, durably, or not at all.

Senders wait a few seconds and try again later, so this waits for no one longer than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypedDict

from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kit import clock
from kit.together import TookTooLong
from store.database import PATIENCE_MILLISECONDS, Database
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


_SQLITE = sqlite.insert(InboxEvent.__table__).inline().on_conflict_do_nothing()  # type: ignore[arg-type]  # a declared table is a Table
_COLUMNS = {
    "source": "text",
    "key": "text",
    "tenant": "text",
    "payload": "bytea",
    "received_at": "timestamptz",
    "next_try_at": "timestamptz",
    "handled_at": "timestamptz",
    "outcome": "text",
    "attempts": "integer",
}
_INTO = f"INSERT INTO inbox_events ({', '.join(_COLUMNS)})"
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())
_MANY = f"{_INTO} SELECT * FROM unnest({_ARRAYS}) ON CONFLICT DO NOTHING"  # noqa: S608  # names of our own
"""However many rows come: one statement, always the same, and so one round trip and one commit."""
_FEW = 32
"""Up to so many rows are sent as values, which is less work than arrays; more would need a long statement."""


def receive(database: Database, events: Sequence[NewEvent]) -> int:
    """Store those that are new, in one commit, perhaps together with what others bring at this moment.

    Returns how many were new of all that was stored with them. Raises ``Unavailable``.
    """
    if not events:
        return 0
    rows = [{**event, "attempts": 0} for event in events]
    try:
        return database.intake.bring(
            rows, lambda gathered: _insert_or_repeat(database, [row for rows in gathered for row in rows])
        )
    except (SQLAlchemyError, TookTooLong) as error:
        raise Unavailable(type(error).__name__) from error


def _insert_or_repeat(database: Database, rows: list[dict[str, Any]]) -> int:
    """Repeating is harmless; after a restart of the server the pool forgets its connections at the first failure."""
    until = clock.stopwatch() + PATIENCE_MILLISECONDS / 1000
    while True:
        try:
            return _insert(database, rows)
        except DBAPIError as error:
            if not error.connection_invalidated and not _is_busy(error):
                raise
            if clock.stopwatch() > until:
                raise


def _is_busy(error: DBAPIError) -> bool:
    """Whether somebody else writes to the SQLite file at this moment."""
    return getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _insert(database: Database, rows: list[dict[str, Any]]) -> int:
    with database.receiving.connect() as connection:
        if database.dialect == "postgresql":
            return connection.exec_driver_sql(*_in_one_statement(rows)).rowcount
        if len(rows) == 1:
            return connection.execute(_SQLITE, rows[0]).rowcount
        together = connection.execution_options(isolation_level="SERIALIZABLE")
        with together.begin():
            return together.execute(_SQLITE, rows).rowcount


def _in_one_statement(rows: list[dict[str, Any]]) -> tuple[str, tuple[Any, ...]]:
    """All of these rows for PostgreSQL, with their values."""
    if len(rows) > _FEW:
        return _MANY, tuple([row[name] for row in rows] for name in _COLUMNS)
    return _values(len(rows)), tuple(row[name] for row in rows for name in _COLUMNS)


@cache
def _values(rows: int) -> str:
    """Built once for each number of rows; the server prepares each, too."""
    row = f"({', '.join(['%s'] * len(_COLUMNS))})"
    return f"{_INTO} VALUES {', '.join([row] * rows)} ON CONFLICT DO NOTHING"
