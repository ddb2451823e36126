"""What a figure counted: each invoice, promise or reminder with its part in the sums that the figure is divided out of.

The parts come from the same books and rules as the figure, for any period and any day of the past; so the columns add up
to the numbers of the figure, and whoever adds them up by hand gets the figure.

The sums are made of invoices that are alike together; one by one are read only those of the days that are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS
from credit_control.figures import doing
from credit_control.figures.books import Booked
from credit_control.figures.by_month import months_back
from credit_control.figures.figure import Figure, Period
from services.figures import kpis, reminders
from services.figures.kpis import Known
from services.figures.parts import PART
from store.models import Organisation
from store.queries import figures as queries

Parts = Mapping[str, Decimal | int]


class Of(StrEnum):
    """What the rows are."""

    INVOICES = "invoices"
    PROMISES = "promises"
    REMINDERS = "reminders"


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice, promise or reminder. ``day``: where it stands in the list, which has the newest first."""

    id: str
    day: date
    parts: Parts
    days: int | None = None
    """Days late, to pay or overdue, where its amount is weighted by them."""
    alike: int = 1
    """So many invoices that it stands for."""


@dataclass(frozen=True, slots=True)
class Counted:
    """``figure`` is None for a plain amount, which is the sum itself."""

    of: Of
    columns: Sequence[str]
    rows: Sequence[Row]
    """Those that were asked for."""
    count: int
    """Of all of them."""
    period: Period
    figure: Figure | None = None
    sums: Parts = field(default_factory=dict)

    @property
    def weighted(self) -> bool:
        """Whether the rows say by how many days they are weighted."""
        return any(row.days is not None for row in self.rows)


_BALANCES: Final[Mapping[str, Sequence[str]]] = {
    "dso": ("open", "sales"),
    "best_possible_dso": ("not_due", "sales"),
    "average_days_delinquent": ("open", "not_due", "sales"),
    "cei": ("opening", "sales", "open", "not_due"),
    "cei_average_month": ("opening", "sales", "open", "not_due"),
}
AMOUNTS: Final[Mapping[str, Sequence[str]]] = {
    "invoiced": ("sales",),
    "open": ("open",),
    "overdue": ("overdue",),
    "long_overdue": ("long_overdue",),
    "ageing": BUCKETS,
}
"""Plain amounts, of which the page is asked as well."""
_BACK: Final[Mapping[str, Sequence[tuple[str, str, str]]]] = {
    "dso_countback": (("dso_countback", "open", ""),),
    "best_possible_dso_countback": (("best_possible_dso_countback", "not_due", ""),),
    "average_days_delinquent_countback": (
        ("dso_countback", "open", ""),
        ("best_possible_dso_countback", "not_due", "best_"),
    ),
}
"""Whose months are counted back, from which balance, and what stands before the names of its columns."""
WHOLE, LAST = "sales_of_whole_months", "sales_of_last_month"
_PAYING: Final[Mapping[str, Callable[[Booked], int]]] = {
    "days_to_pay": lambda one: one.days_to_pay or 0,
    "days_to_pay_weighted": lambda one: one.days_to_pay or 0,
    "days_late": lambda one: one.days_late or 0,
    "days_late_weighted": lambda one: one.days_late or 0,
    "dbt": lambda one: one.days_late or 0,
    "dbt_clipped": lambda one: max(one.days_late or 0, 0),
    "average_payment_delay": lambda one: one.days_late or 0,
}
_OWING: Final = ("wado", "average_days_overdue", "average_payment_delay")
_MEANS: Final = ("days_to_pay", "days_late", "average_days_overdue")
_SENDS: Final = ("right_first_time", "wrong_chase_rate")


@dataclass(frozen=True, slots=True)
class _Books:
    """The invoices of one currency, those that are alike as one; or one by one, those issued on the days ``only``."""

    session: Session
    organisation_id: str
    currency: str
    known: Known
    only: Period | None = None

    def one_by_one(self, only: Period) -> _Books:
        """The same invoices of these days."""
        key, first = self.organisation_id, self.known.period.first
        found = queries.concerning(self.session, key, first, self.currency, only.first, only.last)
        known = replace(self.known, invoices=found.get(self.currency, []))
        return _Books(self.session, key, self.currency, known, only)

    def issued(self, within: Period) -> Sequence[Booked]:
        """What was issued on these days, whatever became of it since."""
        if self.only is None:
            found = queries.issued_together(
                self.session, self.organisation_id, within.first, within.last, self.currency
            )
            return found.get(self.currency, [])
        first, last = max(within.first, self.only.first), min(within.last, self.only.last)
        return (
            queries.issued_within(self.session, self.organisation_id, self.currency, first, last)
            if first <= last
            else []
        )


