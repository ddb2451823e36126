"""Money ahead as a page tells it, and as it would be worked out now."""

from __future__ import annotations

from kit import clock
from services import kept_results
from services.app import App
from services.payer import money_ahead
from services.payer.money_ahead import Outlook
from store.models import Organisation


def told(app: App, key: str) -> Outlook:
    """As a page tells it."""
    kept_results.renew(app, key, money_ahead.KEPT)
    with app.database.read(key) as session:
        return money_ahead.KEPT.told(session, session.get_one(Organisation, key), clock.now().date())


def worked_out(app: App, key: str) -> Outlook:
    with app.database.read(key) as session:
        return money_ahead.outlook(session, key, clock.now().date())
