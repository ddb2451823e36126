"""Calendars as the rules want them: what is off for an organisation, and where its customers work.

They are made once for each country and year in a process and shared by all that work by them, because a whole
ledger is planned with a handful. Days are known from last year to three years ahead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from credit_control.closures import ClosedPeriod, days_of
from credit_control.facts import DaysOff, Office, PaymentDays
from kit import clock, public_holidays
from kit.wording import ENGLISH, worded_in

NOBODYS = "none"
"""The word of an organisation that keeps no public holidays."""
_YEARS_AHEAD = 3


def years_known() -> range:
    """The years whose days off are worked out."""
    now = clock.now().year
    return range(now - 1, now + _YEARS_AHEAD + 1)


def days_off(place: str, periods: Sequence[Mapping[str, Any]]) -> DaysOff:
    """What is off for an organisation: the holidays of a place (``none``: no holidays), and closed periods."""
    return _days_off(place, json.dumps(periods, sort_keys=True), years_known())


@lru_cache(maxsize=1024)
def _days_off(place: str, periods: str, years: range) -> DaysOff:
    names: dict[date, str] = dict(public_holidays.holidays_in(place, years[0], years[-1]))
    for period in periods_of(json.loads(periods)):
        for day in days_of(period, years):
            names.setdefault(day, period.name)
    key = f"{place} {years[0]} {public_holidays.version()} {periods}"
    return DaysOff(key, public_holidays.weekend_in(place), names)


def periods_of(stored: Sequence[Mapping[str, Any]]) -> tuple[ClosedPeriod, ...]:
    """Closed periods as they are stored."""
    return tuple(
        ClosedPeriod(
            date.fromisoformat(one["first"]), date.fromisoformat(one["last"]), one["name"], one["yearly"]
        )
        for one in stored
    )


def stored(periods: Sequence[ClosedPeriod]) -> list[dict[str, Any]]:
    """Closed periods as they are kept in a row, the first one first."""
    return [
        {
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "name": one.name,
            "yearly": one.yearly,
        }
        for one in sorted(periods, key=lambda one: (one.first, one.last, one.name))
    ]


def office_of(country: str | None, place: str | None, zone: str | None, years: range) -> Office | None:
    """Where a customer works, by the ledger's country and what a person has set; None: nothing is known of it."""
    where = place or country
    return _office(where or "", zone, years) if where or zone else None


@lru_cache(maxsize=1024)
def _office(place: str, zone: str | None, years: range) -> Office | None:
    if not public_holidays.is_place(place):
        return _office_by_clock(zone) if zone else None
    holidays = public_holidays.holidays_in(place, years[0], years[-1])
    key = f"{place} {years[0]} {public_holidays.version()}"
    with worded_in(
        ENGLISH
    ):  # it is made once for everybody, and goes into reasons, which are kept in English
        name = public_holidays.place_name(place)
    return Office(
        name,
        zone or public_holidays.zone_in(place.partition("-")[0]),
        DaysOff(key, public_holidays.weekend_in(place), holidays),
    )


def _office_by_clock(zone: str) -> Office:
    """In a place of which only the time zone is known, named by its city."""
    city = zone.rpartition("/")[2].replace("_", " ")
    return Office(city, zone, DaysOff("no holidays known", public_holidays.WEEKEND))


def payment_days(stored: Mapping[str, Any] | None) -> PaymentDays | None:
    """On which days a customer pays, as it is stored; None: nobody said."""
    return PaymentDays(tuple(stored["month_days"]), tuple(stored["weekdays"])) if stored else None
