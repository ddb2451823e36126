"""What the API answers about how customers pay (docs/payers.md has the formulas)."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - as the other shapes call it
from typing import Annotated

from msgspec import Meta

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer
from web.api.shapes.customers import PaymentDays, Rating

Number = Annotated[
    str, Meta(pattern=r"^-?\d+\.\d{4}$", description="A figure with four decimals, rounded once, halves up.")
]


class MoneyWeek(Answer, frozen=True):
    """A week from its Monday on (the running one from today), with the interval that holds in eight of ten; what is promised
    for it is counted by how often promises were kept.
    """

    first: Day
    expected: Money
    low: Money
    high: Money
    promised: Money


class MoneyAheadOf(Answer, frozen=True):
    """One currency: all that is ``due`` is in a week, ``later``, or left out as disputed, on hold, or not to be told."""

    due: Money
    weeks: list[MoneyWeek]
    later: Money
    disputed: Money
    held: Money
    unknown: Money


class WeekThatCame(Answer, frozen=True):
    """What was expected of a week on its Monday, and what came in it."""

    first: Day
    currency: Currency
    expected: Money
    low: Money
    high: Money
    came: Money


class MoneyAhead(Answer, frozen=True):
    """What is likely to come, week by week and currency by currency, and how earlier weeks came out."""

    as_of: Moment | None
    currencies: dict[Currency, MoneyAheadOf]
    past_weeks: list[WeekThatCame]


class RatingInputs(Answer, frozen=True):
    """What a rating is made of. ``weighted_days_late`` is weighted by amount, never across currencies; ``trend``: by how
    many days it pays later in the last 182 days than before; null: fewer than three invoices in one of both.
    """

    since: Day
    until: Day
    invoices: int
    weighted_days_late: Number | None
    on_time: int
    percent_on_time: Number | None
    invoices_lately: int
    days_late_lately: Number | None
    days_late_before: Number | None
    trend: Number | None
    promises_kept: int
    promises_judged: int


class RatingPoints(Answer, frozen=True):
    """From 0 to 100, and where they come from."""

    total: Number
    days_late: Number
    on_time: Number
    trend: Number
    promises: Number


class TrendMonth(Answer, frozen=True):
    """What was settled in a month, and the rating on its last day, by invoices alone."""

    month: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}$")]
    invoices: int
    weighted_days_late: Number | None
    percent_on_time: Number | None
    rating: Rating


class DayCount(Answer, frozen=True):
    """Days with a payment on a weekday (Monday is 0), or on a day of the month (31: the last)."""

    day: int
    days: int


class WeekdaySum(Answer, frozen=True):
    """What came on a weekday (Monday is 0)."""

    currency: Currency
    weekday: int
    amount: Money


class PaymentRuns(Answer, frozen=True):
    """Days that stand out; they could be set as the customer's payment days (``/contacts/{id}/calendar``)."""

    pays_on: PaymentDays
    days: int
    of_days: int
    percent: Number


class PartPayments(Answer, frozen=True):
    """So many invoices were paid in so many payments."""

    payments: int
    invoices: int


class PayerHabits(Answer, frozen=True):
    """Payments of the last 365 days. ``days``: on so many days there was one."""

    payments: int
    days: int
    by_weekday: list[DayCount]
    by_day_of_month: list[DayCount]
    sums: list[WeekdaySum]
    runs: PaymentRuns | None
    parts: list[PartPayments]


class Preceded(Answer, frozen=True):
    """Messages that have this in common, and how many days with a payment one of them was the last before.

    ``what`` is a channel, the name of whoever sent it, or the name of a step.
    """

    what: str
    messages: int
    payment_days: int


class PrecededOn(Answer, frozen=True):
    """The same of the messages that left on a weekday (Monday is 0)."""

    weekday: int
    messages: int
    payment_days: int


class BeforePayments(Answer, frozen=True):
    """What went before the payments of the last 365 days; it does not say why they came.

    ``payment_days``: on so many days there was a payment. ``after_a_message``: so many of them came on the day of a mail, text
    message, call or letter or at most seven days after it; each counts for the last one before it.
    """

    payment_days: int
    after_a_message: int
    by_channel: list[Preceded]
    by_weekday: list[PrecededOn]
    by_sender: list[Preceded]
    by_step: list[Preceded]


class RatingChanged(Answer, frozen=True):
    """A rating that became another."""

    on: Day
    before: Rating
    after: Rating
    why: str


class Payer(Answer, frozen=True):
    """How a customer pays. ``as_of``: how fresh the mirror of the ledger is, from which all of it is told."""

    as_of: Moment | None
    contact_id: Id
    rating: Rating
    points: RatingPoints | None
    formula: str
    inputs: RatingInputs
    trend: list[TrendMonth]
    habits: PayerHabits
    before_payments: BeforePayments
    changes: list[RatingChanged]
    basis: str
