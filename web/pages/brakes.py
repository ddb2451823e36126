"""Brakes, where people meet them: above the queue. Stop all mail, and let it go again."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import brakes, stopping
from services.brakes import InForce
from services.roles import Right
from store.models import Brake, Organisation
from web.security import acting_person, dunnock, member

pages = Blueprint("brakes", __name__, url_prefix="/organisations/<organisation_id>/brakes")

_STOPPED = N_("All mail is stopped. What was planned is held, and nothing is lost.")
_RELEASED = N_("Released. What it held is planned again in a moment, as the rules see it now.")
_GONE = N_("This brake is no longer in force; somebody else may have released it.")


@dataclass(frozen=True, slots=True)
class Board:
    """What the queue says of brakes."""

    in_force: list[InForce]
    last_released: Brake | None
    """Shown while none is in force, so that everybody sees who let it go."""

    @property
    def stopped(self) -> bool:
        return any(one.kind == "stop" for one in self.in_force)

    @property
    def texts(self) -> set[str]:
        return {one.text for one in self.in_force}


def board_of(organisation: Organisation) -> Board:
    """The brakes of an organisation, as they stand now."""
    with dunnock().database.read(organisation.id) as session:
        found = brakes.in_force(session, organisation, clock.now())
        return Board(found, None if found else brakes.last_released(session, organisation.id))


@pages.post("/stop")
@member(Right.CHANGE_CHASING)
def stop(organisation: Organisation) -> ResponseReturnValue:
    """Stop all mail of the organisation."""
    try:
        stopping.stop(dunnock(), organisation.id, request.form.get("reason", ""), _name())
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(_(_STOPPED))
    return redirect(url_for("queue.show", organisation_id=organisation.id))


@pages.post("/<brake_id>/release")
@member(Right.CHANGE_CHASING)
def release(organisation: Organisation, brake_id: str) -> ResponseReturnValue:
    """Release one brake."""
    if stopping.release(dunnock(), organisation.id, brake_id, _name()):
        flash(_(_RELEASED))
    else:
        flash(_(_GONE), "problem")
    return redirect(url_for("queue.show", organisation_id=organisation.id))


def _name() -> str:
    return acting_person()
