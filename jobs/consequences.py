"""What follows when nobody pays: late fees into the ledger, accounts on stop."""

from __future__ import annotations

import services.account_stops
import services.fee_drafts
from jobs.process import app
from jobs.turns import in_turn
from services import doors


def charge(organisation_id: str) -> None:
    """Charge late fees where that happens by itself, and make the drafts that wait."""
    in_turn(
        organisation_id,
        doors.LATE_FEES,
        organisation_id,
        work=lambda: services.fee_drafts.work(app(), organisation_id),
    )


def stop_accounts(organisation_id: str) -> None:
    """Stop accounts whose day has come, lift those that are settled, and set the ledger's group right."""
    in_turn(
        organisation_id,
        doors.ACCOUNT_STOPS,
        organisation_id,
        work=lambda: services.account_stops.work(app(), organisation_id),
    )
