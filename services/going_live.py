"""Going live by a person's hand: a yes to the plan as it stands, which takes two people where the organisation wants that."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import second_eyes
from services.app import App
from services.second_eyes import Kind, Wanted
from services.switches import LIVE, change_chasing
from store.queries import brakes as queries

ACT: Final = "go_live"
_GROWN = N_(
    "{0} mails are planned by now, and {1} were when it was asked for. Look at the plan, and go live again."
)


def switch(app: App, organisation_id: str, to: str, by: str, *, reminders_stay_on: bool = False) -> None:
    """Switch chasing as ``change_chasing`` does. ``Needed`` where going live with so many mails takes two people."""

    def second_yes(session: Session) -> None:
        count = queries.to_be_approved(session, organisation_id)
        details = {"mails": count, "reminders_stay_on": reminders_stay_on}
        wanted = Wanted(ACT, N_(f"Go live with a plan of {count} mails"), details)
        second_eyes.check(session, organisation_id, Kind.BULK, wanted, count)

    first = second_yes if to == LIVE else None
    change_chasing(app, organisation_id, to, by, reminders_stay_on=reminders_stay_on, first=first)


def agreed(app: App, organisation_id: str, mails: int, by: str, *, reminders_stay_on: bool) -> None:
    """Go live after the second yes. ``UserError`` where the plan has grown since it was asked for."""
    with app.database.read(organisation_id) as session:
        count = queries.to_be_approved(session, organisation_id)
    if count > mails + second_eyes.MOST_ALONE:
        raise UserError(_(_GROWN).format(count, mails))
    switch(app, organisation_id, LIVE, by, reminders_stay_on=reminders_stay_on)
