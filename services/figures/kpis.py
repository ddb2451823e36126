"""The figures of a period, currency by currency, each with what it was made of.

They are worked out when somebody asks, from the invoices that the period concerns; so they are as new as the mirror.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from credit_control.figures import collecting, doing, dso, lateness
from credit_control.figures.books import Booked, open_at, sales_of
from credit_control.figures.by_month import month_end, months_back
from credit_control.figures.collecting import at_risk
from credit_control.figures.dso import MonthSales
from credit_control.figures.figure import Figure, Period, days_up_to
from credit_control.figures.flows import AT_RISK_AFTER
from credit_control.figures.lateness import Overdue, Paid
from kit.errors import UserError
from kit.wording import _
from services.figures import reminders
from services.figures.reminders import USUAL_DAYS, Reminders
from services.kept_results import Result
from store.models import Organisation
from store.queries import figures as queries
from store.queries.figures import SoldOn

MOST_DAYS = 3_660
_YEAR = 365
_MONTHS = 12
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one currency: all figures are made of this."""

    period: Period
    today: date
    invoices: Sequence[Booked]
    """Those that are alike as one, where only sums are made."""
    sold: Sequence[SoldOn]

    def left(self, one: Booked, day: date) -> Decimal:
        """What was open of an invoice at the end of a day; today it is what the ledger says is due, if it is issued."""
        return one.left if day >= max(self.today, one.issued_on) else one.open_at(day)

    def receivable(self, *, not_due: bool = False) -> Decimal:
        """What was open at the end of the period, or what of it was not yet due."""
        on = self.period.last
        found = (self.left(one, on) for one in self.invoices if not not_due or one.due_on >= on)
        return sum(found, _NOTHING)

    def paid(self) -> list[Booked]:
        """What was paid in full in the period."""
        return [one for one in self.invoices if self.period.holds(one.paid_on)]

    def overdue(self) -> list[tuple[Booked, Overdue]]:
        """What was open and past its due day at the end of the period."""
        on = self.period.last
        return [
            (one, Overdue(left, days, one.alike))
            for one in self.invoices
            if (days := lateness.overdue_by(one.due_on, on)) > 0 and (left := self.left(one, on)) > 0
        ]

    def month_at_risk(self) -> Period | None:
        """The latest month all of whose invoices were 90 days past due at the end of the period."""
        last_due: dict[date, date] = {}
        for one in self.sold:
            month = one.on.replace(day=1)
            last_due[month] = max(one.last_due, last_due.get(month, one.last_due))
        on = self.period.last
        past = [
            month
            for month, due in last_due.items()
            if due + timedelta(AT_RISK_AFTER) <= on and month_end(month) <= on
        ]
        return Period(max(past), month_end(max(past))) if past else None

    def unpaid_in_time(self, one: Booked) -> Decimal:
        """What was open of an invoice 90 days after it was due."""
        return self.left(one, max(one.due_on + timedelta(AT_RISK_AFTER), one.issued_on))


def period_up_to(on: date, days: int, today: date) -> Period:
    """The period that was asked for. ``UserError`` where there can be none."""
    if on > today:
        raise UserError(_("Figures can be had up to today; choose a day that has come."))
    if not 1 <= days <= MOST_DAYS or on.year < 2000:
        raise UserError(_("Choose a period of 1 to %(most)s days after the year 1999.", most=MOST_DAYS))
    return days_up_to(on, days)


def kpis(
    session: Session, organisation: Organisation, period: Period, today: date
) -> dict[str, dict[str, Figure]]:
    """All figures by currency and name; the home currency first."""
    books = _told_of_books(session, organisation, period, today)
    promises = queries.promises_due(session, organisation.id, period.first, period.last)
    sends = reminders.counted(session, organisation, period, today)
    order = sorted({*books, *promises, *sends}, key=lambda code: (code != organisation.base_currency, code))
    nothing = Known(period, today, [], [])
    return {
        currency: {
            **(books.get(currency) or of_books(session, organisation.id, currency, nothing)),
            "promise_kept": doing.promise_kept(*promises.get(currency, (0, 0))),
            **sends.get(currency, Reminders()).figures(),
        }
        for currency in order
    }


def _told_of_books(
    session: Session, organisation: Organisation, period: Period, today: date
) -> dict[str, dict[str, Figure]]:
    """Those of a year up to today are told at once while they hold."""
    if period == days_up_to(today, USUAL_DAYS):
        return KEPT.told(session, organisation, today)
    return of_all_books(session, organisation.id, period, today)


def of_all_books(
    session: Session, organisation_id: str, period: Period, today: date
) -> dict[str, dict[str, Figure]]:
    """The figures of each currency that are made of invoices."""
    sold: dict[str, list[SoldOn]] = defaultdict(list)
    for one in queries.sold(session, organisation_id, period.last):
        sold[one.currency].append(one)
    invoices = queries.concerning_together(session, organisation_id, period.first)
    return {
        currency: of_books(
            session, organisation_id, currency, Known(period, today, invoices.get(currency, []), its)
        )
        for currency, its in sold.items()
    }


