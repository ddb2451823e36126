"""The figures as cards: what each is called, how it is worked out with its numbers, and the invoices behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from credit_control.figures.figure import Figure, Input, Period, round_half_up
from kit.wording import N_, _
from web import format as written

DAYS: Final = "days"
PER_CENT: Final = "per_cent"


@dataclass(frozen=True, slots=True)
class _Kind:
    """``worked``: the formula with its numbers. ``behind``: whose invoices a link opens."""

    title: str
    unit: str
    worked: str
    behind: tuple[str, ...] = ()


OPEN, OVERDUE, ISSUED, PAID = "open", "overdue", "issued", "paid"
_TOTALS: Final = N_("%(amount_days)s amount × days ÷ %(amount)s of %(invoices)s invoices")
_EACH: Final = N_("%(days)s days ÷ %(invoices)s invoices")
_BACK: Final = N_("%(open)s open against the invoices of %(months)s whole months, %(rest)s left")
_LESS: Final = N_("%(dso)s days − %(best_possible)s days")
KINDS: Final[Mapping[str, _Kind]] = {
    "dso": _Kind(N_("Days sales outstanding (DSO)"), DAYS,
        N_("%(open)s open ÷ %(sales)s invoiced in %(days)s days × %(days)s"), (OPEN, ISSUED)),
    "dso_countback": _Kind(N_("DSO by countback"), DAYS, _BACK, (OPEN,)),
    "best_possible_dso": _Kind(N_("Best possible DSO"), DAYS,
        N_("%(not_due)s not yet due ÷ %(sales)s invoiced in %(days)s days × %(days)s"), (OPEN, ISSUED)),
    "best_possible_dso_countback": _Kind(N_("Best possible DSO by countback"), DAYS,
        N_("%(not_due)s not yet due against the invoices of %(months)s whole months, %(rest)s left"), (OPEN,)),
    "average_days_delinquent": _Kind(N_("Average days delinquent"), DAYS, _LESS, (OVERDUE,)),
    "average_days_delinquent_countback": _Kind(N_("Average days delinquent by countback"), DAYS, _LESS, (OVERDUE,)),
    "cei": _Kind(N_("Collection effectiveness"), PER_CENT,
        N_("(%(opening)s + %(sales)s − %(open)s) ÷ (%(opening)s + %(sales)s − %(not_due)s) × 100"), (OPEN, ISSUED)),
    "cei_average_month": _Kind(N_("Collection effectiveness, average month"), PER_CENT,
        N_("(%(opening)s + %(sales_of_a_month)s − %(open)s) ÷ (%(opening)s + %(sales_of_a_month)s − %(not_due)s) × 100"),
        (OPEN, ISSUED)),
    "days_to_pay": _Kind(N_("Average days to pay"), DAYS, _EACH, (PAID,)),
    "days_to_pay_weighted": _Kind(N_("Average days to pay, by amount"), DAYS, _TOTALS, (PAID,)),
    "days_late": _Kind(N_("Average days late"), DAYS, _EACH, (PAID,)),
    "dbt": _Kind(N_("Days beyond terms"), DAYS, _TOTALS, (PAID,)),
    "dbt_clipped": _Kind(N_("Days beyond terms, early as 0"), DAYS, _TOTALS, (PAID,)),
    "wado": _Kind(N_("Weighted average days overdue"), DAYS, _TOTALS, (OVERDUE,)),
    "average_days_overdue": _Kind(N_("Average days overdue"), DAYS, _EACH, (OVERDUE,)),
    "average_payment_delay": _Kind(N_("Average payment delay"), DAYS, _TOTALS, (PAID, OVERDUE)),
    "at_risk_rate": _Kind(N_("At-risk rate"), PER_CENT,
        N_("%(unpaid_after_90_days)s ÷ %(billed)s × 100"), (ISSUED,)),
    "promise_kept": _Kind(N_("Promises kept"), PER_CENT, N_("%(kept)s ÷ %(due)s × 100")),
    "right_first_time": _Kind(N_("Right first time"), PER_CENT, N_("(%(sends)s − %(wrong)s) ÷ %(sends)s × 100")),
    "wrong_chase_rate": _Kind(N_("Wrong-chase rate"), PER_CENT, N_("%(wrong)s ÷ %(sends)s × 100")),
}  # fmt: skip
"""In the order of the page."""
_BEHIND: Final = {
    OPEN: N_("Open invoices"),
    OVERDUE: N_("Overdue invoices"),
    ISSUED: N_("Invoices of these days"),
    PAID: N_("Invoices paid in these days"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """The words of a link, and what the list of invoices is narrowed by."""

    words: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """One figure as it is shown."""

    key: str
    title: str
    value: str | None
    formula: str
    worked: str | None
    unknown: str | None
    period: Period
    links: list[Link]


def cards(figures: Mapping[str, Figure], currency: str, period: Period, today: date) -> list[Card]:
    """The figures of a currency, in the order of the page."""
    return [_card(key, kind, figures[key], currency, period, today) for key, kind in KINDS.items()]


def _card(key: str, kind: _Kind, one: Figure, currency: str, asked_for: Period, today: date) -> Card:
    period = one.period or asked_for
    return Card(
        key,
        _(kind.title),
        None if one.value is None else value_of(one.value, kind.unit),
        _(one.formula),
        None if one.value is None else _worked(kind.worked, one, currency),
        _(one.unknown).format(one.at_least) if one.unknown else None,
        period,
        [
            Link(_(_BEHIND[behind]), _narrowed(behind, currency, period))
            for behind in kind.behind
            if behind in (ISSUED, PAID) or asked_for.last == today
        ],
    )


def value_of(value: Fraction, unit: str) -> str:
    """``30.4 days``, ``98.0 %``"""
    short = written.decimal(round_half_up(value, 1))
    return _("%(value)s days", value=short) if unit == DAYS else _("%(value)s %%", value=short)


def _worked(words: str, one: Figure, currency: str) -> str:
    """The formula with its numbers; nothing where the way to the value was shorter than usual."""
    inputs = {name: input_of(each, currency) for name, each in one.inputs.items()}
    if "best_possible" in inputs and one.value is None:
        return ""
    return _(words, **inputs)


def input_of(value: Input, currency: str) -> str:
    """A number that went into a figure: amounts as such, ratios with four decimals."""
    match value:
        case int():
            return written.number(value)
        case Decimal():
            return written.money(value, currency)
        case Fraction():
            return written.decimal(round_half_up(value, 4))
        case _:
            return written.day(value)


def _narrowed(behind: str, currency: str, period: Period) -> dict[str, Any]:
    first, last = period.first.isoformat(), period.last.isoformat()
    match behind:
        case "issued":
            return {"show": "counted", "currency": currency, "issued_from": first, "issued_to": last}
        case "paid":
            return {"show": "paid", "currency": currency, "paid_from": first, "paid_to": last}
        case _:
            return {"show": behind, "currency": currency}
