"""A backup of a database, kept in memory, that can be put back at any later time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, insert, select

from store import append_only
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
    """The database as it was; what happened since is forgotten, and by the audit log as well."""
    with database.write_across() as session:
        connection = session.connection()
        append_only.unguard(connection)
        for table in reversed(Base.metadata.sorted_tables):
            _empty(connection, table)
        for table in Base.metadata.sorted_tables:
            if table.name != append_only.TABLE and (rows := backup[table.name]):
                connection.execute(insert(table), rows)
        log = Base.metadata.tables[append_only.TABLE]
        _empty(connection, log)  # of what putting it back looked like to it
        if rows := backup[log.name]:
            connection.execute(insert(log), rows)
        append_only.guard(connection)


def _empty(connection: Connection, table: Table) -> None:
    connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
