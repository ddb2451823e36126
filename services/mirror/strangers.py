"""Contacts that the mirror knows only because a document named them.

Whoever stores such a document makes them due in the same transaction (``schedule.expect_strangers``). So when
the question fails, or is never asked, the sync asks again, and waits longer after each failure.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from integration.ledger import Ledger, LedgerContact, NotFound, Refused
from kit import clock
from services.app import App
from services.mirror import schedule
from services.mirror.bells import ring_for_planning
from services.mirror.rows import EPOCH
from services.mirror.write import store_contacts
from store.queries import mirror

log = logging.getLogger(__name__)

IDS_A_CALL = 40
"""As many as the ledger advises to ask for at once."""
_ASKED = EPOCH + timedelta(seconds=1)
"""The time of change of a contact that was asked for and not returned."""


def fetch_some(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Ask the ledger, in one call, for contacts it has told us nothing of yet. False when there are none left.

    Each is asked for once; the nightly sweep asks again.
    """
    ids = _waiting(app, organisation_id)
    if not ids:
        _done(app, organisation_id)
        return False
    contacts = _ask(ledger, ids)
    now = clock.now()
    with app.database.write(organisation_id) as session:
        concerned = store_contacts(session, organisation_id, contacts, now)
        mirror.mark_asked(session, organisation_id, ids, _ASKED)
    ring_for_planning(app, organisation_id, concerned)
    return True


def _ask(ledger: Ledger, ids: Sequence[str]) -> Sequence[LedgerContact]:
    """What the ledger returns of these. Whatever it refuses, it would refuse again: that counts as asked."""
    try:
        return ledger.contacts(ids)
    except (NotFound, Refused) as error:
        log.warning("%d contacts were not told: %s", len(ids), type(error).__name__)
        return ()


def _done(app: App, organisation_id: str) -> None:
    """Nobody is waited for any more, unless somebody came in between: documents are stored under the same lock."""
    with app.database.write(organisation_id) as session:
        mirror.lock(session, organisation_id)
        if not mirror.strangers(session, organisation_id, EPOCH, 1):
            schedule.strangers_known(session, organisation_id, clock.now())


def _waiting(app: App, organisation_id: str) -> list[str]:
    with app.database.read(organisation_id) as session:
        return mirror.strangers(session, organisation_id, EPOCH, IDS_A_CALL)
