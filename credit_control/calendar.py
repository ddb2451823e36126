"""When mails may leave: sending windows laid over real calendars.

A window is half-open: a mail may leave at the opening and at any instant before the closing.
Local clocks jump. An opening that is skipped happens at the jump, one that comes twice counts the
second time, and a closing that comes twice counts the first time after the opening, so that a wall
clock in the organisation's zone reads a time inside the window whenever a mail leaves. A day on
which nothing of the window is left, because clocks skipped it, is no sending day.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from credit_control.facts import SendingWindow

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Slot:
    """One day's stretch of a sending window; ``opens`` and ``closes`` are UTC instants."""

    day: date
    opens: datetime
    closes: datetime


def check_window(window: SendingWindow) -> None:
    """Raise ``ValueError`` with one sentence if no mail could ever leave by this window."""
    _known_zone(window.zone)
    if not window.days or not window.days <= frozenset(range(7)):
        raise ValueError("A sending window needs at least one weekday, from 0 (Monday) to 6 (Sunday).")
    if window.opening_delay_minutes < 0:
        raise ValueError("The delay after opening cannot be negative; choose 0 minutes or more.")
    if _minutes(window.opens) + window.opening_delay_minutes >= _minutes(window.closes):
        raise ValueError(
            f"The sending window opens at {window.opens:%H:%M} with a delay of {window.opening_delay_minutes}"
            f" minutes and closes at {window.closes:%H:%M}, which leaves no time; choose a later closing."
        )


def local_day(window: SendingWindow, instant: datetime) -> date:
    """The organisation's calendar date at ``instant`` (aware; a naive one raises ``ValueError``)."""
    if instant.tzinfo is None:
        raise ValueError(f"The moment {instant} has no time zone; give an aware one, best in UTC.")
    return instant.astimezone(_zone(window)).date()


@lru_cache(maxsize=4096)
def start_of_day(window: SendingWindow, day: date) -> datetime:
    """The first instant (UTC) of the organisation's ``day``, which is not midnight where clocks skip that."""
    return _instants(_zone(window), datetime.combine(day, time()))[0]


@lru_cache(maxsize=4096)
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
    """The instant (UTC) from which mails leave on ``day``, the delay included."""
    return _slot_of_sending_day(window, day).opens


def closing(window: SendingWindow, day: date) -> datetime:
    """The instant (UTC) before which the mails of ``day`` must have left."""
    return _slot_of_sending_day(window, day).closes


def next_moment(window: SendingWindow, now: datetime) -> datetime:
    """``now`` if a mail may leave now, else the next opening (UTC)."""
    return max(now, next_slot(window, now).opens)


def add_working_days(day: date, count: int) -> date:
    """The date ``count`` working days (Monday to Friday) after ``day``; with 0, ``day`` itself.

    Sending days are not meant: who mails on Tuesdays only still gives two days' grace, not two weeks.
    """
    while count > 0:
        day += _DAY
        count -= day.weekday() < _SATURDAY
    return day


def _slot_of_sending_day(window: SendingWindow, day: date) -> Slot:
    slot = _slot(window, day)
    if slot is None:
        raise ValueError(f"{day} is no sending day of this window; ask for first_sending_day first.")
    return slot


@lru_cache(maxsize=4096)
def _slot(window: SendingWindow, day: date) -> Slot | None:
    zone = _zone(window)
    if day.weekday() not in window.days:
        return None
    delay = timedelta(minutes=window.opening_delay_minutes)
    opens = _instants(zone, datetime.combine(day, window.opens) + delay)[1]
    first, last = _instants(zone, datetime.combine(day, window.closes))
    closes = first if first > opens else last
    return Slot(day, opens, closes) if opens < closes else None


@lru_cache(maxsize=256)
def _zone(window: SendingWindow) -> ZoneInfo:
    check_window(window)
    return ZoneInfo(window.zone)


def _instants(zone: ZoneInfo, wall: datetime) -> tuple[datetime, datetime]:
    """The first and the last UTC instant at which clocks show ``wall``; the jump, twice, if they skip it."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    last = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first <= last:
        return first, last
    jump = _jump(zone, last, first)
    return jump, jump


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The instant between two others at which the zone's clocks jump."""
    offset = before.astimezone(zone).utcoffset()
    seconds = range((after - before) // _SECOND + 1)

    def jumped(second: int) -> bool:
        return (before + second * _SECOND).astimezone(zone).utcoffset() != offset

    return before + bisect_left(seconds, True, key=jumped) * _SECOND


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not found; not a zone's name; a folder's name
        raise ValueError(
            f"“{name}” is no known time zone; give an IANA name such as Europe/London."
        ) from error


def _minutes(at: time) -> float:
    return at.hour * 60 + at.minute + at.second / 60
