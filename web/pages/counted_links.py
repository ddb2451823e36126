"""Where what a figure counted is opened."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from credit_control.figures.by_month import month_end, months_back
from credit_control.figures.figure import Period
from services.figures.monthly import YEAR_OF_MONTHS

_OF_A_YEAR: Final = frozenset({
    "dso", "dso_countback", "best_possible_dso", "best_possible_dso_countback", "average_days_delinquent",
    "average_days_delinquent_countback", "cei",
})  # fmt: skip
"""Figures that are over the twelve months up to the month's end where they are shown by month."""


def of_period(name: str, currency: str, period: Period) -> dict[str, Any]:
    """The values of a link to what a figure of this period counted."""
    return {"name": name, "currency": currency, "on": period.last.isoformat(), "days": period.days}


def of_month(name: str, currency: str, month: date) -> dict[str, Any]:
    """The same of a figure as it is shown for a month; any day of it says which."""
    first = months_back(month, YEAR_OF_MONTHS - 1 if name in _OF_A_YEAR else 0)
    return of_period(name, currency, Period(first, month_end(month)))
