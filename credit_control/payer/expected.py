"""When an open invoice is likely to be paid: from this customer's own past, and a little of everybody's.

The days late of the customer's last settled invoices are a distribution. One that was settled long ago counts for
less (half after 180 days); one of about this size counts twice, and one more time if it fell due in the same month of
an earlier year. Everybody's invoices together count like two, so that whoever is new is not taken at two words. What
is open today cannot have been paid earlier: only days late that can still come are looked at. The middle of what is
left is the expected day, and four fifths of it lie between the earliest and the latest (docs/payers.md).

Weights are floating-point numbers: they only put days in an order, and the days are whole.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from typing import Any

from credit_control.payer.facts import Settled

HALF_LIFE = 180
"""Days after which a settled invoice counts half."""
BOOK_COUNTS = 2.0
"""As many invoices of today as the whole book counts for."""
MOST_OWN = 200
"""Of a customer's settled invoices, so many of the last are looked at."""
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
_LEAST = 1e-9
_SINCE = date(2000, 1, 1).toordinal()
_SEASON = 180


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice that waits for its money."""

    due_on: date
    currency: str
    amount: Decimal
    """Its total, by which others are about its size."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What an expectation stands on, in numbers of invoices."""

    own: int
    alike: int
    """Of those, so many of about this size: from half to twice its total, in its currency."""
    same_month: int
    """So many that fell due in the same month of an earlier year."""
    book: int
    """Everybody's."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The day by which half of such invoices are paid, and those by which one and nine in ten are."""

    on: date
    earliest: date
    latest: date
    basis: Basis


@lru_cache(maxsize=8192)
def _weight(settled_on: date) -> float:
    """Twice as much for each 180 days later; only ratios matter."""
    return float(2.0 ** ((settled_on.toordinal() - _SINCE) / HALF_LIFE))


class Book:
    """Everybody's days late, as they are known so far."""

    def __init__(self) -> None:
        self.invoices = 0
        self._weights: dict[int, float] = {}
        self._days: list[int] = []
        self._sums: list[float] = []
        self._stale = False

    def add(self, one: Settled) -> None:
        late = one.days_late
        self._weights[late] = self._weights.get(late, 0.0) + _weight(one.settled_on)
        self.invoices += 1
        self._stale = True

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """Know what was kept, and nothing else."""
        self.invoices = kept["invoices"]
        self._weights = {late: weight for late, weight in kept["weights"]}  # noqa: C416  # pairs of a list
        self._stale = bool(self._weights)

    def kept(self) -> dict[str, Any]:
        """All that it knows, to be kept and taken up again with ``book_of``."""
        whole = sum(self._weights.values()) or 1.0
        return {
            "invoices": self.invoices,
            "weights": [[late, weight / whole] for late, weight in sorted(self._weights.items())],
        }

    def spread(self) -> tuple[list[int], list[float]]:
        """Days late in their order, and the running sum of their weights, which ends with ``BOOK_COUNTS``."""
        if self._stale:
            self._days = sorted(self._weights)
            sums = list(accumulate(self._weights[day] for day in self._days))
            whole = sums[-1] or 1.0
            self._sums = [one / whole * BOOK_COUNTS for one in sums]
            self._stale = False
        return self._days, self._sums


def book_of(kept: Mapping[str, Any]) -> Book:
    """A book as it was kept."""
    book = Book()
    book.take_up(kept)
    return book


class Past:
    """One customer's settled invoices, the last ``MOST_OWN`` of them. They are added in the order in which they were settled."""

    def __init__(self) -> None:
        self._order: deque[tuple[int, int]] = deque()
        self._rows: list[tuple[int, int, float, Decimal, str, date, int]] = []
        self._added = 0
        self.all_days = 0
        """The days late of all that were added, for their plain average."""

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def added(self) -> int:
        return self._added

    def add(self, one: Settled) -> None:
        late = one.days_late
        self._added += 1
        self.all_days += late
        row = (
            late,
            self._added,
            _weight(one.settled_on),
            one.amount,
            one.currency,
            one.due_on,
            one.due_on.month,
        )
        insort(self._rows, row)
        self._order.append((late, self._added))
        if len(self._order) > MOST_OWN:
            del self._rows[bisect_left(self._rows, self._order.popleft())]

    def spread(self, open_one: Open, today: date) -> tuple[list[int], list[float], int, int]:
        """Days late in their order, the running sum of their weights, how many are alike, and how many of the month."""
        if not self._rows:
            return [], [], 0, 0
        days, factors, plain = [], [], 0.0
        alike = same_month = 0
        half, double = open_one.amount / 2, open_one.amount * 2
        wanted = open_one.currency
        month, since = open_one.due_on.month, open_one.due_on - timedelta(days=_SEASON)
        for late, _, weight, amount, currency, due_on, due_month in self._rows:
            factor = 1
            if currency == wanted and half <= amount <= double:
                factor, alike = factor + 1, alike + 1
            if due_month == month and due_on < since:
                factor, same_month = factor + 1, same_month + 1
            days.append(late)
            factors.append(weight * factor)
            plain += weight
        sums = list(accumulate(factors))
        if not sums or not sums[-1]:
            return [], [], 0, 0
        # However many are alike, all of them together count what they count by their age.
        whole = plain * 2.0 ** (-(today.toordinal() - _SINCE) / HALF_LIFE) / sums[-1]
        return days, [one * whole for one in sums], alike, same_month


