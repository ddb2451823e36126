"""When mails may leave: sending windows laid over real calendars.

A window is half-open: a mail may leave at the opening and at any instant before the closing, by the clocks
on the walls of the organisation (``credit_control.clocks``). A day on which nothing of the window is left,
because clocks skipped it, is no sending day; nor is a day off of the organisation. Where it is known where the
customer works, only the hours that both work count, unless they never have any in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from credit_control.clocks import hours_of, instants, zone_named
from credit_control.facts import NO_DAYS_OFF, DaysOff, Office, SendingWindow

_DAY = timedelta(days=1)
_LEAST_IN_COMMON = timedelta(minutes=30)
"""Less than this in common is as good as nothing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One day's stretch of a sending window; ``opens`` and ``closes`` are UTC instants."""

    day: date
    opens: datetime
    closes: datetime


def check_window(window: SendingWindow) -> None:
    """Raise ``ValueError`` with one sentence if no mail could ever leave by this window."""
    zone_named(window.zone)
    if not window.days or not window.days <= frozenset(range(7)):
        raise ValueError("A sending window needs at least one weekday, from 0 (Monday) to 6 (Sunday).")
    if window.spread_minutes < 0:
        raise ValueError("The spread after opening cannot be negative; choose 0 minutes or more.")
    if window.opens >= window.closes:
        raise ValueError(
            f"The sending window opens at {window.opens:%H:%M} and closes at {window.closes:%H:%M}, which"
            " leaves no time; choose a later closing."
        )


def local_day(window: SendingWindow, instant: datetime) -> date:
    """The organisation's calendar date at ``instant`` (aware; a naive one raises ``ValueError``)."""
    if instant.tzinfo is None:
        raise ValueError(f"The moment {instant} has no time zone; give an aware one, best in UTC.")
    return instant.astimezone(_zone(window)).date()


@lru_cache(maxsize=4096)
def start_of_day(window: SendingWindow, day: date) -> datetime:
    """The first instant (UTC) of the organisation's ``day``, which is not midnight where clocks skip that."""
    return instants(_zone(window), datetime.combine(day, time()))[0]


@lru_cache(maxsize=16384)
def first_slot(window: SendingWindow, day: date) -> Slot:
    """The slot of ``day``, or of the first sending day after it."""
    while (slot := _slot(window, day)) is None:
        day += _DAY
    return slot


def next_slot(window: SendingWindow, now: datetime) -> Slot:
    """The slot that ``now`` lies in, or else the next one to open."""
    return slot_from(window, local_day(window, now), now)


def slot_from(window: SendingWindow, today: date, now: datetime) -> Slot:
    """The same for who knows already that ``now`` is on the local day ``today``."""
    slot = first_slot(window, today)
    return slot if now < slot.closes else first_slot(window, today + _DAY)


def first_sending_day(window: SendingWindow, day: date) -> date:
    """``day`` itself if mails may leave on it, else the first day after it on which they may."""
    return first_slot(window, day).day


def opening(window: SendingWindow, day: date) -> datetime:
    """The instant (UTC) from which mails leave on ``day``."""
    return _slot_of_sending_day(window, day).opens


def closing(window: SendingWindow, day: date) -> datetime:
    """The instant (UTC) before which the mails of ``day`` must have left."""
    return _slot_of_sending_day(window, day).closes


def next_moment(window: SendingWindow, now: datetime) -> datetime:
    """``now`` if a mail may leave now, else the next opening (UTC)."""
    return max(now, next_slot(window, now).opens)


def add_working_days(day: date, count: int, off: DaysOff = NO_DAYS_OFF) -> date:
    """The date ``count`` working days after ``day``; with 0, ``day`` itself.

    Sending days are not meant: who mails on Tuesdays only still gives two days' grace, not two weeks.
    """
    step = _DAY if count > 0 else -_DAY
    while count:
        day += step
        count -= (count > 0) - (count < 0) if is_working_day(day, off) else 0
    return day


