"""The wall around the audit log: the database refuses to change an entry, and to remove one within its first
year, but of an organisation that is being deleted.

It is a trigger on both databases, so that no statement gets past it, whoever wrote it. The year is counted by the
database's own clock, which no demo moves.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, TextClause, text

TABLE: Final = "audit_entries"
LEAST_DAYS: Final = 365
"""For so long at least an entry is kept, whatever an organisation has set."""
_IS_DELETED = """EXISTS (
        SELECT 1 FROM deletions WHERE organisation_id = OLD.organisation_id AND begun_at IS NOT NULL
    )"""
"""Of an organisation that is being deleted as a whole the log goes too."""

_SQLITE = (
    f"""
    CREATE TRIGGER {TABLE}_are_never_changed BEFORE UPDATE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END
    """,
    f"""
    CREATE TRIGGER {TABLE}_are_kept BEFORE DELETE ON {TABLE}
    WHEN OLD.at > datetime('now', '-{LEAST_DAYS} days') AND NOT {_IS_DELETED}
    BEGIN SELECT RAISE(ABORT, 'the audit log is kept for a year at least'); END
    """,
)
_POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION {TABLE}_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.at <= now() - interval '{LEAST_DAYS} days' OR {_IS_DELETED} THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'the audit log is kept for a year at least';
        END IF;
        RAISE EXCEPTION 'the audit log is only ever added to';
    END $$
    """,
    f"""
    CREATE TRIGGER {TABLE}_stay BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {TABLE}_stay()
    """,
    f"""
    CREATE TRIGGER {TABLE}_stay_all BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_stay()
    """,
)


def old_enough(connection: Connection) -> TextClause:
    """The condition under which the wall lets an entry go, by the database's own clock."""
    ago = f"now() - interval '{LEAST_DAYS} days'"
    if connection.dialect.name != "postgresql":
        ago = f"datetime('now', '-{LEAST_DAYS} days')"
    return text(f"{TABLE}.at <= {ago}")


def guard(connection: Connection, *, deletions: bool = True) -> None:
    """Put the wall around the log, once its table is there; ``deletions``: whether theirs is there as well by now."""
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement if deletions else statement.replace(_IS_DELETED, "1 = 0"))


def unguard(connection: Connection) -> None:
    """Take it away, for a migration that takes away the table, and for a backup that is put back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {TABLE}_stay() CASCADE")
        return
    for trigger in ("are_never_changed", "are_kept"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {TABLE}_{trigger}")
