"""How right the reminders of a period were: right first time, and asked for what was paid.

The year up to today and the months that the review shows first are kept while nothing has changed, because a year of many
reminders takes long to count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.figures import doing
from credit_control.figures.by_month import months_back, next_month
from credit_control.figures.figure import Figure, Period, days_up_to
from services.kept_results import Result
from store.models import Organisation
from store.queries import figures as queries
from store.queries import sends_counted as counting
from store.queries.figures import Sent

USUAL_DAYS: Final = 365
_BACK: Final = (1, 2, 13)
"""Months before the running one: the last that is over, the one before it, and the same month a year before."""


@dataclass(frozen=True, slots=True)
class Reminders:
    """Those of one currency: how many left, went wrong, and asked for what was paid."""

    count: int = 0
    went_wrong: int = 0
    asked_for_paid: int = 0

    def figures(self) -> dict[str, Figure]:
        """How right they were."""
        return {
            "right_first_time": doing.right_first_time(self.went_wrong, self.count),
            "wrong_chase_rate": doing.wrong_chases(self.asked_for_paid, self.count),
        }


def counted(
    session: Session, organisation: Organisation, period: Period, today: date
) -> dict[str, Reminders]:
    """By currency, the reminders that left on these days of the organisation."""
    if period == days_up_to(today, USUAL_DAYS):
        return OF_A_YEAR.told(session, organisation, today)
    return _count(session, organisation, period)


def counted_by_month(
    session: Session, organisation: Organisation, months: Sequence[date], today: date
) -> dict[date, dict[str, Reminders]]:
    """The same of whole months, by their first days."""
    if tuple(months) == _shown_first(today):
        return OF_MONTHS.told(session, organisation, today)
    return _count_months(session, organisation, months)


def one_by_one(session: Session, organisation: Organisation, period: Period, currency: str) -> list[Sent]:
    """The reminders of one currency that left on these days of the organisation."""
    since, before = _span(period, ZoneInfo(organisation.timezone))
    return queries.sends(session, organisation.id, since, before, currency)


def figures_of(sends: Sequence[Sent], timezone: str) -> dict[str, Figure]:
    """How right these reminders were."""
    zone = ZoneInfo(timezone)
    return Reminders(
        len(sends),
        sum(one.went_wrong for one in sends),
        sum(asked_for_paid_ones(one, zone) for one in sends),
    ).figures()


def asked_for_paid_ones(one: Sent, zone: ZoneInfo) -> bool:
    """Whether a reminder asked for an invoice whose full payment is dated before the day on which it left."""
    return any(day < one.at.astimezone(zone).date() for day in one.paid_on)


def _count(session: Session, organisation: Organisation, period: Period) -> dict[str, Reminders]:
    """Only doubtful ones are read; the database counts the others."""
    zone = ZoneInfo(organisation.timezone)
    span = _span(period, zone)
    asked: dict[str, set[str]] = defaultdict(set)
    for key, currency, at, paid_on in counting.perhaps_paid(session, organisation.id, *span):
        if paid_on < at.astimezone(zone).date():
            asked[currency].add(key)
    return {
        currency: Reminders(one.sends, one.went_wrong, len(asked[currency]))
        for currency, one in counting.sends_counted(session, organisation.id, *span).items()
    }


def _count_months(
    session: Session, organisation: Organisation, months: Sequence[date]
) -> dict[date, dict[str, Reminders]]:
    return {
        first: _count(session, organisation, Period(first, next_month(first) - timedelta(1)))
        for first in months
    }


def _span(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of a period to the one after its last."""
    return (
        datetime.combine(period.first, time.min, zone).astimezone(UTC),
        datetime.combine(period.last + timedelta(1), time.min, zone).astimezone(UTC),
    )


def _shown_first(today: date) -> tuple[date, ...]:
    return tuple(months_back(today.replace(day=1), back) for back in _BACK)


def _of_a_year(session: Session, organisation: Organisation, today: date) -> dict[str, Reminders]:
    return _count(session, organisation, days_up_to(today, USUAL_DAYS))


def _of_months(session: Session, organisation: Organisation, today: date) -> dict[date, dict[str, Reminders]]:
    return _count_months(session, organisation, _shown_first(today))


OF_A_YEAR: Final = Result("reminders_of_a_year", _of_a_year, (Reminders,))
OF_MONTHS: Final = Result("reminders_of_months", _of_months, (Reminders,))
