"""Before and after the first reminder, and what came after each step."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, field

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


class Gap(Answer, frozen=True):
    """B − A with its 95 % interval."""

    value: Number
    low: Number
    high: Number


class PaidInTime(Answer, frozen=True):
    """Invoices settled within so many days after the due date, from 0 to 1; ``difference`` is null: too few to tell."""

    within_days: int
    a: Share
    b: Share
    difference: Gap | None


class DaysLate(Answer, frozen=True):
    """Average days late, early ones negative; later than ``within_days``, or open, counts as so many."""

    within_days: int
    a: Number | None
    b: Number | None
    invoices_a: int
    invoices_b: int
    customers_a: int
    customers_b: int
    difference: Gap | None


class ScheduleComparison(Answer, frozen=True):
    """Two schedules that customers were drawn into. Each customer counts in the part that it was drawn into.

    ``share`` is how many of a hundred customers are drawn into B: those for whom the first 8 bytes of SHA-256 of
    ``id:contact id``, divided by 2^64, are below it. ``left_out`` counts customers by why they were in neither part.
    """

    id: Id
    name: str
    schedule_a: Id
    schedule_b: Id
    share: int
    from_day: date = field(name="from")
    until: date
    ended_on: date | None
    runs: bool
    begun_at: Moment
    begun_by: str
    customers_a: int
    customers_b: int
    moved_a: int
    moved_b: int
    no_longer_active: int
    left_out: dict[str, int]
    undated_invoices: int
    steps_changed: bool
    paid_in_time: list[PaidInTime]
    days_late: DaysLate


class ScheduleComparisons(Answer, frozen=True):
    """All comparisons of two schedules, the newest first."""

    as_of: Moment
    comparisons: list[ScheduleComparison]
