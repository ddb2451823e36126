"""The wall around the audit log: the database refuses to change an entry, and to remove one within its first
year, but of an organisation that is being deleted. While a customer is being erased, its door lets the personal values
in entries about it be emptied, and nothing else: what was done, when, by which colleague and to what stays.

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

EMPTIED: Final = "(erased)"
"""Stands for a personal value that is gone."""
_IS_ERASED = """EXISTS (
        SELECT 1 FROM erasures WHERE organisation_id = OLD.organisation_id AND finished_at IS NULL
    )"""
_ONLY_EMPTIED = f"""(
        NEW.id = OLD.id AND NEW.organisation_id = OLD.organisation_id AND NEW.at = OLD.at
        AND NEW.via = OLD.via AND NEW.act = OLD.act AND NEW.subject = OLD.subject
        AND coalesce(NEW.person_id, '') = coalesce(OLD.person_id, '')
        AND coalesce(NEW.practice_id, '') = coalesce(OLD.practice_id, '')
        AND coalesce(NEW.contact_id, '') = coalesce(OLD.contact_id, '')
        AND coalesce(NEW.invoice_id, '') = coalesce(OLD.invoice_id, '')
        AND (NEW.who = OLD.who OR NEW.who = '{EMPTIED}' AND OLD.person_id IS NULL)
        AND (NEW.address IS NULL OR NEW.address = OLD.address)
        AND (NEW.subject_id IS NULL OR NEW.subject_id = OLD.subject_id)
        AND (NEW.before IS NULL OR NEW.before = OLD.before)
        AND (NEW.after IS NULL OR NEW.after = OLD.after)
    )"""
"""Colleagues keep their names to what they did; of everybody else nothing can be written but that it is gone."""

_SQLITE = (
    f"""
    CREATE TRIGGER {TABLE}_are_never_changed BEFORE UPDATE ON {TABLE}
    WHEN NOT ({_IS_ERASED} AND {_ONLY_EMPTIED})
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
        IF TG_OP = 'UPDATE' THEN
            IF {_IS_ERASED} AND {_ONLY_EMPTIED} THEN RETURN NEW; END IF;
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


def guard(connection: Connection, *, deletions: bool = True, erasures: bool = True) -> None:
    """Put the wall around the log, once its table is there; the others say whether those tables are there by now."""
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        if not deletions:
            statement = statement.replace(_IS_DELETED, "1 = 0")
        if not (deletions and erasures):
            statement = statement.replace(_IS_ERASED, "1 = 0")
        connection.exec_driver_sql(statement)


def unguard(connection: Connection) -> None:
    """Take it away, for a migration that takes away the table, and for a backup that is put back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {TABLE}_stay() CASCADE")
        return
    for trigger in ("are_never_changed", "are_kept"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {TABLE}_{trigger}")
