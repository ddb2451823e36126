"""Planning on demand."""

from __future__ import annotations

from flask import abort
from msgspec import convert

from services import outlook, plan, plan_json, stopping
from services.roles import Right, may
from web.api import asked, shapes
from web.api.caller import Caller


def run(caller: Caller, body: asked.Run) -> shapes.Plan:
    """Show the plan of a date, or plan for real. Never sends: what is planned leaves in the sending window."""
    if body.approve:
        _say_yes(caller)
    if not body.dry_run:
        plan.plan(caller.app, caller.organisation_id, everything=True, approve=body.approve)
    report = outlook.run_report(caller.app, caller.organisation_id, body.on, body.dry_run)
    return convert(plan_json.plan(report), shapes.Plan)


def _say_yes(caller: Caller) -> None:
    """A yes to the whole plan, which releases the brakes that ask for one, and is not asked for again.

    So it takes the same right whether or not a brake holds anything yet; others are told, and nothing is planned.
    """
    if not may(caller.role, Right.CHANGE_CHASING):
        abort(
            403,
            f"To approve is to say yes to everything that is planned, which a token of the role {caller.role} may "
            "not: ask an owner or manager, or plan without approve.",
        )
    stopping.approve(caller.app, caller.organisation_id, caller.name)
