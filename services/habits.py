"""What is usual for an organisation, learned from its own book once a day of its calendar.

To look at a year of invoices takes a second for a large ledger, and what is usual does not change within a
day; so it is kept, and the brakes read one row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from credit_control import brakes as rules
from credit_control.calendar import local_day, start_of_day
from credit_control.facts import SendingWindow
from kit import clock
from services.app import App
from store.facts import policy_of
from store.models import Organisation
from store.queries import brakes as queries

_YEAR = timedelta(days=365)
_RUNS = timedelta(days=90)
HALF_YEAR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Cap:
    """Most chasers in 24 hours, and where the figure comes from."""

    most: int
    set_by: Literal["person", "learned"]


def learn(app: App, organisation_id: str) -> None:
    """Learn what is usual, unless that was done today already."""
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        window = policy_of(organisation).window
        today = local_day(window, clock.now())
        known = queries.habits(session, organisation_id)
        if known and known.learned_on == today:
            return
        learned = _learned(session, organisation_id, window, today)
    with app.database.write(organisation_id) as session:
        queries.keep_habits(session, learned)


def habits_of(session: Session, organisation_id: str) -> rules.Habits:
    """What was last learned; nothing is known of an organisation that is new."""
    known = queries.habits(session, organisation_id)
    if known is None:
        return rules.Habits()
    return rules.Habits(known.busiest_due, known.busiest_run, known.payment_days, known.longest_pause)


def cap_of(session: Session, organisation: Organisation) -> Cap:
    """The daily cap in force: a person's, or else the learned one."""
    if organisation.daily_cap is not None:
        return Cap(organisation.daily_cap, "person")
    return Cap(rules.learned_cap(habits_of(session, organisation.id).busiest_due), "learned")


def books_limit_of(session: Session, organisation: Organisation) -> int | None:
    """Days without a payment after which the books are in doubt; None: nobody said, and it cannot be told."""
    return rules.books_limit(organisation.books_limit_days, habits_of(session, organisation.id))


def _learned(session: Session, organisation_id: str, window: SendingWindow, today: date) -> dict[str, object]:
    reconciles = queries.reconciles(session, organisation_id, today - HALF_YEAR)
    paid = queries.payment_days(session, organisation_id, today - HALF_YEAR, today, reconciled=reconciles)
    return {
        "organisation_id": organisation_id,
        "learned_on": today,
        "busiest_due": queries.busiest_due(session, organisation_id, today - _YEAR, today),
        "busiest_run": _busiest_run(session, organisation_id, window, today),
        "payment_days": len(paid),
        "longest_pause": rules.longest_pause(paid),
        "reconciles": reconciles,
    }


def _busiest_run(session: Session, organisation_id: str, window: SendingWindow, today: date) -> int:
    """Counted by the organisation's own days, from the hand-overs themselves."""
    since, before = start_of_day(window, today - _RUNS), start_of_day(window, today)
    moments = queries.hand_overs(session, organisation_id, since, before)
    return max(Counter(local_day(window, moment) for moment in moments).values(), default=0)
