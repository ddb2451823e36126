"""Customers who pay on certain days: what a reminder does when their next payment run is near.

A reminder that would leave from three working days before a run on waits until the run is over and its money
has had one working day to arrive: it leaves on the first sending day after that. It lets one run pass and no
more, counted from the day of the first reminder that has not left yet, so no step is ever put off twice,
however often the customer pays. Notes before the due date do not wait, since they want to be in time for the run; nor
do steps that a person takes.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from credit_control.calendar import add_working_days, first_sending_day, is_working_day
from credit_control.facts import PaymentDays, SendingWindow

WORKING_DAYS_BEFORE = 3
_DAY = timedelta(days=1)
_LOOK_BACK = timedelta(days=14)
"""A run this long ago is over, money and all."""
_LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class Run:
    """One payment run, and the days around it."""

    on: date
    """The day on which it is made: the customer's next working day if its own is none."""
    from_day: date
    """The first day on which a reminder waits for it …"""
    free_on: date
    """… and the first sending day on which none does any more."""


def check_days(days: PaymentDays) -> None:
    """Raise ``ValueError`` with one sentence unless these are days of a month (1 to 31) or of a week (0 to 6)."""
    if not days.month_days and not days.weekdays:
        raise ValueError("Name at least one day on which the customer pays.")
    if not set(days.month_days) <= set(range(1, _LAST_DAY + 1)):
        raise ValueError("A day of the month is a number from 1 to 31; 31 stands for the last one.")
    if not set(days.weekdays) <= set(range(7)):
        raise ValueError("A weekday is a number from 0 (Monday) to 6 (Sunday).")


def run_in_the_way(days: PaymentDays, window: SendingWindow, ready: date, on: date) -> Run | None:
    """The run for which a reminder waits that is ready since ``ready`` and would leave on ``on``; None: it leaves."""
    run = _first_run(days, window, ready)
    return run if run.from_day <= on < run.free_on else None


@lru_cache(maxsize=16384)
def _first_run(days: PaymentDays, window: SendingWindow, ready: date) -> Run:
    """The first run after which a reminder that is ready since ``ready`` would be free again."""
    day = ready - _LOOK_BACK
    while not (_pays(days, day) and (run := _run(window, day)).free_on > ready):
        day += _DAY
    return run


def _pays(days: PaymentDays, day: date) -> bool:
    """Whether a run is meant for ``day``; a day that a month does not have is its last one."""
    if day.weekday() in days.weekdays or day.day in days.month_days:
        return True
    is_last = day.day == monthrange(day.year, day.month)[1]
    return is_last and any(number > day.day for number in days.month_days)


def _run(window: SendingWindow, meant: date) -> Run:
    theirs = window.office.off if window.office else window.off
    on = meant if is_working_day(meant, theirs) else add_working_days(meant, 1, theirs)
    arrived = add_working_days(on, 1, window.off)
    return Run(
        on,
        add_working_days(meant, -WORKING_DAYS_BEFORE, theirs),
        first_sending_day(window, arrived + _DAY),
    )
