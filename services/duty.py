"""Whose it is, and by when: nothing is on hold and nothing is asked for without an owner and a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days, local_day
from kit.errors import UserError
from kit.wording import _
from store.facts import policy_of
from store.models import Organisation
from store.queries import team_tasks

DAYS_TO_LOOK_AGAIN = 3
"""Working days after which a hold without an end is looked at again."""


def owner(
    session: Session, organisation_id: str, contact_id: str | None, wanted: str | None = None
) -> str | None:
    """Who sees to something about this customer: who is named, else who looks after it, else who is in charge.

    None only where the organisation has no member at all. ``UserError`` for who is no member.
    """
    if wanted is None:
        return team_tasks.who_takes(session, organisation_id, contact_id)
    if not team_tasks.is_member(session, organisation_id, wanted):
        raise UserError(_("This person is not a member of this organisation; choose one who is."))
    return wanted


def look_again_on(session: Session, organisation_id: str, now: datetime) -> date:
    """The organisation's day on which what has no other day is looked at again."""
    window = policy_of(session.get_one(Organisation, organisation_id)).window
    return add_working_days(local_day(window, now), DAYS_TO_LOOK_AGAIN, window.off)


def of_hold(
    session: Session,
    organisation_id: str,
    contact_id: str,
    now: datetime,
    *,
    owner_id: str | None = None,
    look_on: date | None = None,
    until: date | None = None,
) -> dict[str, Any]:
    """``owner_id`` and ``look_on`` of a hold: as given, else its last day, else some working days on."""
    return {
        "owner_id": owner(session, organisation_id, contact_id, owner_id),
        "look_on": look_on or until or look_again_on(session, organisation_id, now),
    }
