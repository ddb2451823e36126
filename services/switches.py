"""The switches of an organisation: chasing off, dry run or live, and how many chasers a day at most."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from services.app import App
from services.plan import cancel_all, plan
from store.models import Organisation
from store.queries import planning
from store.queries.switches import organisation_to_change

OFF, DRY_RUN, LIVE = "off", "dry_run", "live"
CHOICES = (OFF, DRY_RUN, LIVE)


def change_chasing(app: App, organisation_id: str, to: str, by: str) -> None:
    """Switch chasing; ``by`` is who does it, in words. Live is a person's yes to the plan as it stands.

    Off cancels everything that has not left. Dry run and live plan at once, so that the plan can be read
    as soon as this returns. ``UserError`` before the first import is complete.
    """
    if to not in CHOICES:
        raise UserError(f"Chasing can be {', '.join(CHOICES)}; “{to}” is none of them.")
    with app.database.write() as session:
        organisation = _organisation(session, organisation_id)
        if to != OFF and organisation.imported_at is None:
            raise UserError(
                "The ledger is still being read for the first time; switch chasing on when that is done."
            )
        if organisation.chasing == to:
            return
        now = clock.now()
        organisation.chasing, organisation.chasing_since, organisation.chasing_changed_by = to, now, by
        organisation.sending_problem = organisation.retry_sending_at = None
        session.flush()
        if to == OFF:
            cancel_all(session, organisation_id, f"Chasing was switched off by {by}.")
        else:
            planning.look_at_all(session, organisation_id, now)
    if to != OFF:
        plan(app, organisation_id, everything=True)


def set_daily_cap(app: App, organisation_id: str, cap: int | None) -> None:
    """Let at most so many chasers leave in any 24 hours; None: no cap. Holds for the next one to leave."""
    if cap is not None and cap < 0:
        raise UserError("The daily cap cannot be negative; choose 0 or more, or none at all.")
    with app.database.write() as session:
        organisation = _organisation(session, organisation_id)
        organisation.daily_cap = cap
        organisation.sending_problem = organisation.retry_sending_at = None
        planning.look_at_all(session, organisation_id, clock.now())  # what waited may leave sooner
    plan(app, organisation_id)


def _organisation(session: Session, organisation_id: str) -> Organisation:
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError("There is no such organisation.")
    return organisation
