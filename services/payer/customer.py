"""How one customer pays, with all that this is told by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.payer.habits import Habits, habits
from credit_control.payer.rating import WINDOW, MonthOfTrend, Rated, trend
from credit_control.payer.what_worked import Said, WhatWorked, what_worked
from services.payer.ratings import ratings_of
from store.models import RatingChange
from store.queries import payers as queries

_TWO_YEARS = timedelta(days=2 * 366)
MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer's rating, a year's trend, its habits of the last year, and how the rating changed."""

    rated: Rated
    trend: Sequence[MonthOfTrend]
    habits: Habits
    changes: Sequence[RatingChange]
    worked: WhatWorked


def payer_of(
    session: Session, organisation_id: str, contact_id: str, today: date, zone: str = "UTC"
) -> Payer:
    """How this customer pays. ``today`` is the organisation's day, by its time zone."""
    paid = [
        one for _, one in queries.settled(session, organisation_id, today - _TWO_YEARS, today, [contact_id])
    ]
    since = today - WINDOW
    payments = queries.payments(session, organisation_id, contact_id, since, today)
    left = datetime.combine(since, time(), ZoneInfo(zone))
    return Payer(
        ratings_of(session, organisation_id, [contact_id], today)[contact_id],
        trend(paid, today),
        habits(
            payments,
            queries.settled_ids(session, organisation_id, contact_id, since, today),
        ),
        queries.changes(session, organisation_id, contact_id=contact_id, most=MOST_CHANGES),
        what_worked(
            (
                Said(at.astimezone(ZoneInfo(zone)).date(), channel, sender, step)
                for at, channel, sender, step in queries.messages(session, organisation_id, contact_id, left)
            ),
            [one.on for one in payments],
        ),
    )
