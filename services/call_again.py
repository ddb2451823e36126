"""Calling again on a day that somebody named: a task of the kind ``call``, which the worklist of calls follows."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from kit.errors import UserError
from kit.wording import N_, _
from services import call_owners, team_tasks
from services.team_tasks import TaskKind
from store.facts import policy_of
from store.models import Communication, Organisation
from store.queries import call_cases

_FARTHEST_DAYS = 366
_NOT_TODAY = "Not today"


def check(on: date, organisation: Organisation, now: datetime) -> None:
    """``UserError`` for a day that is over, or more than a year away."""
    today = local_day(policy_of(organisation).window, now)
    if on < today:
        raise UserError(_("The day for calling again is over already; choose today or a later one."))
    if (on - today).days > _FARTHEST_DAYS:
        raise UserError(_("The day for calling again is more than a year away; choose an earlier one."))


def settle(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    on: date | None,
    call: Communication,
    *,
    by: str,
    now: datetime,
) -> None:
    """A call was made, so what asked for one before is done; ``on``: and another is to be made on that day."""
    whose = call_owners.owners(session, organisation.id, [contact_id]).get(contact_id)
    for task_id in call_cases.asked_again(session, organisation.id, contact_id):
        team_tasks.finish(session, organisation.id, task_id, by=by, now=now)
    if on:
        said_on = day(local_day(policy_of(organisation).window, now))
        team_tasks.ask(
            session,
            organisation.id,
            kind=TaskKind.CALL,
            what=N_(f"Call again {call.to[0]}, as said on {said_on}.")
            if call.to
            else N_(f"Call again, as said on {said_on}."),
            due_on=on,
            by=by,
            now=now,
            owner_id=whose.person_id if whose else None,
            contact_id=contact_id,
            communication_id=call.id,
            key=f"call again after {call.id}",
        )


def put_off(
    session: Session, organisation: Organisation, contact_id: str, to: date, *, by: str, now: datetime
) -> str:
    """A call that is asked for now is made on another day; the task of that day. ``team_tasks.put_back`` takes it back."""
    check(to, organisation, now)
    for task_id in call_cases.asked_again(session, organisation.id, contact_id):
        team_tasks.put_off(session, organisation.id, task_id, to=to, reason=_NOT_TODAY, by=by, now=now)
        return task_id
    whose = call_owners.owners(session, organisation.id, [contact_id]).get(contact_id)
    said_on = local_day(policy_of(organisation).window, now)
    made = team_tasks.ask(
        session,
        organisation.id,
        kind=TaskKind.CALL,
        what=f"Make the call that was put off on {day(said_on)}.",
        due_on=to,
        by=by,
        now=now,
        owner_id=whose.person_id if whose else None,
        contact_id=contact_id,
    )
    team_tasks.made_to_put_off(made, by, now)
    return made.id


def day(on: date) -> str:
    """``24 November 2026``"""
    return format_date(on, "d MMMM y", locale="en_GB")
