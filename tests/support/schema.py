"""The tables as the migrations make them, made faster."""

from __future__ import annotations

from store import row_security
from store.database import Database
from store.models import Base


def create_tables(database: Database) -> None:
    """All tables, behind row security where the database has it."""
    with database.engine.begin() as connection:
        Base.metadata.create_all(connection)
        row_security.protect_all(connection)
