"""The second wall between organisations: PostgreSQL itself shows a transaction the rows of one organisation only.

Each transaction says whose rows it is about (``announce``), and the policy on each table keeps to that; a
transaction that says nothing sees nothing. So a query that lost its filter finds no strangers. SQLite has no such
wall, and these functions do nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

_THE_ORGANISATION = "(SELECT current_setting('dunnock.organisation', true))"
_ACROSS = "(SELECT current_setting('dunnock.across', true)) = 'on'"
"""Asked for in sub-selects, so that PostgreSQL looks once a statement and not once a row."""


def announce(connection: Connection, organisation_id: str | None) -> None:
    """Say for the rest of this transaction whose rows it is about; None: those of all organisations."""
    if connection.dialect.name != "postgresql":
        return
    if organisation_id is None:
        connection.exec_driver_sql("SELECT set_config('dunnock.across', 'on', true)")
    else:
        connection.exec_driver_sql("SELECT set_config('dunnock.organisation', %s, true)", (organisation_id,))


def protect(connection: Connection, table: str, column: str = "organisation_id") -> None:
    """Put a new table behind the wall; ``column`` says whose row it is. For migrations, in the revision that makes it.

    FORCE holds the tables' owner too, because Dunnock owns its tables.
    """
    if connection.dialect.name != "postgresql":
        return
    # CASE and not OR: PostgreSQL takes a CASE for half of the rows, an OR for almost none, and then plans badly.
    condition = f"CASE WHEN {_ACROSS} THEN true ELSE {column} = {_THE_ORGANISATION} END"
    for statement in (
        f"CREATE POLICY own_rows ON {table} USING ({condition}) WITH CHECK ({condition})",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ):
        connection.exec_driver_sql(statement)


def protect_all(connection: Connection) -> None:
    """Put every table that there is now behind the wall, in so far as its rows belong to an organisation."""
    for table, column in owned_tables(connection):
        protect(connection, table, column)


def owned_tables(connection: Connection) -> Iterator[tuple[str, str]]:
    """The tables whose rows belong to an organisation, each with the column that says to which."""
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        columns = {column["name"] for column in inspector.get_columns(table)}
        if table == "organisations":
            yield table, "id"
        elif "organisation_id" in columns:
            yield table, "organisation_id"


def exempt_role(connection: Connection) -> str | None:
    """The role that we are connected as, if the wall does not hold it: a superuser, or one with BYPASSRLS."""
    if connection.dialect.name != "postgresql":
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"
    ).scalar()
    return found
