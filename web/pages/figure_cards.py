"""The figures as cards: what each is called, and how it is worked out with its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from credit_control.figures.figure import Figure, Input, Period, round_half_up
from credit_control.figures.targets import Against
from kit.wording import N_, _, ngettext
from services import writing
from web import format as written

DAYS: Final = "days"
PER_CENT: Final = "per_cent"


Values = Mapping[str, str]
"""The numbers of a figure as they are written, by their names."""
Inputs = Mapping[str, Input]


@dataclass(frozen=True, slots=True)
class _Kind:
    """``worked``: the formula with its numbers, or what says it where a number changes the words beside it."""

    title: str
    unit: str
    worked: str | Callable[[Inputs, Values], str]


_LESS: Final = N_("%(dso)s days − %(best_possible)s days")


def _totals(inputs: Inputs, values: Values) -> str:
    return ngettext(
        "%(amount_days)s amount × days ÷ %(amount)s of %(count)s invoice",
        "%(amount_days)s amount × days ÷ %(amount)s of %(count)s invoices",
        _whole(inputs["invoices"]),
        **values,
    )


def _each(inputs: Inputs, _values: Values) -> str:
    days = ngettext("%(count)s day", "%(count)s days", _whole(inputs["days"]))
    invoices = ngettext("%(count)s invoice", "%(count)s invoices", _whole(inputs["invoices"]))
    return f"{days} ÷ {invoices}"


def _back(inputs: Inputs, values: Values) -> str:
    return ngettext(
        "%(open)s open against the invoices of %(count)s whole month, %(rest)s left",
        "%(open)s open against the invoices of %(count)s whole months, %(rest)s left",
        _whole(inputs["months"]),
        **values,
    )


def _best_back(inputs: Inputs, values: Values) -> str:
    return ngettext(
        "%(not_due)s not yet due against the invoices of %(count)s whole month, %(rest)s left",
        "%(not_due)s not yet due against the invoices of %(count)s whole months, %(rest)s left",
        _whole(inputs["months"]),
        **values,
    )


def _of_sales(inputs: Inputs, values: Values) -> str:
    return ngettext(
        "%(open)s open ÷ %(sales)s invoiced in %(count)s day × %(count)s",
        "%(open)s open ÷ %(sales)s invoiced in %(count)s days × %(count)s",
        _whole(inputs["days"]),
        **values,
    )


def _best_of_sales(inputs: Inputs, values: Values) -> str:
    return ngettext(
        "%(not_due)s not yet due ÷ %(sales)s invoiced in %(count)s day × %(count)s",
        "%(not_due)s not yet due ÷ %(sales)s invoiced in %(count)s days × %(count)s",
        _whole(inputs["days"]),
        **values,
    )


KINDS: Final[Mapping[str, _Kind]] = {
    "dso": _Kind(N_("Days sales outstanding (DSO)"), DAYS,
        _of_sales),
    "dso_countback": _Kind(N_("DSO by countback"), DAYS, _back),
    "best_possible_dso": _Kind(N_("Best possible DSO"), DAYS,
        _best_of_sales),
    "best_possible_dso_countback": _Kind(N_("Best possible DSO by countback"), DAYS,
        _best_back),
    "average_days_delinquent": _Kind(N_("Average days delinquent"), DAYS, _LESS),
    "average_days_delinquent_countback": _Kind(N_("Average days delinquent by countback"), DAYS, _LESS),
    "cei": _Kind(N_("Collection effectiveness"), PER_CENT,
        N_("(%(opening)s + %(sales)s − %(open)s) ÷ (%(opening)s + %(sales)s − %(not_due)s) × 100")),
    "cei_average_month": _Kind(N_("Collection effectiveness, average month"), PER_CENT,
        N_("(%(opening)s + %(sales_of_a_month)s − %(open)s) ÷ (%(opening)s + %(sales_of_a_month)s − %(not_due)s) × 100")),
    "days_to_pay": _Kind(N_("Average days to pay"), DAYS, _each),
    "days_to_pay_weighted": _Kind(N_("Average days to pay, by amount"), DAYS, _totals),
    "days_late": _Kind(N_("Average days late"), DAYS, _each),
    "dbt": _Kind(N_("Days beyond terms"), DAYS, _totals),
    "dbt_clipped": _Kind(N_("Days beyond terms, early as 0"), DAYS, _totals),
    "wado": _Kind(N_("Weighted average days overdue"), DAYS, _totals),
    "average_days_overdue": _Kind(N_("Average days overdue"), DAYS, _each),
    "average_payment_delay": _Kind(N_("Average payment delay"), DAYS, _totals),
    "at_risk_rate": _Kind(N_("At-risk rate"), PER_CENT,
        N_("%(unpaid_after_90_days)s ÷ %(billed)s × 100")),
    "promise_kept": _Kind(N_("Promises kept"), PER_CENT, N_("%(kept)s ÷ %(due)s × 100")),
    "right_first_time": _Kind(N_("Right first time"), PER_CENT, N_("(%(sends)s − %(wrong)s) ÷ %(sends)s × 100")),
    "wrong_chase_rate": _Kind(N_("Wrong-chase rate"), PER_CENT, N_("%(wrong)s ÷ %(sends)s × 100")),
}  # fmt: skip
"""In the order of the page."""


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
    target: str | None = None
    """How it stands to its target, in words."""
    met: bool = False


def cards(
    figures: Mapping[str, Figure],
    currency: str,
    period: Period,
    targets: Mapping[str, Against] = MappingProxyType({}),
) -> list[Card]:
    """The figures of a currency, in the order of the page."""
    return [card(key, figures[key], currency, period, targets.get(key)) for key in KINDS]


def card(key: str, one: Figure, currency: str, asked_for: Period, against: Against | None = None) -> Card:
    """One figure of a currency."""
    kind, period = KINDS[key], one.period or asked_for
    return Card(
        key,
        _(kind.title),
        None if one.value is None else value_of(one.value, kind.unit),
        _(one.formula),
        None if one.value is None else _worked(kind, one, currency),
        _(one.unknown).format(one.at_least) if one.unknown else None,
        period,
        target_words(key, against) if against else None,
        against is not None and against.met,
    )


def target_words(key: str, one: Against) -> str:
    """``Target 35.0 days: missed by 6.1 days``"""
    unit = KINDS[key].unit
    target, apart = value_of(Fraction(one.target), unit), value_of(one.apart, unit)
    if round_half_up(one.apart, 1) == 0:
        return _("Target %(target)s: met exactly", target=target)
    if one.met:
        return _("Target %(target)s: met, better by %(apart)s", target=target, apart=apart)
    return _("Target %(target)s: missed by %(apart)s", target=target, apart=apart)


def value_of(value: Fraction, unit: str) -> str:
    """``30.4 days``, ``98.0 %``"""
    short = written.decimal(round_half_up(value, 1))
    return _("%(value)s days", value=short) if unit == DAYS else _("%(value)s %%", value=short)


def _worked(kind: _Kind, one: Figure, currency: str) -> str:
    """The formula with its numbers; nothing where the way to the value was shorter than usual."""
    inputs = {name: input_of(each, currency) for name, each in one.inputs.items()}
    if isinstance(kind.worked, str):
        return _(kind.worked, **inputs)
    return kind.worked(one.inputs, inputs)


def _whole(value: Input) -> int:
    """A number of things or days, by which words are chosen."""
    return value if isinstance(value, int) else 0


def input_of(value: Input, currency: str) -> str:
    """A number that went into a figure: amounts as such, ratios with four decimals."""
    match value:
        case int():
            return written.number(value)
        case Decimal():
            return writing.money(value, currency)
        case Fraction():
            return written.decimal(round_half_up(value, 4))
        case _:
            return writing.day(value)
