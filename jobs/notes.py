"""Notes into the ledger."""

from __future__ import annotations

import services.notes
from jobs.process import app
from services import doors


def write(organisation_id: str) -> None:
    """Write the notes of an organisation that wait."""
    app().doorbell.answered(doors.NOTES, organisation_id)
    services.notes.write(app(), organisation_id)