_Made = tuple[Sequence[str], list[Row]]
Shown = tuple[int, int]
"""How many of the list to leave out, and how many to show at the most."""


def counted(
    session: Session,
    organisation: Organisation,
    name: str,
    currency: str,
    period: Period,
    today: date,
    shown: Shown | None = None,
) -> Counted | None:
    """What a figure (or plain amount) of a currency and period counted: all of it, or so many rows with the sums of all.

    None: there is none of this name.
    """
    if name == "promise_kept":
        return _promises(session, organisation.id, currency, period, shown)
    if name in _SENDS:
        return _reminders(session, organisation, name, currency, period, shown)
    if name not in {*_BALANCES, *AMOUNTS, *_BACK, *_PAYING, *_OWING, "at_risk_rate"}:
        return None
    kept = {} if name in AMOUNTS else kpis.kept_of(session, organisation, currency, period, today)
    needs_sales = kept is None or name == "at_risk_rate"
    known = kpis.known_of(session, organisation.id, currency, period, today, sold=needs_sales)
    books = _Books(session, organisation.id, currency, known)
    figures = kpis.of_books(session, organisation.id, currency, known) if kept is None else kept
    columns, together = _rows(name, books, figures)
    figure = figures.get(name)
    return Counted(
        Of.INVOICES,
        columns,
        _shown(name, books, figures, together, shown),
        sum(row.alike for row in together),
        (figure.period if figure else None) or period,
        figure,
        _sums(columns, together),
    )


def _rows(name: str, books: _Books, figures: Mapping[str, Figure]) -> _Made:
    """A row for each of the books: an invoice, or some that are alike."""
    known = books.known
    if name in AMOUNTS:
        return AMOUNTS[name], _balances(known, AMOUNTS[name])
    if name in _BALANCES:
        return _BALANCES[name], _balances(known, _BALANCES[name])
    if name in _BACK:
        return _back(name, books, figures)
    return _at_risk(books) if name == "at_risk_rate" else _late(name, known)


def _shown(
    name: str,
    books: _Books,
    figures: Mapping[str, Figure],
    together: Sequence[Row],
    shown: Shown | None,
) -> Sequence[Row]:
    """The rows that are shown: of the days on which they lie, the invoices are read one by one."""
    by_day: dict[date, int] = defaultdict(int)
    for row in together:
        by_day[row.day] += row.alike
    skip, most = shown or (0, sum(by_day.values()))
    days, before, come = [], 0, 0
    for day in sorted(by_day, reverse=True):
        if skip < come + by_day[day] and come < skip + most:
            days.append(day)
        elif not days:
            before = come + by_day[day]
        come += by_day[day]
    if not days:
        return []
    _columns, rows = _rows(name, books.one_by_one(Period(days[-1], days[0])), figures)
    return _in_order(rows)[skip - before : skip - before + most]


def _sums(columns: Sequence[str], rows: Sequence[Row]) -> Parts:
    return {name: sum(row.parts.get(name, 0) for row in rows) if rows else 0 for name in columns}


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.day.toordinal(), row.id))


def _whole(
    of: Of, columns: Sequence[str], rows: Sequence[Row], period: Period, figure: Figure, shown: Shown | None
) -> Counted:
    """Of rows that are all there already."""
    skip, most = shown or (0, len(rows))
    ordered = _in_order(rows)[skip : skip + most]
    return Counted(of, columns, ordered, len(rows), period, figure, _sums(columns, rows))


def _balances(known: Known, columns: Sequence[str]) -> list[Row]:
    """What has a part in any of the columns."""
    found = []
    for one in known.invoices:
        parts = {name: PART[name](known, one) for name in columns}
        if any(parts.values()):
            found.append(Row(one.id, one.issued_on, parts, alike=one.alike))
    return found


