"""What the API answers in figures."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date

from msgspec import UNSET, UnsetType, field

from credit_control.effect.impact import Deed
from web.api.fields import Moment, Money
from web.api.shapes.base import Answer
from web.api.shapes.messages import Cost


class Ageing(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What is due in one currency, by days overdue, or by the calendar month of the due day; the buckets add up to total."""

    current: Money
    days_1_30: Money | UnsetType = field(name="1-30", default=UNSET)
    days_31_60: Money | UnsetType = field(name="31-60", default=UNSET)
    days_61_90: Money | UnsetType = field(name="61-90", default=UNSET)
    days_91: Money | UnsetType = field(name="91+", default=UNSET)
    this_month: Money | UnsetType = UNSET
    month_1: Money | UnsetType = field(name="1_month_ago", default=UNSET)
    month_2: Money | UnsetType = field(name="2_months_ago", default=UNSET)
    month_3: Money | UnsetType = field(name="3_months_ago", default=UNSET)
    older: Money | UnsetType = UNSET
    total: Money


class AgeingReport(Answer, frozen=True):
    """Amounts as of ``as_of`` (null: nothing was read yet), aged on the organisation's today. Credits are not taken off."""

    as_of: Moment | None
    currencies: dict[str, Ageing]


class KpiPeriod(Answer, frozen=True, rename={"first": "from", "last": "to"}):
    """Both days are counted."""

    first: Day
    last: Day
    days: int


class Kpi(Answer, frozen=True):
    """``value`` in days or per cent with four decimals (null: ``unknown`` says why there is none), with what it was made of."""

    value: str | None
    formula: str
    period: KpiPeriod
    inputs: dict[str, str | int]
    unknown: str | None


class Kpis(Answer, frozen=True):
    """The figures of one currency. ``days_late_weighted`` and ``dbt`` (days beyond terms) are the same."""

    dso: Kpi
    dso_countback: Kpi
    best_possible_dso: Kpi
    best_possible_dso_countback: Kpi
    average_days_delinquent: Kpi
    average_days_delinquent_countback: Kpi
    cei: Kpi
    cei_average_month: Kpi
    days_to_pay: Kpi
    days_to_pay_weighted: Kpi
    days_late: Kpi
    days_late_weighted: Kpi
    dbt: Kpi
    dbt_clipped: Kpi
    wado: Kpi
    average_days_overdue: Kpi
    average_payment_delay: Kpi
    at_risk_rate: Kpi
    promise_kept: Kpi
    right_first_time: Kpi
    wrong_chase_rate: Kpi


class KpiReport(Answer, frozen=True):
    """``as_of`` is when the ledger was last read (null: not yet); no currency is added to another."""

    as_of: Moment | None
    currencies: dict[str, Kpis]


class Usage(Answer, frozen=True):
    """What left and was put down in the month that ``month`` begins; ``service_level`` is the accountants' word as it is now."""

    month: Day
    service_level: str | None
    emails: int
    text_messages: int
    letters: int
    calls: int
    replies: int
    notes: int


class TextMessages(Answer, frozen=True):
    """The text messages that left in one month, which ``month`` begins. Of ``not_said`` the provider tells no cost."""

    month: Day
    texts: int
    segments: int
    costs: list[Cost]
    not_said: int


class Work(Answer, frozen=True, rename={"deed": "kind"}):
    """``minutes`` are ``count`` × ``minutes_each``, which is an assumption that the organisation can change."""

    deed: Deed
    count: int
    minutes_each: int
    minutes: int


class ImpactMonth(Answer, frozen=True, rename={"first": "from", "last": "to"}):
    """A month, or the part of it that lies in the period."""

    first: Day
    last: Day
    work: list[Work]
    minutes_saved: int
    not_sent: dict[str, int]


class Impact(Answer, frozen=True, rename={"first": "from", "last": "to"}):
    """What was done, and the planned reminders that did not leave, by why (``not_sent``) and of these at the last look.

    ``rightly_not_sent`` leaves out what was only planned anew, missed its window, or has another reason.
    """

    as_of: Moment
    first: Day
    last: Day
    work: list[Work]
    minutes_saved: int
    formula: str
    not_sent: dict[str, int]
    not_sent_at_last_look: dict[str, int]
    rightly_not_sent: int
    months: list[ImpactMonth]


class MonthBilled(Answer, frozen=True):
    """Everything that was invoiced in the month that ``month`` begins; it is running, or over for at most 24 months.

    ``settled_by_month_per_cent`` has one value for each month that is over, the month of issue first: how much of ``billed``
    was paid or credited by its end.
    """

    month: Day
    billed: Money
    settled_by_now: Money
    open: Money
    settled_by_month_per_cent: list[str]


class MonthsAfter(Answer, frozen=True):
    """The shares of ``months`` past months so many months after billing; each counts alike, however much was billed in it."""

    months_after_billing: int
    mean_per_cent: str
    lowest_per_cent: str
    highest_per_cent: str
    months: int


class MonthToCome(Answer, frozen=True):
    """What is to come in the month that ``month`` begins by the mean of past ones; of the running month, in its rest."""

    month: Day
    expected: Money


class Cohorts(Answer, frozen=True):
    """One currency. ``later_or_never`` is what is open beyond all of ``to_come``; nothing is foretold of ``open_of_older``."""

    months: list[MonthBilled]
    means: list[MonthsAfter]
    to_come: list[MonthToCome]
    later_or_never: Money
    open_of_older: Money


class CohortReport(Answer, frozen=True):
    """``as_of`` is when the ledger was last read (null: not yet). Per cents have four decimals; currencies stay apart."""

    as_of: Moment | None
    currencies: dict[str, Cohorts]
