"""What happened in each month with some invoices of one currency, as movements that only need adding up.

How things stood at a month's end is the sum of all movements up to it: open is sales less settled; overdue by at least
k days is what came to be so late less what was settled of it, which counts in the month of the later of the two days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from credit_control.figures.books import Booked

REACHES = (1, 31, 61, 91)
"""Days overdue at which each bucket but the current one begins."""
AT_RISK_AFTER = 90
"""Days past its due date after which what is still unpaid is at risk."""
_NOTHING = Decimal(0)


@dataclass(slots=True)
class Flow:
    """The movements of one month; the fields are those of ``monthly_figures``."""

    sales: Decimal = _NOTHING
    invoices: int = 0
    settled: Decimal = _NOTHING
    reach_1: Decimal = _NOTHING
    reach_31: Decimal = _NOTHING
    reach_61: Decimal = _NOTHING
    reach_91: Decimal = _NOTHING
    paid_invoices: int = 0
    paid_amount: Decimal = _NOTHING
    paid_on_time: int = 0
    days_late: int = 0
    days_late_clipped: int = 0
    days_to_pay: int = 0
    amount_days_late: Decimal = _NOTHING
    amount_days_late_clipped: Decimal = _NOTHING
    amount_days_to_pay: Decimal = _NOTHING
    unpaid_at_90: Decimal = _NOTHING
    last_due: date | None = None

    def reach(self, days: int, amount: Decimal) -> None:
        """So much came to be that many days overdue (or, negative, was settled of what had)."""
        name = f"reach_{days}"
        setattr(self, name, getattr(self, name) + amount)


def flows(invoices: Iterable[Booked]) -> dict[date, Flow]:
    """The movements by the first day of their month."""
    months: dict[date, Flow] = {}

    def of(day: date) -> Flow:
        return months.setdefault(day.replace(day=1), Flow())

    for one in invoices:
        _issue(of(one.issued_on), one)
        for each in one.settled:
            of(each.on).settled += each.amount
        for days in REACHES:
            begins = max(one.due_on + timedelta(days), one.issued_on)
            of(begins).reach(days, one.total)
            for each in one.settled:
                of(max(each.on, begins)).reach(days, -each.amount)
        if one.paid_on is not None:
            _pay(of(one.paid_on), one)
    return months


def _issue(month: Flow, one: Booked) -> None:
    month.sales += one.total
    month.invoices += 1
    month.unpaid_at_90 += one.open_at(max(one.due_on + timedelta(AT_RISK_AFTER), one.issued_on))
    month.last_due = one.due_on if month.last_due is None else max(month.last_due, one.due_on)


def _pay(month: Flow, one: Booked) -> None:
    late, to_pay = one.days_late or 0, one.days_to_pay or 0
    month.paid_invoices += 1
    month.paid_amount += one.total
    month.paid_on_time += late <= 0
    month.days_late += late
    month.days_late_clipped += max(late, 0)
    month.days_to_pay += to_pay
    month.amount_days_late += one.total * late
    month.amount_days_late_clipped += one.total * max(late, 0)
    month.amount_days_to_pay += one.total * to_pay
