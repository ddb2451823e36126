"""Brakes: what keeps all chasers back, and the two things a program can do about it: stop all mail, and let go."""

from __future__ import annotations

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from services import brakes, stopping
from services.brakes import InForce
from web.api import asked, shapes
from web.api.caller import Caller


def list_brakes(caller: Caller, session: Session) -> shapes.Page[shapes.Brake]:
    """The brakes in force, the gravest first: why each holds, and who may release it."""
    found = brakes.in_force(session, caller.organisation(session), caller.now)
    return shapes.Page([_shape(one) for one in found], None)


def stop_mail(caller: Caller, body: asked.StopMail) -> shapes.Brake:
    """Stop all mail of the organisation. At most what is being handed over at this moment still leaves."""
    brake = stopping.stop(caller.app, caller.organisation_id, body.reason, caller.name)
    return _shape(InForce(brake.kind, brake.reason, brake.id, brake.imposed_at, brake.imposed_by))


def release_brake(caller: Caller, id_: str) -> None:
    """Release a brake; what it held is planned again by the rules. 404 when it is not in force."""
    if not stopping.release(caller.app, caller.organisation_id, id_, caller.name):
        abort(404, "There is no such brake in force; it may have been released already.")


def _shape(brake: InForce) -> shapes.Brake:
    return convert(
        {
            "id": brake.id,
            "kind": brake.kind,
            "reason": brake.reason,
            "who_may_release": brake.who,
            "ends_by_itself": brake.ends_by_itself,
            "since": brake.since,
            "imposed_by": brake.by,
        },
        shapes.Brake,
    )