def _back(name: str, books: _Books, figures: Mapping[str, Figure]) -> _Made:
    """What was open, and the invoices of the months that the count went back through: of whole ones, and of the last."""
    known, columns = books.known, list[str]()
    parts: dict[_Key, dict[str, Decimal | int]] = defaultdict(dict)
    of_key: dict[_Key, Booked] = {}
    for of, balance, before in _BACK[name]:
        columns += [balance, before + WHOLE, before + LAST]
        for one in known.invoices:
            if part := PART[balance](known, one):
                parts[_key(one)][balance], of_key[_key(one)] = part, one
        whole, last = _months_used(figures[of], known.period.last)
        for column, span in ((before + WHOLE, whole), (before + LAST, last)):
            for one in books.issued(span) if span else ():
                parts[_key(one)][column], of_key[_key(one)] = one.total, one
    return columns, [
        Row(of_key[key].id, of_key[key].issued_on, each, alike=of_key[key].alike)
        for key, each in parts.items()
        if any(each.values())
    ]


_Key = tuple[object, ...]


def _key(one: Booked) -> _Key:
    """By which an invoice, or those that are alike, are the same in two lists."""
    return one.id, one.issued_on, one.due_on, one.paid_on, bool(one.undated)


def _months_used(figure: Figure, on: date) -> tuple[Period | None, Period | None]:
    """The days of the whole months that were used up, and those of the month of which a share was."""
    months = figure.inputs["months"]
    assert isinstance(months, int)
    before = months_back(on, months - 1) if months else None
    whole = Period(before, on) if before else None
    if "sales_of_last" not in figure.inputs:
        return whole, None
    first = months_back(on, months)
    return whole, Period(first, Period(before, on).eve if before else on)


def _at_risk(books: _Books) -> _Made:
    month, columns = books.known.month_at_risk(), ("unpaid_after_90_days", "billed")
    if month is None:
        return columns, []
    parts = ((one, (books.known.unpaid_in_time(one), one.total)) for one in books.issued(month))
    return columns, [
        Row(one.id, one.issued_on, dict(zip(columns, each, strict=True)), alike=one.alike)
        for one, each in parts
        if any(each)
    ]


def _late(name: str, known: Known) -> _Made:
    """What was paid, what was overdue, or both: one that was paid in part after its full payment stands twice."""
    found: list[tuple[Booked, Decimal, int]] = []
    if name in _PAYING:
        found += [(one, one.total, _PAYING[name](one)) for one in known.paid()]
    if name in _OWING:
        found += [(one, late.amount, late.days) for one, late in known.overdue()]
    if name in _MEANS:
        return ("days", "invoices"), [
            Row(one.id, one.issued_on, {"days": days * one.alike, "invoices": one.alike}, alike=one.alike)
            for one, _amount, days in found
        ]
    return ("amount_days", "amount", "invoices"), [
        Row(
            one.id,
            one.issued_on,
            {"amount_days": amount * days, "amount": amount, "invoices": one.alike},
            days,
            one.alike,
        )
        for one, amount, days in found
    ]


def _promises(
    session: Session, organisation_id: str, currency: str, period: Period, shown: Shown | None
) -> Counted:
    found = queries.promises_judged(session, organisation_id, currency, period.first, period.last)
    rows = [Row(key, day, {"kept": int(kept), "due": 1}) for key, day, kept in found]
    figure = doing.promise_kept(sum(kept for _key, _day, kept in found), len(found))
    return _whole(Of.PROMISES, ("kept", "due"), rows, period, figure, shown)


def _reminders(
    session: Session,
    organisation: Organisation,
    name: str,
    currency: str,
    period: Period,
    shown: Shown | None,
) -> Counted:
    zone = ZoneInfo(organisation.timezone)
    sends = reminders.one_by_one(session, organisation, period, currency)
    rows = [
        Row(
            one.id,
            one.at.astimezone(zone).date(),
            {
                "wrong": int(
                    one.went_wrong if name == "right_first_time" else reminders.asked_for_paid_ones(one, zone)
                ),
                "sends": 1,
            },
        )
        for one in sends
    ]
    figure = reminders.figures_of(sends, organisation.timezone)[name]
    return _whole(Of.REMINDERS, ("wrong", "sends"), rows, period, figure, shown)
