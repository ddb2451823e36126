"""On which days a customer pays, and in how many parts: counts, so that anybody sees how sure they are."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from credit_control.facts import PaymentDays

FEWEST = 6
"""Days with a payment, below which no day is said to stand out."""
STANDS_OUT = Fraction(3, 5)
"""So much of all days with a payment falls on the days of a run."""
_MOST_MONTH_DAYS, _MOST_WEEKDAYS, _EDGE = 3, 2, 1
_LAST = 31
_WEEK = range(7)


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment on an invoice."""

    on: date
    currency: str
    amount: Decimal
    invoice_id: str


@dataclass(frozen=True, slots=True)
class Runs:
    """Days that stand out: ``hits`` of ``days`` on which something was paid are days of these runs."""

    days: PaymentDays
    hits: int
    of: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.hits, self.of)


@dataclass(frozen=True, slots=True)
class Habits:
    """Days are counted once, however many payments came on them; ``by_month_day`` counts a month's last day as 31."""

    payments: int
    days: int
    by_weekday: Mapping[int, int]
    by_month_day: Mapping[int, int]
    sums: Mapping[str, Mapping[int, Decimal]]
    """By currency, what came on which weekday."""
    runs: Runs | None
    parts: Mapping[int, int]
    """How many settled invoices were paid in how many payments."""

    @property
    def in_parts(self) -> int:
        return sum(count for parts, count in self.parts.items() if parts > 1)


def habits(payments: Iterable[Paid], settled_ids: Iterable[str]) -> Habits:
    """The habits in these payments; ``settled_ids``: the invoices that were paid in full."""
    paid = list(payments)
    days = sorted({one.on for one in paid})
    sums: dict[str, dict[int, Decimal]] = defaultdict(lambda: dict.fromkeys(_WEEK, Decimal(0)))
    for one in paid:
        sums[one.currency][one.on.weekday()] += one.amount
    times = Counter(one.invoice_id for one in paid)
    weekdays, month_days = Counter(day.weekday() for day in days), Counter(map(_month_day, days))
    return Habits(
        len(paid),
        len(days),
        {day: weekdays[day] for day in _WEEK},
        {day: month_days[day] for day in range(1, _LAST + 1)},
        {currency: dict(some) for currency, some in sorted(sums.items())},
        _runs(days),
        dict(sorted(Counter(times[one] for one in set(settled_ids) if times[one]).items())),
    )


def _month_day(day: date) -> int:
    return _LAST if day.day == monthrange(day.year, day.month)[1] else day.day


def _runs(days: Sequence[date]) -> Runs | None:
    """The fewest days that take up three fifths: one or two weekdays, or up to three days of the month.

    A run that falls on a weekend is made a day or so later, so a day of the month counts with the day before and the
    two after it. What chance would bring anyway is no habit: the days must hold twice what they would by chance.
    """
    if len(days) < FEWEST:
        return None
    weekdays = Counter(day.weekday() for day in days)
    for many in range(1, _MOST_WEEKDAYS + 1):
        best = sorted(weekdays, key=lambda day: (-weekdays[day], day))[:many]
        hits = sum(weekdays[day] for day in best)
        if stands_out(hits, len(days), Fraction(many, 5)):
            return Runs(PaymentDays(weekdays=tuple(sorted(best))), hits, len(days))
    return _month_runs(days)


def _month_runs(days: Sequence[date]) -> Runs | None:
    left, chosen, hits = list(days), [], 0
    for many in range(1, _MOST_MONTH_DAYS + 1):
        counts = {day: sum(_of_run(one, day) for one in left) for day in range(1, _LAST + 1)}
        exact = Counter(map(_month_day, left))
        best = max(counts, key=lambda day: (counts[day], exact[day], -day))
        chosen.append(best)
        hits += counts[best]
        left = [one for one in left if not _of_run(one, best)]
        if stands_out(hits, len(days), Fraction(4 * many, 30)):
            return Runs(PaymentDays(month_days=tuple(sorted(chosen))), hits, len(days))
    return None


def stands_out(hits: int, days: int, by_chance: Fraction) -> bool:
    """Whether so many of the days are more than chance, and most of them."""
    share = Fraction(hits, days)
    return share >= STANDS_OUT and share >= 2 * by_chance


def _of_run(day: date, run: int) -> bool:
    """Whether a payment on ``day`` may be of a run on this day of the month, the day before or the two after it."""
    last = monthrange(day.year, day.month)[1]
    here = (day.day - min(run, last)) % last
    return here <= _EDGE + 1 or here == last - _EDGE
