"""What follows when nobody pays: late fees into the ledger."""

from __future__ import annotations

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
