"""Notes into the ledger, and which invoices were sent."""

from __future__ import annotations

import services.notes
from jobs.process import app
from jobs.turns import in_turn
from services import doors
from services.occasions import marking


def write(organisation_id: str) -> None:
    """Write the notes of an organisation that wait."""
    in_turn(
        organisation_id,
        doors.NOTES,
        organisation_id,
        work=lambda: _write(organisation_id),
    )


def _write(organisation_id: str) -> bool:
    more = services.notes.write(app(), organisation_id)
    return marking.write(app(), organisation_id) or more
