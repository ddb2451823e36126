"""Month by month: how things stood at each month's end, from the figures that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from credit_control.ageing import Ageing
from credit_control.figures import dso
from credit_control.figures.by_month import month_end, months_back, next_month
from credit_control.figures.dso import MonthSales
from credit_control.figures.figure import Figure, Period, ratio
from services.kept_results import Result
from store.models import Organisation
from store.queries import figures as queries
from store.queries.figures import MonthOf

YEAR_OF_MONTHS = 12
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Month:
    """One month that is over, in one currency."""

    first: date
    end: date
    sales: Decimal
    paid_invoices: int
    ageing: Ageing
    simple: Figure
    """DSO by the invoices of twelve months up to its end, and their days."""
    best: Figure
    delinquent: Figure
    countback: Figure
    best_countback: Figure
    days_late: Fraction | None
    """The days late of what was paid in full in the month, each invoice alike; None: nothing was."""
    days_beyond_terms: Fraction | None
    """The same by amount."""


def by_month(session: Session, organisation_id: str, today: date) -> dict[str, list[Month]]:
    """Every month that is over, from the first invoice on, by currency; what is stale must have been made anew."""
    found: dict[str, list[MonthOf]] = defaultdict(list)
    for one in queries.months(session, organisation_id):
        found[one.currency].append(one)
    return {currency: _months(currency, moved, today) for currency, moved in found.items()}


def _as_of(session: Session, organisation: Organisation, today: date) -> dict[str, list[Month]]:
    return by_month(session, organisation.id, today)


KEPT = Result("months", _as_of, (Month, Ageing, Figure, Period))


def _months(currency: str, moved: Sequence[MonthOf], today: date) -> list[Month]:
    by_first = {one.month: one for one in moved}
    sold = [one.month for one in moved if one.sums["invoices"]]
    if not sold:
        return []
    made, month = [], min(sold)
    standing = dict.fromkeys(("sales", "settled", "reach_1", "reach_31", "reach_61", "reach_91"), _NOTHING)
    while month_end(month) < today:
        if one := by_first.get(month):
            for name in standing:
                standing[name] += one.sums[name]
        made.append(_month(currency, month, by_first, standing, min(sold)))
        month = next_month(month)
    return made


def _month(
    currency: str, month: date, moved: dict[date, MonthOf], standing: dict[str, Decimal], first: date
) -> Month:
    receivable = standing["sales"] - standing["settled"]
    late = [standing[f"reach_{days}"] for days in (1, 31, 61, 91)]
    current = receivable - late[0]
    ageing = Ageing(currency, (current, late[0] - late[1], late[1] - late[2], late[2] - late[3], late[3]))
    end, own = month_end(month), moved.get(month)
    back = [months_back(month, each) for each in range(YEAR_OF_MONTHS)]
    sales = sum((_sales(moved, each) for each in back), _NOTHING)
    days = (end - back[-1]).days + 1
    history = []
    each = month
    while each >= first:
        history.append(MonthSales(_sales(moved, each), month_end(each).day))
        each = months_back(each, 1)
    simple, best = dso.dso(receivable, sales, days), dso.best_possible_dso(current, sales, days)
    paid = own.sums["paid_invoices"] if own else 0
    amount = own.sums["paid_amount"] if own else _NOTHING
    return Month(
        first=month,
        end=end,
        sales=_sales(moved, month),
        paid_invoices=paid,
        ageing=ageing,
        simple=simple,
        best=best,
        delinquent=dso.delinquent(simple, best),
        countback=dso.countback(receivable, history),
        best_countback=dso.best_countback(current, history),
        days_late=Fraction(int(own.sums["days_late"]), int(paid)) if own and paid else None,
        days_beyond_terms=ratio(own.sums["amount_days_late"], amount) if own and amount else None,
    )


def _sales(moved: dict[date, MonthOf], month: date) -> Decimal:
    one = moved.get(month)
    return one.sums["sales"] if one else _NOTHING
