"""Ringing for planning after the mirror has changed."""

from __future__ import annotations

from services import doors
from services.app import App
from store.models import Organisation


def ring_for_planning(app: App, organisation_id: str, concerned: set[str]) -> None:
    """Have these contacts planned anew, unless the organisation does not chase at all. Call it after the commit."""
    if not concerned:
        return
    with app.database.read(organisation_id) as session:
        organisation = session.get(Organisation, organisation_id)
    if organisation is not None and organisation.chasing != "off":
        app.doorbell.ring(doors.PLAN, organisation_id)
