"""Looks at hosted organisations once a day, and whenever their payer changed: who is told, held, or disconnected.

Where HOSTED is off, all that it does is to let go what it held before.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.brakes import Kind
from kit import clock
from kit.wording import N_
from services import disconnection, notice_text, notices
from services.app import App
from services.plans_and_usage import holding
from services.plans_and_usage.holding import day_of, of
from services.plans_and_usage.standing import (
    GRACE,
    KEPT_CONNECTED_DAYS,
    LAST_WORD_DAYS,
    OVER,
    TRIAL,
    TRIAL_DAYS,
    WARNED_DAYS,
    Standing,
    standing,
)
from store.models import Organisation, TrialPeriod
from store.queries import notices as notice_queries
from store.queries import plans as queries

__all__ = ["NOBODY_PAID", "begin", "due", "look", "of"]

_IN_CHARGE = ("owner", "manager")
NOBODY_PAID = N_("Dunnock, because no plan was begun")


def due(app: App) -> list[str]:
    """Organisations to look at now."""
    with app.database.read_across() as session:
        if not app.settings.hosted:
            return queries.organisations_braked(session, Kind.NO_PLAN)
        return queries.organisations_to_look_at(session, clock.now())


def begin(session: Session, organisation: Organisation, now: datetime) -> TrialPeriod:
    """The organisation's trial, begun now if it never had one, also not before everything of it was deleted.

    Whoever connects again after the end is left a few days to begin a plan before the connection ends.
    """
    today = day_of(organisation, now)
    last_day = queries.former_trial(session, organisation.id) or today + timedelta(days=TRIAL_DAYS)
    trial = queries.begin_trial(
        session,
        {
            "organisation_id": organisation.id,
            "started_at": now,
            "last_day": last_day,
            "disconnect_on": last_day + timedelta(days=1 + KEPT_CONNECTED_DAYS),
            "next_look_at": now,
        },
    )
    trial.disconnect_on = max(trial.disconnect_on, today + timedelta(days=LAST_WORD_DAYS))
    return trial


def look(app: App, organisation_id: str) -> None:
    """Hold or let go, tell who has to know, and end a connection that nobody pays for."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        if not app.settings.hosted:
            holding.let_go(session, organisation_id, now)
            return
        leaves = _looked_at(app, session, organisation, now)
    if leaves:
        disconnection.disconnect(app, organisation_id, by=NOBODY_PAID)


def _looked_at(app: App, session: Session, organisation: Organisation, now: datetime) -> bool:
    """Whether its connection has come to its end."""
    today = day_of(organisation, now)
    trial = queries.trial(session, organisation.id) or begin(session, organisation, now)
    stands = standing(trial, queries.payer_of(session, organisation.id), now, today)
    trial.next_look_at = _midnight_after(organisation, today)
    if stands.reason is None:
        holding.let_go(session, organisation.id, now)
    else:
        holding.hold(session, organisation, trial, stands.reason, now)
    if organisation.connection != "connected":
        return False
    _tell(app, session, organisation, trial, stands, today, now)
    return stands.kind == OVER and today >= trial.disconnect_on


def _tell(
    app: App,
    session: Session,
    organisation: Organisation,
    trial: TrialPeriod,
    stands: Standing,
    today: date,
    now: datetime,
) -> None:
    """Tell owners and managers what comes, once each."""
    about = _what_to_tell(trial, stands, today)
    if about is None:
        return
    home = app.settings.public_url
    for reader in notice_queries.in_charge(session, organisation.id, _IN_CHARGE):
        subject, body = notice_text.plan(organisation, reader, about, stands, trial.disconnect_on, home)
        key = f"{about} {stands.until} {trial.disconnect_on if about == 'last_word' else ''}"
        notices.tell(session, organisation.id, "plan", reader, key, subject, body, now)


def _what_to_tell(trial: TrialPeriod, stands: Standing, today: date) -> str | None:
    """ending, unpaid, over, last_word, or nothing."""
    if stands.kind == TRIAL:
        return "ending" if today >= trial.last_day - timedelta(days=WARNED_DAYS) else None
    if stands.kind == GRACE:
        return "unpaid"
    if stands.kind != OVER:
        return None
    return "last_word" if today >= trial.disconnect_on - timedelta(days=LAST_WORD_DAYS) else "over"


def _midnight_after(organisation: Organisation, today: date) -> datetime:
    return datetime.combine(today + timedelta(days=1), time(), ZoneInfo(organisation.timezone))
