"""Stages that many tests begin with are filled once and put back as they were, which takes a fraction of filling them.

    cast = kept.stage(database, "cast", lambda: cast.fill(database))

A stage is filled anew with every minute of the clock, because its dates are counted from that moment: what a test sees
is never older than a minute, and of the same day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar, cast

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import URL

from kit import clock
from store.database import Database
from store.models import Base

_NOTHING = 21
"""So many bytes has a table without rows in PostgreSQL's binary form."""
Told = TypeVar("Told")


class _Copy(Protocol):
    """What a stage was filled with."""

    def put_back(self, url: URL) -> None:
        """Into an empty database at this address."""

    def forget(self) -> None: ...


@dataclass(frozen=True)
class _Kept:
    """A copy of a stage, what its filler told about it, and the minute of its dates."""

    minute: datetime
    told: object
    copy: _Copy


_stages: dict[tuple[str, str], _Kept] = {}


def stage(database: Database, name: str, fill: Callable[[], Told]) -> Told:
    """Fill an empty database, or put back what this ``fill`` has put into one of its kind within the same minute.

    What ``fill`` tells must follow from the rows alone, and it must do nothing beside them.
    """
    minute = clock.now().replace(second=0, microsecond=0)
    key = (database.dialect, name)
    if found := _stages.get(key):
        if found.minute == minute:
            found.copy.put_back(database.engine.url)
            return cast("Told", found.told)
        _stages.pop(key).copy.forget()
    told = fill()
    copy = _File if database.dialect == "sqlite" else _Rows
    _stages[key] = _Kept(minute, told, copy(database.engine.url))
    return told


class _File:
    """All pages of an SQLite file."""

    def __init__(self, url: URL) -> None:
        self._memory = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(str(url.database))) as filled:
            filled.backup(self._memory)

    def put_back(self, url: URL) -> None:
        with closing(sqlite3.connect(str(url.database))) as empty:
            self._memory.backup(empty)

    def forget(self) -> None:
        self._memory.close()


class _Rows:
    """The rows of every table of a PostgreSQL database, and how far its sequences have counted."""

    def __init__(self, url: URL) -> None:
        self._tables: dict[str, bytes] = {}
        with _operator(url) as connection, connection.cursor() as cursor:
            for table in Base.metadata.tables:
                with cursor.copy(SQL("COPY {} TO STDOUT (FORMAT binary)").format(Identifier(table))) as out:
                    content = b"".join(bytes(part) for part in out)
                if len(content) > _NOTHING:
                    self._tables[table] = content
            self._counted = cursor.execute(
                "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"
            ).fetchall()

    def put_back(self, url: URL) -> None:
        with _operator(url) as connection, connection.cursor() as cursor:
            # Foreign keys are checked by triggers, which this role leaves out; they held when it was filled.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, content in self._tables.items():
                with cursor.copy(SQL("COPY {} FROM STDIN (FORMAT binary)").format(Identifier(table))) as into:
                    into.write(content)
            for sequence, value in self._counted:
                cursor.execute("SELECT setval(%s, %s)", (sequence, value))

    def forget(self) -> None:
        self._tables.clear()


def _operator(url: URL) -> psycopg.Connection:
    """A connection that row security does not hold."""
    address = url.set(drivername="postgresql", username="postgres")
    return psycopg.connect(address.render_as_string(hide_password=False))
