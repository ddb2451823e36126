"""A backup of a database, kept in memory, that can be put back at any later time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select

from store.database import Database
from store.models import Base

Backup = dict[str, list[dict[str, Any]]]
"""The rows of each table."""


def back_up(database: Database) -> Backup:
    """Every row as it stands."""
    with database.read_across() as session:
        return {
            table.name: [dict(row._mapping) for row in session.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }


def restore(database: Database, backup: Backup) -> None:
    """The database as it was; what happened since is forgotten."""
    with database.write_across() as session:
        connection = session.connection()
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
        for table in Base.metadata.sorted_tables:
            if rows := backup[table.name]:
                connection.execute(insert(table), rows)
