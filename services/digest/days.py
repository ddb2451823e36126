"""On which day the digest of a week leaves, and whether that moment has come."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from credit_control.calendar import first_sending_day
from credit_control.payer.ahead import monday
from store.facts import policy_of
from store.models import Organisation

MORNING = time(7)
"""By the organisation's clocks: it is read before the day begins, and the night's figures are there."""
_WEEK = timedelta(days=7)


def day_of(organisation: Organisation, today: date) -> date | None:
    """The day of this week on which its digest leaves: the first on which mails may leave and people work.

    None where the whole week is off: nobody is there to read it, and the next one begins with the day after.
    """
    first = monday(today)
    day = first_sending_day(policy_of(organisation).window, first)
    return day if day < first + _WEEK else None


def next_day(organisation: Organisation, since: date) -> date:
    """The day on which the next digest leaves that may leave from ``since`` on."""
    first = monday(since)
    while (day := day_of(organisation, first)) is None or day < since:
        first += _WEEK
    return day


def has_come(organisation: Organisation, now: datetime) -> bool:
    """Whether the digest of this week may leave, by the clocks on the walls of the organisation."""
    here = now.astimezone(ZoneInfo(organisation.timezone))
    day = day_of(organisation, here.date())
    return day is not None and (here.date() > day or (here.date() == day and here.time() >= MORNING))


def may_have_come(zone: str, now: datetime) -> bool:
    """Whether it can be time at all, whatever is off: asked often, so that only who may be due is looked at closer."""
    here = now.astimezone(ZoneInfo(zone))
    return here.weekday() > 0 or here.time() >= MORNING


def first_day_for(organisation: Organisation, now: datetime) -> date:
    """From which day on whoever wants it from now on gets it: never one whose moment is over."""
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    return next_week(today) if has_come(organisation, now) else today


def next_week(today: date) -> date:
    """The Monday after this week."""
    return monday(today) + _WEEK


def is_waited_for(from_on: date, today: date) -> bool:
    """Whether a day from which on somebody gets it has come; one beyond next week was written by a wrong clock."""
    return from_on <= today or from_on > next_week(today)
