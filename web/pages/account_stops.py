"""The buttons that stop a customer's account, and lift that."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import account_stops as service
from services import doors
from services.roles import Right
from store.models import Organisation
from web.security import acting_person, dunnock, member

account_stops = Blueprint(
    "account_stops", __name__, url_prefix="/organisations/<organisation_id>/contacts/<contact_id>"
)


@account_stops.post("/stop")
@member(Right.RUN)
def stop(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Stop the account."""
    try:
        with dunnock().database.write(organisation.id) as session:
            service.stop(
                session,
                organisation.id,
                contact_id,
                reason=request.form.get("reason", ""),
                by=_name(),
                now=clock.now(),
            )
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(_("On stop. It is noted in Xero and shown in the group “On stop” there."))
    return _back(organisation, contact_id)


@account_stops.post("/lift")
@member(Right.RUN)
def lift(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Lift the stop, or drop the warning."""
    with dunnock().database.write(organisation.id) as session:
        row = service.lift(session, organisation.id, contact_id, by=_name(), now=clock.now())
    flash(_("Lifted.") if row else _("The account was not on stop."))
    return _back(organisation, contact_id)


def _name() -> str:
    return acting_person()


def _back(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    for door in (doors.ACCOUNT_STOPS, doors.NOTES):
        dunnock().soft_doorbell.ring(door, organisation.id)
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))
