"""Senders and the domains that they write from; and the names of account pages."""

from __future__ import annotations

from jobs.process import app
from services import doors, portal_hosts, sending_domains


def check_domains(organisation_id: str) -> None:
    """Look at the sending domains, and the own name of the account pages, whose day has come."""
    app().doorbell.answered(doors.CHECK_DOMAINS, organisation_id)
    sending_domains.look_again(app(), organisation_id)
    portal_hosts.look_again(app(), organisation_id)
