"""Brings the database to the newest schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from kit.errors import UserError
from kit.settings import ROOT
from store.database import Database

_LOCK = 0x64756E6E6F636B
"""What upgraders of one PostgreSQL database wait for."""
_PATIENCE_SECONDS = 5
_LOCK_NOT_AVAILABLE = "55P03"


def upgrade(database: Database) -> None:
    """Run all migrations that are missing; ``UserError`` when the database cannot be reached.

    Whoever else is upgrading this database is waited for. Killed in the middle, it leaves whole migrations behind
    (PostgreSQL) or nothing (SQLite), and is run again.
    """
    try:
        with (
            database.engine.connect().execution_options(dunnock_write=True) as connection,
            _alone(connection),
        ):
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except OperationalError as error:
        raise _in_use(error) or _unreachable(error) from None


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Nobody else upgrades meanwhile. SQLite's write lock sees to that by itself, because all is one transaction there.

    On PostgreSQL a change waits only so long for a table that is in use, because all who come after it would wait, too.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (_LOCK,))
    connection.exec_driver_sql(f"SET lock_timeout = '{_PATIENCE_SECONDS}s'")
    connection.commit()
    try:
        yield
    finally:
        connection.invalidate()  # the session ends, and its lock and settings with it


def is_current(database: Database) -> bool:
    """Whether the schema is the newest."""
    with database.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_heads()
    return set(have) == set(ScriptDirectory.from_config(_config()).get_heads())


def require_current(database: Database) -> None:
    """``UserError`` when the database cannot be reached, or its schema is not the newest."""
    try:
        current = is_current(database)
    except SQLAlchemyError as error:
        raise _unreachable(error) from None
    if not current:
        raise UserError("The database's schema is not the newest: run `dunnock db upgrade`.")


def _in_use(error: OperationalError) -> UserError | None:
    if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
        return None
    return UserError(
        f"A table was in use for more than {_PATIENCE_SECONDS} seconds, so its change was put off, lest everybody waits "
        "for it: run `dunnock db upgrade` again."
    )


def _unreachable(error: SQLAlchemyError) -> UserError:
    reason = type(getattr(error, "orig", None) or error).__name__
    return UserError(
        f"The database cannot be reached ({reason}): check DATABASE_URL and that the server runs."
    )


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))
