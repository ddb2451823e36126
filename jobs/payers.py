"""How customers pay, once a night."""

from __future__ import annotations

import services.payer.look
from jobs.process import app
from services import doors


def look(organisation_id: str) -> None:
    """Rate everybody, keep Monday's forecast, and judge the expectations of the past."""
    app().doorbell.answered(doors.PAYERS, organisation_id)
    services.payer.look.look(app(), organisation_id)
