"""Telling a database that is away from a row that is wrong: the first is nobody's fault and mends itself."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

AWAY = (OperationalError, InterfaceError, NoConnectionFree)
"""Gone, restarted, locked, full or overrun. Whatever was under way is to be left to the next try."""
