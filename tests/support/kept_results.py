"""What is worked out of a whole book, as pages tell it, and as it would be worked out now."""

from __future__ import annotations

from typing import Any, Final

from kit import clock
from services import kept_results
from services.app import App
from services.digest.week import OVERDUE_BEFORE
from services.kept_results import Result
from services.payer import look, money_ahead
from services.payer.money_ahead import Outlook
from store.models import Organisation

ALL: Final[tuple[Result[Any], ...]] = (*look.KEPT, OVERDUE_BEFORE)


def all_told(app: App, key: str) -> dict[str, Any]:
    """By name, as pages tell it."""
    kept_results.renew(app, key, *ALL)
    with app.database.read(key) as session:
        organisation = session.get_one(Organisation, key)
        return {one.name: one.told(session, organisation, clock.now().date()) for one in ALL}


def all_worked_out(app: App, key: str) -> dict[str, Any]:
    """The same from the books as they are."""
    with app.database.read(key) as session:
        organisation = session.get_one(Organisation, key)
        return {one.name: one.work_out(session, organisation, clock.now().date()) for one in ALL}


def ahead_told(app: App, key: str) -> Outlook:
    """Money ahead, as pages tell it."""
    found: Outlook = all_told(app, key)[money_ahead.KEPT.name]
    return found
