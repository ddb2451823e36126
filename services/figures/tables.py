"""The figures as tables for spreadsheets: one line a figure, or one a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from credit_control.ageing import BUCKETS
from credit_control.figures.figure import Figure, Input, Period, round_half_up
from kit.spreadsheet import Cell, Table
from services.figures.monthly import Month

PLACES = 4


def figures(found: Mapping[str, Mapping[str, Figure]], period: Period) -> Table:
    """Each figure with its formula and numbers, under the names of the API."""
    rows = []
    for currency, each in found.items():
        for name, one in each.items():
            about = one.period or period
            inputs = "; ".join(f"{key}={_plain(value)}" for key, value in one.inputs.items())
            rows.append([currency, name, one.rounded(PLACES), about.first, about.last, inputs, one.formula])
    return Table("figures", ("currency", "figure", "value", "from", "to", "inputs", "formula"), rows)


def months(found: Mapping[str, Sequence[Month]]) -> Table:
    """Each month that is over, with DSO by twelve months and by countback, and the ageing at its end."""
    heading = (
        "currency", "month_end", "invoiced", "open", *BUCKETS, "dso", "best_possible_dso", "average_days_delinquent",
        "dso_countback", "best_possible_dso_countback", "invoices_paid", "days_late", "days_beyond_terms",
    )  # fmt: skip
    return Table("months", heading, [_month(code, one) for code, each in found.items() for one in each])


def _month(currency: str, one: Month) -> list[Cell]:
    made = (one.simple, one.best, one.delinquent, one.countback, one.best_countback)
    return [
        currency, one.end, one.sales, one.ageing.total, *one.ageing.amounts, *(each.rounded(PLACES) for each in made),
        one.paid_invoices, _rounded(one.days_late), _rounded(one.days_beyond_terms),
    ]  # fmt: skip


def _rounded(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_half_up(value, PLACES)


def _plain(value: Input) -> str:
    match value:
        case Fraction():
            return str(round_half_up(value, PLACES))
        case date():
            return value.isoformat()
        case _:
            return str(value)
