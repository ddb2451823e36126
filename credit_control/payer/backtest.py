"""How right expectations would have been: every paid invoice looked at as the book stood then, without what came later."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from operator import itemgetter

from credit_control.payer.expected import Book, Open, Past, expected
from credit_control.payer.facts import Settled


class Seen(StrEnum):
    """The morning from which an invoice is looked at."""

    ISSUED = "issued"
    DUE = "due"
    """Of those that are not paid by then."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """Mean distances in days between the day on which invoices were paid, and the day that was expected."""

    invoices: int
    ours: Fraction
    average: Fraction
    """Of the due date and the customer's plain average of days late, on all that it had paid by then."""
    due: Fraction
    """Of the due date."""
    within: int
    """Paid between the earliest and the latest day."""
    without_past: int
    """Left out, because the customer had paid nothing before."""

    @property
    def coverage(self) -> Fraction:
        return Fraction(self.within, self.invoices)


def backtest(
    invoices: Iterable[tuple[str, Settled]], seen: Seen = Seen.ISSUED, since: date = date.min
) -> Backtest | None:
    """Walk through a book of (customer, paid invoice). ``since``: only what is seen from that day on is judged.

    What was paid on the very day from which an invoice is seen is not known yet. None: nothing can be judged.
    """
    paid = list(invoices)
    arriving = sorted(
        paid, key=lambda one: (one[1].settled_on, one[1].due_on, one[1].issued_on, one[1].amount)
    )
    looks = sorted(
        (
            (_seen_on(one, seen), customer, one)
            for customer, one in paid
            if one.settled_on >= _seen_on(one, seen)
        ),
        key=itemgetter(0),
    )
    book, pasts, at = Book(), defaultdict[str, Past](Past), 0
    judged = _Judged()
    for day, customer, one in looks:
        while at < len(arriving) and arriving[at][1].settled_on < day:
            book.add(arriving[at][1])
            pasts[arriving[at][0]].add(arriving[at][1])
            at += 1
        if day >= since:
            judged.look(one, pasts[customer], book, day)
    return judged.told()


def _seen_on(one: Settled, seen: Seen) -> date:
    return one.issued_on if seen == Seen.ISSUED else one.due_on


class _Judged:
    def __init__(self) -> None:
        self.ours = self.due = self.within = self.without = 0
        self.count = 0
        self.averages: Counter[int] = Counter()
        """By how many invoices an average was of: its distances, times that number."""

    def look(self, one: Settled, past: Past, book: Book, day: date) -> None:
        found = expected(Open(one.due_on, one.currency, one.amount), past, book, day) if past.added else None
        if found is None:
            self.without += 1
            return
        self.count += 1
        self.ours += abs((one.settled_on - found.on).days)
        self.due += abs(one.days_late)
        self.within += found.earliest <= one.settled_on <= found.latest
        self.averages[past.added] += abs(one.days_late * past.added - past.all_days)

    def told(self) -> Backtest | None:
        if not self.count:
            return None
        average = sum((Fraction(distance, many) for many, distance in self.averages.items()), Fraction(0))
        return Backtest(
            self.count,
            Fraction(self.ours, self.count),
            average / self.count,
            Fraction(self.due, self.count),
            self.within,
            self.without,
        )


def newest(invoices: Sequence[tuple[str, Settled]], most: int) -> date:
    """The day since which so many were issued: a book that is too large to be judged as a whole is judged from there."""
    if len(invoices) <= most:
        return date.min
    return sorted(one.issued_on for _, one in invoices)[-most]
