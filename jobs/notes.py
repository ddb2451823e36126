"""Notes into the ledger, and notices to colleagues."""

from __future__ import annotations

import services.notes
import services.notices
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


def tell_colleagues(organisation_id: str) -> None:
    """Send members what they want to be told of."""
    app().doorbell.answered(doors.NOTICES, organisation_id)
    services.notices.work(app(), organisation_id)
