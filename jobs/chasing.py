"""Planning and sending."""

from __future__ import annotations

import services.plan
import services.send
from jobs.process import app
from services import doors


def plan(organisation_id: str) -> None:
    """Look at the contacts of an organisation that are due."""
    app().doorbell.answered(doors.PLAN, organisation_id)
    services.plan.plan(app(), organisation_id)


def send(organisation_id: str) -> None:
    """Send the chasers of an organisation that are due."""
    app().doorbell.answered(doors.SEND, organisation_id)
    services.send.send(app(), organisation_id)
