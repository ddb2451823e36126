"""How a hosted organisation stands today, and the brake that holds what would leave once it is over.

Whoever is about to send asks here first, so the first midnight without a plan counts, and not when somebody has looked.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.brakes import Kind
from services import brakes
from services.app import App
from services.plans_and_usage.standing import KEPT_CONNECTED_DAYS, Standing, standing
from store.models import Organisation, TrialPeriod
from store.queries import brakes as queries
from store.queries import plans


def of(session: Session, organisation: Organisation, now: datetime) -> tuple[TrialPeriod, Standing] | None:
    """The trial of an organisation, and how it stands; None before it was ever looked at."""
    trial = plans.trial(session, organisation.id)
    if trial is None:
        return None
    payer = plans.payer_of(session, organisation.id)
    return trial, standing(trial, payer, now, day_of(organisation, now))


def hold_when_over(app: App, session: Session, organisation: Organisation, now: datetime) -> None:
    """Before anything leaves: have the brake stand if there is no plan any more, within the caller's change."""
    if app.settings.hosted and organisation.chasing == "live":
        found = of(session, organisation, now)
        if found and found[1].reason:
            hold(session, organisation, found[0], found[1].reason, now)


def hold(
    session: Session, organisation: Organisation, trial: TrialPeriod, reason: str, now: datetime
) -> None:
    """Have the brake stand, and the connection last for a while yet; one that stands stays as it is."""
    if any(one.kind == Kind.NO_PLAN for one in queries.standing(session, organisation.id)):
        return
    today = day_of(organisation, now)
    trial.disconnect_on = max(trial.disconnect_on, today + timedelta(days=KEPT_CONNECTED_DAYS))
    brakes.impose(session, organisation.id, Kind.NO_PLAN, reason, brakes.DUNNOCK, now)


def let_go(session: Session, organisation_id: str, now: datetime) -> None:
    """There is a plan, or nobody needs one."""
    for brake in queries.standing(session, organisation_id):
        if brake.kind == Kind.NO_PLAN:
            brakes.let_go(session, brake, brakes.DUNNOCK, now)


def day_of(organisation: Organisation, now: datetime) -> date:
    """The organisation's own day."""
    return now.astimezone(ZoneInfo(organisation.timezone)).date()
