"""Alembic's entry: one set of migrations for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, event

from kit import settings
from store import row_security
from store.database import open_database
from store.models import Base

_PLAIN = {"Instant": "sa.DateTime(timezone=True)", "Money": "sa.BigInteger()", "ClockTime": "sa.String(5)"}
"""Migrations name the columns' plain types: they must not change when our own types do."""


def plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    return _PLAIN.get(type(item).__name__, False) if kind == "type" else False


def _differs(
    _context: Any, _inspected: Any, _metadata: Any, inspected_type: Any, metadata_type: Any
) -> bool | None:
    """Our own types are compared as the plain ones they are stored as (None: compare as usual)."""
    return False if type(metadata_type).__name__ in _PLAIN else None


def _reach_all_rows(connection: Connection) -> None:
    """Row security stands before migrations too; one that changes rows means those of every organisation."""
    row_security.announce(connection, None)


def run(connection: Connection) -> None:
    event.listen(connection, "begin", _reach_all_rows)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=plain_type,
        compare_type=_differs,
        transaction_per_migration=connection.dialect.name == "postgresql",  # see store.migrate
        transactional_ddl=True,  # SQLite's is, once Python's driver leaves the transactions to us
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = open_database(settings.load())
    with database.engine.connect() as connection:
        run(connection)
        connection.commit()
