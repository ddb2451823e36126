"""Before and after the first reminder, and what came after each step."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web.api.fields import Id, Moment
from web.api.shapes.base import Answer

Number = Annotated[
    str,
    Meta(pattern=r"^-?\d+\.\d{4}$", description="Rounded once, to four decimals.", examples=["0.6250"]),
]


class Change(Answer, frozen=True):
    """A mean before and after. ``difference`` with its 95 % interval is null where there is too little to tell."""

    before: Number | None
    after: Number | None
    difference: Number | None
    difference_low: Number | None
    difference_high: Number | None


class BeforeAfter(Answer, frozen=True):
    """The same customers before and after their first reminder. ``paid_in_window`` is a share from 0 to 1, the others are days.

    ``left_out`` customers have invoices on one side only; invoices ``between`` were under way when the first reminder
    left, and those ``too_new`` are not old enough to know.
    """

    customers: int
    left_out: int
    invoices_before: int
    invoices_after: int
    between: int
    too_new: int
    paid_in_window: Change
    days_late: Change
    days_to_pay: Change


class Share(Answer, frozen=True):
    """``hits`` of ``invoices`` of so many customers, from 0 to 1; the 95 % interval is null where these are too few to tell."""

    hits: int
    invoices: int
    customers: int
    share: Number | None
    low: Number | None
    high: Number | None


class AfterStep(Answer, frozen=True):
    """What came after a step of the last 365 days: of the invoices that it ``reached``, those paid within 7 and 14 days and
    before the next message about them. ``paid_already`` are in none of the shares.
    """

    step: str
    reached: int
    paid_already: int
    still_open: int
    within_7_days: Share
    within_14_days: Share
    before_next: Share


class EffectOfSchedule(Answer, frozen=True):
    """The customers whose first reminder this schedule sent, and the invoices that got its steps."""

    schedule_id: Id
    schedule: str
    before_after: BeforeAfter
    steps: list[AfterStep]


class DoesItWork(Answer, frozen=True):
    """All customers together, and each schedule that ever sent a reminder. What followed is told, not what caused it."""

    as_of: Moment
    within_days: int
    everybody: BeforeAfter
    schedules: list[EffectOfSchedule]
