"""Money ahead as a page tells it, and as it would be worked out now."""

from __future__ import annotations

from kit import clock
from services.app import App
from services.payer import money_ahead, outlook_kept
from services.payer.money_ahead import Outlook


def told(app: App, key: str) -> Outlook:
    """As a page tells it."""
    outlook_kept.renew(app, key)
    with app.database.read(key) as session:
        return outlook_kept.outlook(session, key, clock.now().date())


def worked_out(app: App, key: str) -> Outlook:
    with app.database.read(key) as session:
        return money_ahead.outlook(session, key, clock.now().date())
