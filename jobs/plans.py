"""Jobs of hosted use: trials, payers, and what the billing provider tells."""

from __future__ import annotations

from jobs.process import app
from jobs.turns import in_turn
from services import doors
from services.plans_and_usage import intake, payers, watch


def look(organisation_id: str) -> None:
    """The trial or plan of an organisation."""
    app().doorbell.answered(doors.PLANS, organisation_id)
    watch.look(app(), organisation_id)


def ask(payer_id: str) -> None:
    """How a payer's subscription stands."""
    app().doorbell.answered(doors.BILLING, payer_id)
    payers.look(app(), payer_id)
    for organisation_id in watch.due(app()):
        app().doorbell.ring(doors.PLANS, organisation_id)


def handle_news() -> None:
    """Events of the billing provider."""
    in_turn(doors.BILLING_NEWS, doors.BILLING_NEWS, work=lambda: intake.handle(app()))