def _of_a_year(session: Session, organisation: Organisation, today: date) -> dict[str, dict[str, Figure]]:
    return of_all_books(session, organisation.id, days_up_to(today, USUAL_DAYS), today)


KEPT = Result("figures", _of_a_year, (Figure, Period))


def kept_of(
    session: Session, organisation: Organisation, currency: str, period: Period, today: date
) -> dict[str, Figure] | None:
    """The figures of one currency that are made of invoices, as they are kept; None: they are not, or of other days."""
    if period != days_up_to(today, USUAL_DAYS):
        return None
    found = KEPT.kept(session, organisation, today)
    return found.get(currency) if found else None


def known_of(
    session: Session, organisation_id: str, currency: str, period: Period, today: date, *, sold: bool = True
) -> Known:
    """What is known of one currency alone; without what was ``sold`` day by day, nothing that is made of that."""
    books = queries.concerning_together(session, organisation_id, period.first, currency).get(currency, [])
    found = queries.sold(session, organisation_id, period.last, currency) if sold else []
    return Known(period, today, books, found)


def of_books(session: Session, organisation_id: str, currency: str, known: Known) -> dict[str, Figure]:
    """The figures of one currency that are made of invoices."""
    return {
        **_outstanding(known),
        **_collected(session, organisation_id, currency, known),
        **_lateness(known),
    }


def _outstanding(known: Known) -> dict[str, Figure]:
    period, receivable, current = known.period, known.receivable(), known.receivable(not_due=True)
    sales = sales_of(known.invoices, period.first, period.last)
    months = month_sales(known.sold, period.last)
    simple, best = dso.dso(receivable, sales, period.days), dso.best_possible_dso(current, sales, period.days)
    back, best_back = dso.countback(receivable, months), dso.best_countback(current, months)
    return {
        "dso": simple,
        "dso_countback": back,
        "best_possible_dso": best,
        "best_possible_dso_countback": best_back,
        "average_days_delinquent": dso.delinquent(simple, best),
        "average_days_delinquent_countback": dso.delinquent(back, best_back, by_countback=True),
    }


def month_sales(sold: Sequence[SoldOn], on: date) -> list[MonthSales]:
    """What was invoiced month by month, back from the running one to that of the first invoice."""
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for one in sold:
        if one.on <= on:
            sums[one.on.replace(day=1)] += one.total
    if not sums:
        return []
    first, found, back = min(sums), [MonthSales(sums.get(on.replace(day=1), _NOTHING), on.day)], 1
    while (month := months_back(on, back)) >= first:
        found.append(MonthSales(sums.get(month, _NOTHING), month_end(month).day))
        back += 1
    return found


def _collected(session: Session, organisation_id: str, currency: str, known: Known) -> dict[str, Figure]:
    period = known.period
    opening = open_at(known.invoices, period.eve)
    closing, current = known.receivable(), known.receivable(not_due=True)
    sales = sales_of(known.invoices, period.first, period.last)
    months = Fraction(period.days * _MONTHS, _YEAR)
    undated = {
        "undated_invoices": sum(one.alike for one in known.invoices if one.undated and _is_part(one, period))
    }
    by_total = collecting.cei(opening, sales, closing, current)
    by_month = collecting.cei_average_month(opening, sales, closing, current, months)
    return {
        "cei": replace(by_total, inputs={**by_total.inputs, **undated}),
        "cei_average_month": replace(by_month, inputs={**by_month.inputs, **undated}),
        "at_risk_rate": _at_risk(session, organisation_id, currency, known),
    }


def _is_part(one: Booked, period: Period) -> bool:
    """Whether the invoice was issued in the period, or open when it began."""
    return period.holds(one.issued_on) or one.open_at(period.eve) != _NOTHING


def _at_risk(session: Session, organisation_id: str, currency: str, known: Known) -> Figure:
    whole = known.month_at_risk()
    if whole is None:
        return at_risk(_NOTHING, _NOTHING)
    invoices = queries.issued_together(session, organisation_id, whole.first, whole.last, currency).get(
        currency, []
    )
    unpaid = sum(map(known.unpaid_in_time, invoices), _NOTHING)
    return replace(at_risk(sales_of(invoices, whole.first, whole.last), unpaid), period=whole)


def _lateness(known: Known) -> dict[str, Figure]:
    on = known.period.last
    paid = [Paid(one.total, one.days_late or 0, one.days_to_pay or 0, one.alike) for one in known.paid()]
    overdue = [one for _booked, one in known.overdue()]
    at_the_end = Period(on, on)
    weighted = lateness.days_late_weighted(paid)
    return {
        "days_to_pay": lateness.days_to_pay(paid),
        "days_to_pay_weighted": lateness.days_to_pay_weighted(paid),
        "days_late": lateness.days_late(paid),
        "days_late_weighted": weighted,
        "dbt": weighted,
        "dbt_clipped": lateness.dbt_clipped(paid),
        "wado": replace(lateness.wado(overdue), period=at_the_end),
        "average_days_overdue": replace(lateness.average_days_overdue(overdue), period=at_the_end),
        "average_payment_delay": lateness.average_payment_delay(paid, overdue),
    }
