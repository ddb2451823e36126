"""When the one message to a contact may leave: the gap to the last one, then the sending window.

Inside the window each message has a place of its own in the first part of it, so that the mails of one
organisation do not all leave on the stroke of the opening. The place follows from contact and day, and stays
the same however often the message is planned before it opens; what is planned while it is open leaves at once.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from credit_control.calendar import (
    Slot,
    first_slot,
    hours_in_common,
    local_day,
    shortened_by_office,
    slot_from,
    why_closed,
)
from credit_control.decisions import Outcome, Reason
from credit_control.facts import Contact, Office, Policy, SendingWindow
from credit_control.words import Count, Day, DayOff, Hour, Weekday

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timing:
    """One contact's place in time; it is the same for all its invoices."""

    now: datetime
    today: date
    last_on: date | None
    """The organisation's day on which the last message left."""
    earliest: date
    """The first day, from today on, that the gap to the last message allows."""
    gap_days: int
    window: SendingWindow
    """The organisation's, with the customer's office in it."""
    slot: Slot
    """The stretch of the window in which a message planned now leaves."""
    courtesy_on: date | None = None
    """The organisation's day on which a mail left that does not count for the gap: thanks, say."""


def window_for(window: SendingWindow, office: Office | None) -> SendingWindow:
    """The organisation's window as it is for a contact with this office; the same one for all that share it."""
    return window if office is None else _with_office(window, office)


@lru_cache(maxsize=1024)
def _with_office(window: SendingWindow, office: Office) -> SendingWindow:
    return replace(window, office=office)


def timing_of(
    policy: Policy,
    contact: Contact,
    last_message_at: datetime | None,
    now: datetime,
    last_courtesy_at: datetime | None = None,
) -> Timing:
    """Find the slot of the next message: never two on one day, nor within the minimum gap."""
    last_on = None if last_message_at is None else local_day(policy.window, last_message_at)
    courtesy_on = None if last_courtesy_at is None else local_day(policy.window, last_courtesy_at)
    window = window_for(policy.window, contact.office)
    return _timing(window, max(policy.minimum_gap_days, 1), last_on, now, courtesy_on)


@lru_cache(maxsize=4096)
def _timing(
    window: SendingWindow, gap_days: int, last_on: date | None, now: datetime, courtesy_on: date | None
) -> Timing:
    """The same for all contacts that were last written to on one day."""
    today = local_day(window, now)
    earliest = today if last_on is None else max(today, last_on + timedelta(days=gap_days))
    if courtesy_on is not None:
        earliest = max(earliest, courtesy_on + _DAY)
    slot = slot_from(window, today, now) if earliest == today else first_slot(window, earliest)
    return Timing(now, today, last_on, earliest, gap_days, window, slot, courtesy_on)


def leaving_at(timing: Timing, contact_id: str) -> datetime:
    """When a message planned now leaves: at once in an open window, else at its place in the next one."""
    if timing.slot.opens <= timing.now:
        return timing.now
    return place_in(timing.slot, timing.window, contact_id)


def place_in(slot: Slot, window: SendingWindow, contact_id: str) -> datetime:
    """The moment of a slot from which the message to this contact may leave: never the same two days running."""
    third = int((slot.closes - slot.opens).total_seconds()) // 3
    most = min(window.spread_minutes * 60, third)
    return slot.opens + timedelta(seconds=zlib.crc32(f"{contact_id} {slot.day}".encode()) % (most + 1))


def timing_reasons(timing: Timing, leaves: datetime, *, move_is_said: bool = False) -> tuple[Reason, ...]:
    """What gap and window say to a message planned now that ``leaves`` at a moment of its slot.

    ``move_is_said``: other reasons name the day from which it was moved there, so these name no other.
    """
    found = (
        _gap_reason(timing),
        _window_reason(timing, leaves, move_is_said),
        timing.window.office and _office_reason(timing.window, timing.slot),
    )
    return tuple(reason for reason in found if reason)


def _gap_reason(timing: Timing) -> Reason | None:
    if timing.courtesy_on and timing.earliest == timing.courtesy_on + _DAY > timing.today:
        pattern = "Another mail to the customer left on {0}; no reminder follows on the same day."
        return Reason("gap", Outcome.DELAYS, pattern, (Day(timing.courtesy_on),))
    if timing.last_on is None:
        return None
    last, gap = Day(timing.last_on), Count(timing.gap_days, "day")
    allowed = timing.last_on + timedelta(days=timing.gap_days)
    if allowed > timing.today:
        pattern = "The last message left on {0}; {1} must pass, so the next may leave from {2} on."
        return Reason("gap", Outcome.DELAYS, pattern, (last, gap, Day(allowed)))
    return Reason("gap", Outcome.ALLOWS, "The last message left on {0}, at least {1} ago.", (last, gap))


def _window_reason(timing: Timing, leaves: datetime, move_is_said: bool) -> Reason:
    slot = timing.slot
    hour = Hour(leaves, timing.window.zone)
    if slot.opens <= timing.now and leaves <= timing.now:
        pattern = "Inside the sending window of {0}."
        return Reason("window", Outcome.ALLOWS, pattern, (Weekday(slot.day),))
    if move_is_said or slot.day == timing.earliest:
        pattern = "Leaves at {1} in the sending window of {0}; mails are spread over its first part."
        if leaves == slot.opens:
            pattern = "Leaves when the sending window of {0} opens, at {1}."
        return Reason("window", Outcome.DELAYS, pattern, (Weekday(slot.day), hour))
    return moved("window", timing.window, timing.earliest, slot.day) or Reason(
        "window",
        Outcome.DELAYS,
        "Moved from {0} to {1}: on the former day the sending window is closed or over.",
        (Weekday(timing.earliest), Weekday(slot.day)),
    )


@lru_cache(maxsize=4096)
def moved(rule: str, window: SendingWindow, own: date, to: date) -> Reason | None:
    """That a mail of the day ``own`` leaves on the sending day ``to``, if days off between the two have names."""
    between = (own + number * _DAY for number in range((to - own).days))
    names = {day: name for day in between if (name := why_closed(window, day))}
    if not names:
        return None
    days = (DayOff(own, names.pop(own, None)), Weekday(to))
    distinct = ", ".join(dict.fromkeys(names.values()))
    pattern = "Moved from {0} to {1}, past {2}." if distinct else "Moved from {0} to {1}."
    return Reason(rule, Outcome.DELAYS, pattern, (*days, distinct))


@lru_cache(maxsize=4096)
def _office_reason(window: SendingWindow, slot: Slot) -> Reason | None:
    """How the customer's working hours count, where they make a difference."""
    if window.office is None:
        return None
    place = (window.office.place,)
    if not hours_in_common(window, slot.day):
        pattern = "Working hours in {0} never meet the sending window, so the sending window counts alone."
        return Reason("customer_hours", Outcome.NOTES, pattern, place)
    if not shortened_by_office(window, slot):
        return None
    pattern = "Leaves only while people work in {0} too: from {1} until {2} by your clocks."
    hours = (Hour(slot.opens, window.zone), Hour(slot.closes, window.zone))
    return Reason("customer_hours", Outcome.NOTES, pattern, (*place, *hours))
