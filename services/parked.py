"""Events that were tried several times and never came to an end: they are kept, counted, and can be tried again.

What brought them down is in the log. Trying again does no harm at any time, because events are handled as if
they might come twice.
"""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from services.app import App
from store.queries import parked

RECENTLY = timedelta(days=7)


def recently(app: App) -> dict[str, int]:
    """By sender: how many were parked in the last week."""
    with app.database.read_across() as session:
        return parked.count(session, clock.now() - RECENTLY)


def replay(app: App) -> int:
    """Have everything tried again that is parked; how many events that is. The clock rings for them."""
    with app.database.write_across() as session:
        return parked.release(session, clock.now())
