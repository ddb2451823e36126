"""Senders and the domains that they write from."""

from __future__ import annotations

from jobs.process import app
from services import doors, sending_domains


def check_domains(organisation_id: str) -> None:
    """Look at the sending domains whose day has come."""
    app().doorbell.answered(doors.CHECK_DOMAINS, organisation_id)
    sending_domains.look_again(app(), organisation_id)
