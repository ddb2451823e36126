"""The organisation of the token, and its switches."""

from __future__ import annotations

from datetime import date

from msgspec import UNSET, convert
from sqlalchemy.orm import Session

from services import habits, planned_start, preferences, switches
from services.templates import home_of
from store.queries import setting_up
from web.api import asked, shapes
from web.api.caller import Caller


def show_organisation(caller: Caller, session: Session) -> shapes.Organisation:
    """The organisation that the token belongs to."""
    found = caller.organisation(session)
    cap = habits.cap_of(session, found)
    start = setting_up.planned_start(session, found.id)
    own = {name: getattr(found, name) for name in _OWN}
    limits = {
        "language": home_of(found),
        "daily_cap": cap.most,
        "daily_cap_set_by": cap.set_by,
        "books_limit_days": habits.books_limit_of(session, found),
        "when_books_lag": found.when_books_lag,
        "ledger_reminders": found.own_reminders,
        "minimum_balances": found.minimum_balances,
        "approval": found.approval,
        "minimum_gap_days": found.minimum_gap_days,
        "promise_grace_days": found.promise_grace_days,
        "dispute_days": found.dispute_days,
        "binding_reports": found.binding_reports,
        "live_on": start.on if start and not start.refused else None,
    }
    return convert({**own, **limits}, shapes.Organisation)


_OWN = (
    "id",
    "name",
    "ledger",
    "ledger_tenant_id",
    "connection",
    "chasing",
    "timezone",
    "base_currency",
    "synced_at",
)


def change_organisation(caller: Caller, body: asked.ChangeOrganisation) -> shapes.Organisation:
    """Switch chasing, or set its limits. Going live is a person's yes to the plan as it then stands."""
    if body.daily_cap is not UNSET:  # first, so that whatever leaves keeps to it
        switches.set_daily_cap(caller.app, caller.organisation_id, body.daily_cap)
    if body.books_limit_days is not UNSET:
        switches.set_books_limit(caller.app, caller.organisation_id, body.books_limit_days)
    if body.when_books_lag is not UNSET:
        switches.set_when_books_lag(caller.app, caller.organisation_id, body.when_books_lag)
    if body.minimum_balances is not UNSET:
        preferences.change_minimum_balances(caller.app, caller.organisation_id, body.minimum_balances)
    if body.approval is not UNSET:
        preferences.change_approval(caller.app, caller.organisation_id, body.approval)
    gap = None if body.minimum_gap_days is UNSET else body.minimum_gap_days
    grace = None if body.promise_grace_days is UNSET else body.promise_grace_days
    if gap is not None or grace is not None:
        preferences.change_waits(caller.app, caller.organisation_id, gap=gap, grace=grace)
    if body.dispute_days is not UNSET:
        preferences.change_dispute_days(caller.app, caller.organisation_id, body.dispute_days)
    if body.binding_reports is not UNSET:
        preferences.choose_binding_reports(caller.app, caller.organisation_id, body.binding_reports)
    _switch(caller, body)
    with caller.app.database.read(caller.organisation_id) as session:
        return show_organisation(caller, session)


def _switch(caller: Caller, body: asked.ChangeOrganisation) -> None:
    """Now, or on a later day; a day that is taken back is taken back first."""
    if body.live_on is None:
        planned_start.cancel(caller.app, caller.organisation_id)
    if isinstance(body.live_on, date):
        planned_start.plan_start(
            caller.app,
            caller.organisation_id,
            body.live_on,
            caller.name,
            None,
            reminders_stay_on=body.reminders_stay_on,
        )
    elif body.chasing is not UNSET:
        switches.change_chasing(
            caller.app,
            caller.organisation_id,
            body.chasing,
            caller.name,
            reminders_stay_on=body.reminders_stay_on,
        )
