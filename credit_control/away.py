"""Who is away: a message that would reach nobody but them waits for the first of them to be back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from credit_control.calendar import first_slot
from credit_control.decisions import Outcome, Reason
from credit_control.facts import Contact, Step
from credit_control.people import Reach, addressees
from credit_control.timing import Timing
from credit_control.whom import people_of
from credit_control.words import Day


def waiting_for_them(
    contact: Contact, step: Step, timing: Timing, reach: Reach
) -> tuple[Timing, Reason] | None:
    """The later time at which this step's message leaves, and why; None: it may go now.

    One who is there is enough. Copies do not count: they are not asked for money.
    """
    until = {one.address: one.until for one in contact.away}
    found = addressees(people_of(contact), step.to, step.copies, reach).to
    days = [until.get((one.email or "").lower()) for one in found]
    known = [day for day in days if day is not None and day >= timing.slot.day]
    if not found or len(known) < len(found):
        return None
    last = min(known)
    back = max(timing.earliest, last + timedelta(days=1))
    names = " and ".join(one.shown for one in found)
    pattern = (
        "{0} is away until {1}, so it waits."
        if len(found) == 1
        else "{0} are away; the first of them is back after {1}."
    )
    later = replace(timing, earliest=back, slot=first_slot(timing.window, back))
    return later, Reason("away", Outcome.DELAYS, pattern, (names, Day(last)))
