"""The database: one engine a process, short transactions, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from psycopg import ServerCursor
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session, SessionTransaction

from kit.errors import UserError
from kit.settings import Settings
from kit.together import Together
from store import audit
from store.among import READ_ANEW
from store.row_security import announce

PATIENCE_MILLISECONDS = 2_000
"""How long storing what came in may wait: senders give up after a few seconds and come again."""

GLANCE_MILLISECONDS = 8
"""How long each try of it waits on SQLite; it is tried again until the patience is at its end."""

_BUSY_MILLISECONDS = 15_000
_CHECKPOINT_PAGES = 10_000
"""SQLite's log may grow to some 40 MB before it is worked off, so that not every chunk of a plan pays for that."""
_LONG_LIST = 50
"""So many values in one statement are a list of ids …"""
_LENGTH_OF_ID = 33
"""… which may be one text, with commas (``store.among``)."""
_TEXTS = "texts"


class _OwnSession(Session):
    """A session about the rows of one organisation, or of all (None)."""

    def __init__(self, engine: Engine, organisation_id: str | None, info: dict[str, bool]) -> None:
        super().__init__(engine, expire_on_commit=False, info=info)
        self.organisation_id = organisation_id


@event.listens_for(_OwnSession, "after_begin")
def _announce(session: _OwnSession, _transaction: SessionTransaction, connection: Connection) -> None:
    announce(connection, session.organisation_id)


audit.listen(_OwnSession)


def sends_texts(session: Session) -> bool:
    """Whether this installation can send text messages, which its settings say and the rules have to know."""
    return bool(session.info.get(_TEXTS))


class Database:
    """Opens transactions. ``read`` for looking, ``write`` for one change; nothing below the caller commits.

    Each says whose rows it is about. On PostgreSQL the database then shows no others, even to a query that forgot
    its filter (``store.row_security``). What belongs to no organisation (people, leases, the inbox) all can reach.
    """

    def __init__(self, url: str, *, texts: bool = False) -> None:
        self._info = {_TEXTS: texts}
        self.engine = _engine(url)
        audit.watch(self.engine)
        self._writing = self.engine.execution_options(dunnock_write=True)

    @contextmanager
    def read(self, organisation_id: str) -> Iterator[Session]:
        """A session for looking at one organisation's rows. What was read stays usable after it; changes are dropped."""
        with _OwnSession(self.engine, organisation_id, self._info) as session:
            yield session

    @contextmanager
    def read_across(self) -> Iterator[Session]:
        """A session for looking at the rows of all: to find what is due, who signs in, what came in."""
        with _OwnSession(self.engine, None, self._info) as session:
            yield session

    @contextmanager
    def write(self, organisation_id: str) -> Iterator[Session]:
        """A session whose changes to one organisation's rows are committed together at the end, or not at all."""
        with _OwnSession(self._writing, organisation_id, self._info) as session, session.begin():
            yield session

    @contextmanager
    def write_across(self) -> Iterator[Session]:
        """A session that changes rows of several organisations or of none, together or not at all."""
        with _OwnSession(self._writing, None, self._info) as session, session.begin():
            yield session

    @cached_property
    def intake(self) -> Together[list[dict[str, Any]], int]:
        """Where what comes in at the same time gathers, to be stored by one commit."""
        return Together(PATIENCE_MILLISECONDS / 1000, apart=DataError)

    @cached_property
    def receiving(self) -> Engine:
        """For what comes in: every statement is a commit of its own, and gives up soon."""
        if self.dialect == "sqlite":
            return _receiving_file(self.engine.url)
        return create_engine(
            self.engine.url,
            isolation_level="AUTOCOMMIT",
            pool_size=5,
            max_overflow=15,
            connect_args={"connect_timeout": 2, "options": f"-c statement_timeout={PATIENCE_MILLISECONDS}"},
        )

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    def close(self) -> None:
        """Give back all connections, for example before a fork or at the end of a test."""
        self.engine.dispose()
        if "receiving" in self.__dict__:
            self.receiving.dispose()


def open_database(settings: Settings) -> Database:
    """The database that the settings name; makes the folder of an SQLite file."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        _prepare_file(Path(url.database))
    return Database(settings.database_url, texts=settings.texts)


def _prepare_file(path: Path) -> None:
    """An empty file that only its owner can read, where there is none; what SQLite puts beside it gets the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The database file {path} cannot be made ({error.strerror}): check VAR_DIR and DATABASE_URL."
        ) from None


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=5, max_overflow=15, connect_args={"connect_timeout": 5}
    )
    event.listen(engine, "do_execute", _plan_long_lists_anew)
    return engine


def _plan_long_lists_anew(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """PostgreSQL plans a long list of ids anew each time it is asked for one.

    From a statement's tenth time on it takes one plan for any values. It looks values up in a list that it knows, and
    compares each row with all of a list that it does not know: 500 ids in 10,000 rows took 350 ms instead of 2.
    """
    if context.isinsert or isinstance(cursor, ServerCursor) or not _has_long_list(statement, parameters):
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def _has_long_list(statement: str, parameters: Any) -> bool:
    if len(parameters) >= _LONG_LIST:
        return True
    return READ_ANEW in statement and any(
        isinstance(one, str) and len(one) > _LONG_LIST * _LENGTH_OF_ID for one in parameters.values()
    )


def _receiving_file(url: URL) -> Engine:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "connect", _hurry_sqlite)
    return engine


def _hurry_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """SQLite's own patience sleeps longer from try to try, and misses the gaps that a long plan leaves for others."""
    connection.execute(f"PRAGMA busy_timeout={GLANCE_MILLISECONDS}")


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """WAL, real durability at each commit, foreign keys held, and transactions begun by us alone."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once: SQLite refuses to upgrade a reader, whatever the busy time-out."""
    writing = connection.get_execution_options().get("dunnock_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
