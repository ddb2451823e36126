"""Connections to ledgers."""

from __future__ import annotations

from jobs.process import app
from services import disconnection, doors


def keep_alive() -> None:
    """Renew the authorisation whose day has come, and look for removals."""
    app().doorbell.answered(doors.KEEP_ALIVE)
    disconnection.keep_alive(app())
