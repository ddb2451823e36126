"""Holds whose day has come: each becomes a task of its owner. None is ever released because of it."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from kit.wording import N_
from services import duty, team_tasks
from services.app import App
from services.team_tasks import TaskKind
from store.models import Organisation
from store.queries import holds, sending
from store.queries import team_tasks as queries

BY_ITSELF = "Dunnock"
_AT_ONCE = 200
_BEHIND = timedelta(days=1)
"""So far behind UTC a day may still be the one before."""


def due(app: App) -> list[str]:
    """Organisations where somebody is to be asked to look at a hold by now, or need not be any more."""
    with app.database.read_across() as session:
        found = holds.first_unasked_looks(session)
        over = holds.ended_looks(session, clock.now().date() - _BEHIND)
    asking = {organisation_id for organisation_id, zone, day in found if day <= clock.today(zone)}
    return sorted(asking | {organisation_id for organisation_id, _ in over})


def work(app: App, organisation_id: str) -> None:
    """Ask the owners to look at them; of what is over nobody is asked any more."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        today = clock.today(session.get_one(Organisation, organisation_id).timezone)
        for _, hold_id in holds.ended_looks(session, today, organisation_id):
            team_tasks.finish_about(session, organisation_id, key=f"hold {hold_id}", by=BY_ITSELF, now=now)
        for hold in holds.looks_due(session, organisation_id, today, _AT_ONCE):
            there = hold.owner_id and queries.is_member(session, organisation_id, hold.owner_id)
            hold.owner_id = hold.owner_id if there else duty.owner(session, organisation_id, hold.contact_id)
            team_tasks.ask(
                session,
                organisation_id,
                kind=TaskKind.HOLD,
                what=N_(f"On hold, to be looked at again: {hold.reason}"),
                due_on=hold.look_on,
                by=BY_ITSELF,
                now=now,
                owner_id=hold.owner_id,
                contact_id=hold.contact_id,
                invoice_id=hold.invoice_id,
                communication_id=hold.communication_id,
                hold_id=hold.id,
                key=f"hold {hold.id}",
            )
