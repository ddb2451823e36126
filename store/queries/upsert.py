"""``INSERT … ON CONFLICT``, which both databases know and SQLAlchemy keeps in two dialects."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def upsert(session: Session, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An insert into ``table`` in the session's dialect, to be finished with ``on_conflict_do_…``."""
    return _insert(session.get_bind().dialect.name, table)


def insert_new(session: Session, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An insert into ``table`` that leaves alone what is there already."""
    return _insert_new(session.get_bind().dialect.name, table)


def _insert(dialect: str, table: Any) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def _insert_new(dialect: str, table: Any) -> sqlite.Insert | postgresql.Insert:
    """Built once, because every mail needs it for its notes and its steps."""
    return _insert(dialect, table).on_conflict_do_nothing()
