"""Contacts that the mirror knows only because a document named them."""

from __future__ import annotations

from integration.ledger import Ledger
from kit import clock
from services.app import App
from services.mirror.bells import ring_for_planning
from services.mirror.rows import EPOCH
from services.mirror.write import store_contacts
from store.queries import mirror

IDS_A_CALL = 40
"""As many as the ledger advises to ask for at once."""


def fetch(app: App, organisation_id: str, ledger: Ledger) -> None:
    """Ask the ledger for the contacts it has told us nothing of yet, once each; the nightly sweep asks again."""
    while ids := _waiting(app, organisation_id):
        contacts = ledger.contacts(ids)
        now = clock.now()
        with app.database.write() as session:
            concerned = store_contacts(session, organisation_id, contacts, now)
            mirror.mark_asked(session, organisation_id, ids, now)
        ring_for_planning(app, organisation_id, concerned)


def _waiting(app: App, organisation_id: str) -> list[str]:
    with app.database.read() as session:
        return mirror.strangers(session, organisation_id, EPOCH, IDS_A_CALL)
