"""How interest grows: day by day, by whole months, or joining the principal every 30 days.

Each way gives lines, whose amounts are exact fractions. Payments lower what interest runs on from the
day after they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from credit_control.late_payment.facts import Debt, Style
from credit_control.late_payment.rates import RateUsed
from credit_control.words import Count, decimals

_DAY = timedelta(days=1)
_MONTHS_IN_YEAR = 12
_COMPOUNDING_DAYS = 30
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Line:
    """Interest on ``principal`` at ``percent`` a year from ``first`` to ``last``, both included.

    ``how`` says in words what is counted where that is not the days.
    """

    first: date
    last: date
    principal: Decimal
    percent: Decimal
    amount: Fraction
    how: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class _Balance:
    first: date
    last: date
    principal: Decimal


def rounded(amount: Fraction, places: int) -> Decimal:
    """An amount that is not negative, to so many decimals; a half goes up."""
    return Decimal(int(amount * 10**places + _HALF)).scaleb(-places)


def one_day(principal: Decimal, percent: Decimal, days_in_year: int) -> Fraction:
    """The exact interest of one day."""
    return Fraction(principal) * Fraction(percent) / 100 / days_in_year


def by_days(
    debt: Debt, rates: Sequence[RateUsed], start: date, days_in_year: int, style: Style
) -> Iterator[Line]:
    """Simple interest by the day: a new line wherever the balance or the rate changes."""
    for balance in _balances(debt, start, rates[-1].last):
        for rate in rates:
            first, last = max(balance.first, rate.first), min(balance.last, rate.last)
            if first > last:
                continue
            daily = one_day(balance.principal, rate.percent, days_in_year)
            if style is Style.DAILY_ROUNDED:
                daily = Fraction(rounded(daily, decimals(debt.currency)))
            days = (last - first).days + 1
            yield Line(first, last, balance.principal, rate.percent, daily * days)


def by_whole_months(debt: Debt, rate: RateUsed, start: date) -> Iterator[Line]:
    """A twelfth of the yearly rate for each whole month that a part of the debt was late."""
    for part in _parts(debt, start, rate.last):
        months = _whole_months(start - _DAY, part.last)
        amount = Fraction(part.principal) * Fraction(rate.percent) / 100 / _MONTHS_IN_YEAR * months
        how = Count(months, "whole month")
        yield Line(start, part.last, part.principal, rate.percent, amount, str(how))


def by_compounding(debt: Debt, rate: RateUsed, start: date, days_in_year: int) -> Iterator[Line]:
    """Interest that joins the principal after every 30 days, on each part of the debt until it was paid."""
    yearly = Fraction(rate.percent) / 100
    for part in _parts(debt, start, rate.last):
        periods, days = divmod((part.last - start).days + 1, _COMPOUNDING_DAYS)
        growth = (1 + yearly / _MONTHS_IN_YEAR) ** periods * (1 + yearly / days_in_year * days)
        how = f"{Count(periods, 'period')} of 30 days compounded, {Count(days, 'day')} besides"
        yield Line(
            start, part.last, part.principal, rate.percent, Fraction(part.principal) * (growth - 1), how
        )


def _balances(debt: Debt, start: date, last: date) -> Iterator[_Balance]:
    """What interest runs on, stretch by stretch, until nothing is owed or ``last`` is over."""
    ends = sorted({paid.on for paid in debt.payments if start <= paid.on < last} | {last})
    for end in ends:
        if owed := debt.owed_after(start - _DAY):
            yield _Balance(start, end, owed)
        start = end + _DAY


def _parts(debt: Debt, start: date, last: date) -> Iterable[_Balance]:
    """The debt in the parts in which it was paid; each was late from ``start`` until its own day."""
    late = [paid for paid in sorted(debt.payments, key=lambda paid: paid.on) if paid.on >= start]
    parts = [_Balance(start, paid.on, paid.amount) for paid in late if paid.on <= last]
    rest = debt.owed_after(last)
    return [*parts, _Balance(start, last, rest)] if rest else parts


def _whole_months(since: date, until: date) -> int:
    """Months that are over: one that would end on a day which its month lacks ends on its last day."""
    months = (until.year - since.year) * _MONTHS_IN_YEAR + until.month - since.month
    next_day = until + _DAY
    ends_early = next_day.month != until.month and until.day < since.day
    return months if until.day >= since.day or ends_early else months - 1