def working_day_from(day: date, off: DaysOff) -> date:
    """``day`` itself if it is a working day, else the first one after it."""
    return day if is_working_day(day, off) else add_working_days(day, 1, off)


def is_working_day(day: date, off: DaysOff) -> bool:
    """Whether an office with these days off works on ``day``."""
    return day.weekday() not in off.weekend and day not in off.names


# -- what is shared with the customer -------------------------------------------------------------------


@lru_cache(maxsize=16384)
def hours_in_common(window: SendingWindow, day: date) -> bool:
    """Whether organisation and customer have sending hours in common in the week of ``day``, holidays or not.

    Asked week by week, because clocks are not changed on the same Sunday everywhere.
    """
    office = window.office
    if office is None:
        return True
    monday = day - timedelta(days=day.weekday())
    plain = Office(office.place, office.zone, DaysOff(office.off.key, office.off.weekend))
    week = (_own_slot(window, monday + number * _DAY) for number in range(7))
    return any(own is not None and _in_common(plain, own) is not None for own in week)


def why_closed(window: SendingWindow, day: date) -> str | None:
    """What closes ``day``, by its name: a holiday, a closed period, a day off at the customer's. None: it has no name."""
    if name := window.off.names.get(day):
        return name
    own = _own_slot(window, day)
    office = window.office
    if own is None or office is None or not hours_in_common(window, day):
        return None
    for there in _days_there(office, own):
        if name := office.off.names.get(there):
            return f"{name}, {office.place}"
        if there.weekday() in office.off.weekend:
            return f"weekend in {office.place}"
    return None


def shortened_by_office(window: SendingWindow, slot: Slot) -> bool:
    """Whether the customer's working hours make less of this slot than the organisation's own window."""
    return _own_slot(window, slot.day) != slot


@lru_cache(maxsize=16384)
def _slot(window: SendingWindow, day: date) -> Slot | None:
    if day in window.off.names:
        return None
    own = _own_slot(window, day)
    if own is None or window.office is None or not hours_in_common(window, day):
        return own
    return _in_common(window.office, own)


@lru_cache(maxsize=16384)
def _own_slot(window: SendingWindow, day: date) -> Slot | None:
    """The organisation's own hours of one day; its days off are not looked at."""
    if day.weekday() not in window.days:
        return None
    hours = hours_of(_zone(window), day, window.opens, window.closes)
    return Slot(day, *hours) if hours else None


def _in_common(office: Office, own: Slot) -> Slot | None:
    """The longest stretch of the organisation's hours in which the customer works as well."""
    if office.zone is None:
        return own if is_working_day(own.day, office.off) else None
    longest: Slot | None = None
    for there in _days_there(office, own):
        hours = hours_of(zone_named(office.zone), there, office.opens, office.closes)
        if hours is None or not is_working_day(there, office.off):
            continue
        opens, closes = max(own.opens, hours[0]), min(own.closes, hours[1])
        if longest is None or closes - opens > longest.closes - longest.opens:
            longest = Slot(own.day, opens, closes)
    enough = min(_LEAST_IN_COMMON, own.closes - own.opens)
    return longest if longest and longest.closes - longest.opens >= enough else None


def _days_there(office: Office, own: Slot) -> list[date]:
    """The customer's calendar days that touch a day's hours; the organisation's own where the zone is not known."""
    if office.zone is None:
        return [own.day]
    zone = zone_named(office.zone)
    first, last = own.opens.astimezone(zone).date(), own.closes.astimezone(zone).date()
    return [first + number * _DAY for number in range((last - first).days + 1)]


def _slot_of_sending_day(window: SendingWindow, day: date) -> Slot:
    slot = _slot(window, day)
    if slot is None:
        raise ValueError(f"{day} is no sending day of this window; ask for first_sending_day first.")
    return slot


@lru_cache(maxsize=1024)
def _zone(window: SendingWindow) -> ZoneInfo:
    check_window(window)
    return zone_named(window.zone)
