"""Brings the database to the newest schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from kit.errors import UserError
from kit.settings import ROOT
from store.database import Database


def upgrade(database: Database) -> None:
    """Run all migrations that are missing."""
    with database.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


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
        reason = type(getattr(error, "orig", None) or error).__name__
        raise UserError(
            f"The database cannot be reached ({reason}): check DATABASE_URL and that the server runs."
        ) from None
    if not current:
        raise UserError("The database's schema is not the newest: run `dunnock db upgrade`.")


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))
