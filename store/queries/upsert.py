"""``INSERT … ON CONFLICT``, which both databases know and SQLAlchemy keeps in two dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def upsert(session: Session, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An insert into ``table`` in the session's dialect, to be finished with ``on_conflict_do_…``."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
