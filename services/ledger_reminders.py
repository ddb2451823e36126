"""Whether the ledger itself reminds customers as well: asked once a day, and just before somebody goes live.

Somebody may switch the ledger's reminders on at any time, and nothing tells us; customers would be reminded twice.
"""

from __future__ import annotations

import logging

from integration.ledger import Lane, LedgerError
from kit import clock
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from store.models import Organisation

log = logging.getLogger(__name__)


def ask_daily(app: App, organisation_id: str) -> None:
    """Ask, unless that was done on this day of the organisation's calendar already."""
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        asked_on = organisation.reminders_asked_on
        today = clock.today(organisation.timezone)
    if asked_on != today:
        ask(app, organisation_id, Lane.SWEEP)


def ask(app: App, organisation_id: str, lane: Lane) -> bool | None:
    """Ask now, by one call, and remember the answer. What was known before, where the ledger does not answer."""
    try:
        with ledger_errors_noted(app, organisation_id):
            found = open_ledger(app, organisation_id, lane).own_reminders()
    except LedgerError as error:
        log.warning("the ledger did not say whether it sends reminders: %s", type(error).__name__)
        with app.database.read(organisation_id) as session:
            return session.get_one(Organisation, organisation_id).own_reminders
    with app.database.write(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id, with_for_update=True)
        organisation.own_reminders = found
        organisation.reminders_asked_on = clock.today(organisation.timezone)
    return found