class Spread:
    """How many days late an open invoice may come to be, given that it is not paid before ``today``."""

    def __init__(self, open_one: Open, past: Past, book: Book, today: date) -> None:
        self._due_on = open_one.due_on
        self._days, self._sums, self._alike, self._same_month = past.spread(open_one, today)
        self._book_days, self._book_sums = book.spread()
        self._book = book.invoices
        self._from = (today - open_one.due_on).days
        self._gone = self._until(self._from - 1)
        self._whole = (self._sums[-1] if self._sums else 0.0) + (
            self._book_sums[-1] if self._book_sums else 0.0
        )
        self._left = self._whole - self._gone

    @property
    def basis(self) -> Basis:
        """What it stands on."""
        return Basis(len(self._days), self._alike, self._same_month, self._book)

    @property
    def known(self) -> bool:
        """False: nothing was ever paid as late as this is already, or nothing was paid at all."""
        return self._left > _LEAST * max(self._whole, 1.0)

    def shares_by(self, days: Sequence[int]) -> list[float]:
        """The shares that are paid by the end of each of these days, which are given by ``date.toordinal``."""
        due_on, first, gone, left = self._due_on.toordinal(), self._from, self._gone, self._left
        own_days, own_sums, book_days, book_sums = self._days, self._sums, self._book_days, self._book_sums
        found = []
        for day in days:
            late = day - due_on
            if late < first:
                found.append(0.0)
                continue
            own, book = bisect_right(own_days, late), bisect_right(book_days, late)
            until = (own_sums[own - 1] if own else 0.0) + (book_sums[book - 1] if book else 0.0)
            share = (until - gone) / left
            found.append(share if share < 1.0 else 1.0)  # noqa: FURB136  # asked a quarter of a million times
        return found

    def day_at(self, share: float) -> date:
        """The first day by which this share is paid."""
        wanted = self._gone + share * self._left - _LEAST * self._whole
        low, high = self._from, max(self._days[-1:] + self._book_days[-1:])
        while low < high:
            middle = (low + high) // 2
            if self._until(middle) >= wanted:
                high = middle
            else:
                low = middle + 1
        return self._due_on + timedelta(days=low)

    def _until(self, late: int) -> float:
        own = bisect_right(self._days, late)
        book = bisect_right(self._book_days, late)
        return (self._sums[own - 1] if own else 0.0) + (self._book_sums[book - 1] if book else 0.0)


class Spreads:
    """The spreads of many invoices on one day: whoever has no past has the same as all others that are due on that day."""

    def __init__(self, book: Book, today: date) -> None:
        self._book, self._today = book, today
        self._without_past: dict[date, Spread] = {}

    def of(self, open_one: Open, past: Past) -> Spread:
        """One invoice's."""
        if past:
            return Spread(open_one, past, self._book, self._today)
        if (found := self._without_past.get(open_one.due_on)) is None:
            found = self._without_past[open_one.due_on] = Spread(open_one, past, self._book, self._today)
        return found


def expected(open_one: Open, past: Past, book: Book, today: date) -> Expected | None:
    """When it is likely to be paid, seen from the morning of ``today``; None: there is nothing to tell it by."""
    spread = Spread(open_one, past, book, today)
    if not spread.known:
        return None
    try:
        return Expected(spread.day_at(MIDDLE), spread.day_at(LOW), spread.day_at(HIGH), spread.basis)
    except OverflowError:  # a due date at the end of the calendar
        return None


def past_of(settled: Sequence[Settled]) -> Past:
    """A customer's past; in whatever order they come."""
    past = Past()
    for one in sorted(settled, key=_when):
        past.add(one)
    return past


def _when(one: Settled) -> tuple[date, date, date, Decimal]:
    return one.settled_on, one.due_on, one.issued_on, one.amount
