"""Notes into the ledger."""

from __future__ import annotations

import services.notes
from jobs.process import app
from jobs.turns import in_turn
from services import doors


def write(organisation_id: str) -> None:
    """Write the notes of an organisation that wait."""
    in_turn(
        organisation_id,
        doors.NOTES,
        organisation_id,
        work=lambda: services.notes.write(app(), organisation_id),
    )
