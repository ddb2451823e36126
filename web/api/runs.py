"""Planning on demand."""

from __future__ import annotations

from msgspec import convert

from services import outlook, plan, plan_json
from web.api import asked, shapes
from web.api.caller import Caller


def run(caller: Caller, body: asked.Run) -> shapes.Plan:
    """Show the plan of a date, or plan for real. Never sends: what is planned leaves in the sending window."""
    if not body.dry_run:
        plan.plan(caller.app, caller.organisation_id, everything=True, approve=body.approve)
    report = outlook.run_report(caller.app, caller.organisation_id, body.on, body.dry_run)
    return convert(plan_json.plan(report), shapes.Plan)
