"""Planning on demand."""

from __future__ import annotations

from flask import abort
from msgspec import convert

from services import brakes, outlook, plan, plan_json, stopping
from services.roles import Right, may
from web.api import asked, shapes
from web.api.caller import Caller

_WHO = "ask an owner or manager, or plan without approve."


def run(caller: Caller, body: asked.Run) -> shapes.Plan:
    """Show the plan of a date, or plan for real. Never sends: what is planned leaves in the sending window."""
    if body.approve:
        _release_brakes(caller)
    if not body.dry_run:
        plan.plan(caller.app, caller.organisation_id, everything=True, approve=body.approve)
    report = outlook.run_report(caller.app, caller.organisation_id, body.on, body.dry_run)
    return convert(plan_json.plan(report), shapes.Plan)


def _release_brakes(caller: Caller) -> None:
    """Whoever may say yes to a whole plan releases the brakes that ask for it; others are told, and nothing is planned."""
    with caller.app.database.read(caller.organisation_id) as session:
        if not brakes.asks(session, caller.organisation_id):
            return
    if not may(caller.role, Right.CHANGE_CHASING):
        abort(
            403, f"A brake holds this plan, and a token of the role {caller.role} may not release it: {_WHO}"
        )
    stopping.approve(caller.app, caller.organisation_id, caller.name)
