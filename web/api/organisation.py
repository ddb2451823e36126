"""The organisation of the token, and its switches."""

from __future__ import annotations

from msgspec import UNSET, convert
from sqlalchemy.orm import Session

from services import switches
from web.api import asked, shapes
from web.api.caller import Caller


def show_organisation(caller: Caller, session: Session) -> shapes.Organisation:
    """The organisation that the token belongs to."""
    return convert(caller.organisation(session), shapes.Organisation, from_attributes=True)


def change_organisation(caller: Caller, body: asked.ChangeOrganisation) -> shapes.Organisation:
    """Switch chasing, or set the daily cap. Going live is a person's yes to the plan as it then stands."""
    if body.daily_cap is not UNSET:  # first, so that whatever leaves keeps to it
        switches.set_daily_cap(caller.app, caller.organisation_id, body.daily_cap)
    if body.chasing is not UNSET:
        switches.change_chasing(caller.app, caller.organisation_id, body.chasing, caller.name)
    with caller.app.database.read() as session:
        return show_organisation(caller, session)
