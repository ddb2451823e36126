"""When a text message may leave: a telephone lies beside the bed, so never outside the customer's day.

Whatever the sending window says, a text leaves between 08:00 and 20:00 by the clocks where the customer is; by those
of the organisation where nobody knows in which time zone that is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache

from credit_control.calendar import Slot, first_slot
from credit_control.clocks import hours_of, zone_named
from credit_control.decisions import Outcome, Reason
from credit_control.facts import SendingWindow
from credit_control.timing import Timing

FROM, UNTIL = time(8), time(20)
NEVER = "Your sending window never meets the hours from 08:00 to 20:00 at the customer’s place."
_DAY = timedelta(days=1)
_FARTHEST_DAYS = 30
_LEAST = timedelta(minutes=10)
"""Less than this is as good as nothing."""


def text_timing(timing: Timing) -> Timing | None:
    """The same with a slot in which a text may leave; None: there is none in a month."""
    found = _first(timing.window, timing.slot, timing.now)
    return None if found is None else replace(timing, slot=found)


def never_in_common(timing: Timing) -> str | None:
    """A sentence, when no text could ever leave."""
    window = timing.window
    if window.office is None and window.opens >= FROM and window.closes <= UNTIL:
        return None  # as in nearly all organisations, and asked for every customer
    return _never(window, timing.slot)


@lru_cache(maxsize=4096)
def _never(window: SendingWindow, slot: Slot) -> str | None:
    return NEVER if _first(window, slot, slot.opens) is None else None


def hours_reason(timing: Timing, plain: Slot) -> tuple[Reason, ...]:
    """A word where these hours make less of the slot ``plain``, or move the text to another day."""
    if timing.slot == plain:
        return ()
    pattern = "A text message leaves between 08:00 and 20:00 at the customer’s place, and at no other time."
    return (Reason("text_hours", Outcome.NOTES, pattern),)


def _first(window: SendingWindow, slot: Slot, now: datetime) -> Slot | None:
    last = slot.day + _FARTHEST_DAYS * _DAY
    while slot.day <= last:
        found = _clipped(window, slot)
        if found and now < found.closes:
            return found
        slot = first_slot(window, slot.day + _DAY)
    return None


@lru_cache(maxsize=4096)
def _clipped(window: SendingWindow, slot: Slot) -> Slot | None:
    """The longest part of the slot in a day of the customer's."""
    zone = zone_named(window.office.zone if window.office and window.office.zone else window.zone)
    day, last = slot.opens.astimezone(zone).date(), slot.closes.astimezone(zone).date()
    parts: list[Slot] = []
    while day <= last:
        if hours := hours_of(zone, day, FROM, UNTIL):
            opens, closes = max(slot.opens, hours[0]), min(slot.closes, hours[1])
            if closes - opens >= min(_LEAST, slot.closes - slot.opens):
                parts.append(Slot(slot.day, opens, closes))
        day += _DAY
    return max(parts, key=lambda part: part.closes - part.opens, default=None)
