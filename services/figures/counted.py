"""What a figure counted: each invoice, promise or reminder with its part in the sums that the figure is divided out of.

The parts come from the same books and rules as the figure, for any period and any day of the past; so the columns add up
to the numbers of the figure, and whoever adds them up by hand gets the figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS, bucket_of
from credit_control.figures import doing
from credit_control.figures.books import Booked
from credit_control.figures.by_month import months_back
from credit_control.figures.figure import Figure, Period
from credit_control.figures.lateness import overdue_by
from services.figures import kpis
from services.figures.kpis import Known
from store.models import Organisation
from store.queries import figures as queries

_NOTHING: Final = Decimal(0)
_LONG: Final = 91
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


@dataclass(frozen=True, slots=True)
class Counted:
    """``figure`` is None for a plain amount, which is the sum itself."""

    of: Of
    columns: Sequence[str]
    rows: Sequence[Row]
    period: Period
    figure: Figure | None = None
    sums: Parts = field(default_factory=dict)

    @property
    def weighted(self) -> bool:
        """Whether the rows say by how many days they are weighted."""
        return any(row.days is not None for row in self.rows)


_Part = Callable[[Known, Booked], Decimal]


def _open(known: Known, one: Booked) -> Decimal:
    return known.left(one, known.period.last)


def _not_due(known: Known, one: Booked) -> Decimal:
    return _open(known, one) if one.due_on >= known.period.last else _NOTHING


def _overdue(known: Known, one: Booked) -> Decimal:
    return _open(known, one) - _not_due(known, one)


def _long_overdue(known: Known, one: Booked) -> Decimal:
    return _open(known, one) if overdue_by(one.due_on, known.period.last) >= _LONG else _NOTHING


def _sales(known: Known, one: Booked) -> Decimal:
    return one.total if known.period.holds(one.issued_on) else _NOTHING


def _opening(known: Known, one: Booked) -> Decimal:
    return one.open_at(known.period.eve)


def _in_bucket(place: int) -> _Part:
    def part(known: Known, one: Booked) -> Decimal:
        return (
            _open(known, one) if bucket_of(overdue_by(one.due_on, known.period.last)) == place else _NOTHING
        )

    return part


_PART: Final[Mapping[str, _Part]] = {
    "opening": _opening,
    "sales": _sales,
    "open": _open,
    "not_due": _not_due,
    "overdue": _overdue,
    "long_overdue": _long_overdue,
    **{name: _in_bucket(place) for place, name in enumerate(BUCKETS)},
}
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


def counted(
    session: Session, organisation: Organisation, name: str, currency: str, period: Period, today: date
) -> Counted | None:
    """All that a figure (or plain amount) of a currency and period counted; None: there is none of this name."""
    if name == "promise_kept":
        return _promises(session, organisation.id, currency, period)
    if name in _SENDS:
        return _reminders(session, organisation, name, currency, period)
    if name not in {*_BALANCES, *AMOUNTS, *_BACK, *_PAYING, *_OWING, "at_risk_rate"}:
        return None
    known = kpis.known_of(session, organisation.id, currency, period, today)
    if name in AMOUNTS:
        return _made(Of.INVOICES, AMOUNTS[name], _balances(known, AMOUNTS[name]), period)
    figures = kpis.of_books(session, organisation.id, currency, known)
    if name in _BALANCES:
        columns, rows = _BALANCES[name], _balances(known, _BALANCES[name])
    elif name in _BACK:
        columns, rows = _back(session, organisation.id, name, currency, known, figures)
    elif name == "at_risk_rate":
        columns, rows = _at_risk(session, organisation.id, currency, known)
    else:
        columns, rows = _late(name, known)
    return _made(Of.INVOICES, columns, rows, figures[name].period or period, figures[name])


def _made(
    of: Of, columns: Sequence[str], rows: Sequence[Row], period: Period, figure: Figure | None = None
) -> Counted:
    sums: dict[str, Decimal | int] = {
        name: sum(row.parts.get(name, 0) for row in rows) if rows else 0 for name in columns
    }
    ordered = sorted(rows, key=lambda row: (-row.day.toordinal(), row.id))
    return Counted(of, columns, ordered, period, figure, sums)


def _balances(known: Known, columns: Sequence[str]) -> list[Row]:
    """What has a part in any of the columns."""
    found = []
    for one in known.invoices:
        parts = {name: _PART[name](known, one) for name in columns}
        if any(parts.values()):
            found.append(Row(one.id, one.issued_on, parts))
    return found


def _back(
    session: Session,
    organisation_id: str,
    name: str,
    currency: str,
    known: Known,
    figures: Mapping[str, Figure],
) -> tuple[Sequence[str], list[Row]]:
    """What was open, and the invoices of the months that the count went back through: of whole ones, and of the last."""
    columns: list[str] = []
    parts: dict[str, dict[str, Decimal | int]] = defaultdict(dict)
    days: dict[str, date] = {}
    for of, balance, before in _BACK[name]:
        columns += [balance, before + WHOLE, before + LAST]
        for row in _balances(known, (balance,)):
            parts[row.id].update(row.parts)
            days[row.id] = row.day
        whole, last = _months_used(figures[of], known.period.last)
        for column, span in ((before + WHOLE, whole), (before + LAST, last)):
            if span:
                for one in queries.issued_within(session, organisation_id, currency, span.first, span.last):
                    parts[one.id][column] = one.total
                    days[one.id] = one.issued_on
    return columns, [Row(key, days[key], each) for key, each in parts.items() if any(each.values())]


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


def _at_risk(
    session: Session, organisation_id: str, currency: str, known: Known
) -> tuple[Sequence[str], list[Row]]:
    month, columns = known.month_at_risk(), ("unpaid_after_90_days", "billed")
    if month is None:
        return columns, []
    found = queries.issued_within(session, organisation_id, currency, month.first, month.last)
    parts = ((one, (known.unpaid_in_time(one), one.total)) for one in found)
    return columns, [
        Row(one.id, one.issued_on, dict(zip(columns, each, strict=True))) for one, each in parts if any(each)
    ]


def _late(name: str, known: Known) -> tuple[Sequence[str], list[Row]]:
    """What was paid, what was overdue, or both: one that was paid in part after its full payment stands twice."""
    found: list[tuple[Booked, Decimal, int]] = []
    if name in _PAYING:
        found += [(one, one.total, _PAYING[name](one)) for one in known.paid()]
    if name in _OWING:
        found += [(one, late.amount, late.days) for one, late in known.overdue()]
    if name in _MEANS:
        return ("days", "invoices"), [
            Row(one.id, one.issued_on, {"days": days, "invoices": 1}) for one, _amount, days in found
        ]
    return ("amount_days", "amount", "invoices"), [
        Row(one.id, one.issued_on, {"amount_days": amount * days, "amount": amount, "invoices": 1}, days)
        for one, amount, days in found
    ]


def _promises(session: Session, organisation_id: str, currency: str, period: Period) -> Counted:
    found = queries.promises_judged(session, organisation_id, currency, period.first, period.last)
    rows = [Row(key, day, {"kept": int(kept), "due": 1}) for key, day, kept in found]
    figure = doing.promise_kept(sum(kept for _key, _day, kept in found), len(found))
    return _made(Of.PROMISES, ("kept", "due"), rows, period, figure)


def _reminders(
    session: Session, organisation: Organisation, name: str, currency: str, period: Period
) -> Counted:
    zone = ZoneInfo(organisation.timezone)
    sends = kpis.sends_of(session, organisation, period, currency).get(currency, [])
    rows = [
        Row(
            one.id,
            one.at.astimezone(zone).date(),
            {
                "wrong": int(
                    one.went_wrong if name == "right_first_time" else kpis.asked_for_paid_ones(one, zone)
                ),
                "sends": 1,
            },
        )
        for one in sends
    ]
    figure = kpis.doing_of(sends, organisation.timezone)[name]
    return _made(Of.REMINDERS, ("wrong", "sends"), rows, period, figure)
