"""When the one message to a contact may leave: the gap to the last one, then the sending window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from credit_control.calendar import Slot, first_slot, local_day, slot_from
from credit_control.decisions import Outcome, Reason
from credit_control.facts import Policy, SendingWindow
from credit_control.words import Count, Day, Weekday


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
    slot: Slot
    """The stretch of the window in which a message planned now leaves."""


def timing_of(policy: Policy, last_message_at: datetime | None, now: datetime) -> Timing:
    """Find the slot of the next message: never two on one day, nor within the minimum gap."""
    last_on = None if last_message_at is None else local_day(policy.window, last_message_at)
    return _timing(policy.window, max(policy.minimum_gap_days, 1), last_on, now)


@lru_cache(maxsize=1024)
def _timing(window: SendingWindow, gap_days: int, last_on: date | None, now: datetime) -> Timing:
    """The same for all contacts that were last written to on one day."""
    today = local_day(window, now)
    earliest = today if last_on is None else max(today, last_on + timedelta(days=gap_days))
    slot = slot_from(window, today, now) if earliest == today else first_slot(window, earliest)
    return Timing(now, today, last_on, earliest, gap_days, slot)


def timing_reasons(timing: Timing) -> tuple[Reason, ...]:
    """What gap and window say to a message planned now."""
    gap = _gap_reason(timing)
    return (_window_reason(timing),) if gap is None else (gap, _window_reason(timing))


def _gap_reason(timing: Timing) -> Reason | None:
    if timing.last_on is None:
        return None
    last, gap = Day(timing.last_on), Count(timing.gap_days, "day")
    if timing.earliest > timing.today:
        pattern = "The last message left on {0}; {1} must pass, so the next may leave from {2} on."
        return Reason("gap", Outcome.DELAYS, pattern, (last, gap, Day(timing.earliest)))
    return Reason("gap", Outcome.ALLOWS, "The last message left on {0}, at least {1} ago.", (last, gap))


def _window_reason(timing: Timing) -> Reason:
    slot = timing.slot
    if slot.opens <= timing.now:
        pattern = "Inside the sending window of {0}."
        return Reason("window", Outcome.ALLOWS, pattern, (Weekday(slot.day),))
    if slot.day == timing.earliest:
        pattern = "Leaves when the sending window of {0} opens."
        return Reason("window", Outcome.DELAYS, pattern, (Weekday(slot.day),))
    pattern = "Moved from {0} to {1}: on the former day the sending window is closed or over."
    return Reason("window", Outcome.DELAYS, pattern, (Weekday(timing.earliest), Weekday(slot.day)))
