"""The figures once more, as straight as they are written down in ``docs/figures.md``, from the ledger's documents alone.

Nothing of ours is used here: no formula, no query. It is slow and simple on purpose: every figure goes through all invoices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from integration.ledger import LedgerInvoice, LedgerPayment

Values = dict[str, Fraction | None]
_DAY = timedelta(1)


@dataclass
class Known:
    """An invoice, and what was taken off it on which day."""

    told: LedgerInvoice
    payments: Iterable[LedgerPayment]
    total: Fraction = field(init=False)
    left: Fraction = field(init=False)
    undated: Fraction = field(init=False)
    taken_off: list[tuple[date, Fraction]] = field(init=False)
    paid_on: date | None = field(init=False)

    def __post_init__(self) -> None:
        told = self.told
        self.total, self.left = Fraction(told.total), Fraction(told.amount_due)
        full = None if self.left else told.fully_paid_on
        dated = [(one.paid_on, one.amount) for one in self.payments if one.status != "DELETED"]
        dated += [(one.on, one.amount) for one in told.allocations]
        rest, self.taken_off = self.total - self.left, []
        for on, amount in sorted((max(told.issued_on, min(on, full or on)), amount) for on, amount in dated):
            if part := min(Fraction(amount), rest):
                self.taken_off.append((on, part))
                rest -= part
        last = max((on for on, _ in self.taken_off), default=None)
        self.undated, self.paid_on = rest, None if self.left else full or last
        if rest:
            self.taken_off.append((self.paid_on or last or told.issued_on, rest))

    def open(self, day: date, today: date) -> Fraction:
        if day < self.told.issued_on:
            return Fraction(0)
        return (
            self.left if day == today else self.total - sum(part for on, part in self.taken_off if on <= day)
        )

    def overdue(self, day: date) -> int:
        return (day - self.told.due_on).days


def known(invoices: Iterable[LedgerInvoice], payments: Sequence[LedgerPayment]) -> list[Known]:
    """The invoices that count."""
    return [
        Known(one, [each for each in payments if each.invoice_id == one.id])
        for one in invoices
        if one.status in ("AUTHORISED", "PAID")
    ]


def over(above: Fraction | int, below: Fraction | int) -> Fraction | None:
    return Fraction(above) / below if below else None


def mean(found: Sequence[int]) -> Fraction | None:
    return over(sum(found), len(found))


def weighted(found: Sequence[tuple[Fraction, int]]) -> Fraction | None:
    amounts = sum((amount for amount, _ in found), Fraction(0))
    return over(sum((amount * days for amount, days in found), Fraction(0)), amounts)


def less(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def month_end(day: date) -> date:
    return (day.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY


def countback(books: Sequence[Known], rest: Fraction, on: date) -> Fraction | None:
    """None: more than the days of all months that there are."""
    first = min(one.told.issued_on for one in books).replace(day=1)
    counted, day = Fraction(0), on
    while rest and day >= first:
        sold = sum(
            (one.total for one in books if day.replace(day=1) <= one.told.issued_on <= day), Fraction(0)
        )
        if rest < sold:
            return counted + rest / sold * day.day
        rest, counted, day = rest - sold, counted + day.day, day.replace(day=1) - _DAY
    return None if rest else counted


def kpis(books: Sequence[Known], on: date, days: int, today: date) -> Values:
    """All figures of one currency that are made of invoices, with what they are made of."""
    first, eve = on - timedelta(days - 1), on - timedelta(days)
    issued = [one for one in books if one.told.issued_on <= on]
    still = {id(one): one.open(on, today) for one in issued}
    whole = sum(still.values(), Fraction(0))
    current = sum((still[id(one)] for one in issued if one.told.due_on >= on), Fraction(0))
    opening = sum((one.open(eve, today) for one in books), Fraction(0))
    sold = sum((one.total for one in issued if one.told.issued_on >= first), Fraction(0))
    a_month = sold / (Fraction(days) * 12 / 365)
    paid = [one for one in books if one.paid_on and first <= one.paid_on <= on]
    to_pay = [((one.paid_on or on) - one.told.issued_on).days for one in paid]
    late = [(one.total, one.overdue(one.paid_on or on)) for one in paid]
    overdue = [(still[id(one)], one.overdue(on)) for one in issued if still[id(one)] and one.overdue(on) > 0]
    simple, best = over(whole * days, sold), over(current * days, sold)
    back, best_back = countback(issued, whole, on), countback(issued, current, on)
    return {
        "dso": simple,
        "best_possible_dso": best,
        "average_days_delinquent": less(simple, best),
        "dso_countback": back,
        "best_possible_dso_countback": best_back,
        "average_days_delinquent_countback": less(back, best_back),
        "cei": over((opening + sold - whole) * 100, opening + sold - current),
        "cei_average_month": over((opening + a_month - whole) * 100, opening + a_month - current),
        "days_to_pay": mean(to_pay),
        "days_to_pay_weighted": weighted([(one.total, each) for one, each in zip(paid, to_pay, strict=True)]),
        "days_late": mean([each for _, each in late]),
        "days_late_weighted": weighted(late),
        "dbt": weighted(late),
        "dbt_clipped": weighted([(amount, max(each, 0)) for amount, each in late]),
        "wado": weighted(overdue),
        "average_days_overdue": mean([each for _, each in overdue]),
        "average_payment_delay": weighted([*late, *overdue]),
        "at_risk_rate": at_risk(issued, on, today),
        "open": whole,
        "not_due": current,
        "opening": opening,
        "invoiced": sold,
        "undated_invoices": Fraction(
            sum(1 for one in issued if one.undated and (one.told.issued_on >= first or one.open(eve, today)))
        ),
    }


def at_risk(issued: Sequence[Known], on: date, today: date) -> Fraction | None:
    """Of the latest month that is over and all of whose invoices are ninety days past due."""
    for month in sorted({month_end(one.told.issued_on) for one in issued}, reverse=True):
        own = [one for one in issued if month_end(one.told.issued_on) == month]
        days = [one.told.due_on + timedelta(90) for one in own]
        if month <= on and max(days) <= on:
            unpaid = [
                one.open(max(day, one.told.issued_on), today) for one, day in zip(own, days, strict=True)
            ]
            return over(sum(unpaid, Fraction(0)) * 100, sum((one.total for one in own), Fraction(0)))
    return None


def aged(books: Sequence[Known], on: date, today: date) -> list[Fraction]:
    """What was open by days overdue: none, up to 30, 60, 90, and more."""
    found = [Fraction(0)] * 5
    for one in books:
        found[sum(one.overdue(on) > each for each in (0, 30, 60, 90))] += one.open(on, today)
    return found


def aged_by_month(books: Sequence[Known], on: date, today: date) -> list[Fraction]:
    """What was open by the month of its due day: not due, this month, each of the three before, older."""
    found = [Fraction(0)] * 6
    for one in books:
        due = one.told.due_on
        back = (on.year - due.year) * 12 + on.month - due.month
        found[0 if due >= on else 1 + min(back, 4)] += one.open(on, today)
    return found
