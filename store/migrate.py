"""Brings the database to the newest schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from kit.errors import UserError
from kit.settings import ROOT
from store.database import Database


def upgrade(database: Database) -> None:
    """Run all migrations that are missing; ``UserError`` when the database cannot be reached."""
    try:
        with database.engine.connect() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except OperationalError as error:
        raise _unreachable(error) from None


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


def _unreachable(error: SQLAlchemyError) -> UserError:
    reason = type(getattr(error, "orig", None) or error).__name__
    return UserError(
        f"The database cannot be reached ({reason}): check DATABASE_URL and that the server runs."
    )


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))
