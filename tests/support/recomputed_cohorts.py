"""What each month's invoices bring, worked out once more from what a ledger says and docs/figures.md alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.support.recomputed import Known, month_end

MONTHS, MOST_AGE = 24, 12
_NOTHING = Fraction(0)


@dataclass
class Row:
    """What was invoiced in one month."""

    month: date
    billed: Fraction
    open: Fraction
    shares: list[Fraction]

    @property
    def by_now(self) -> Fraction:
        return self.billed - self.open


@dataclass
class OfCurrency:
    """All that the page says of one currency."""

    rows: list[Row] = field(default_factory=list)
    means: list[tuple[Fraction, Fraction, Fraction, int]] = field(default_factory=list)
    to_come: list[tuple[date, Fraction]] = field(default_factory=list)
    later: Fraction = _NOTHING
    older: Fraction = _NOTHING


def of_currency(books: Sequence[Known], today: date) -> OfCurrency:
    """The cohorts of invoices in one currency."""
    running = today.replace(day=1)
    months = [_back(running, back) for back in range(MONTHS, -1, -1)]
    rows = [row for month in months if (row := _row(books, month, running)).billed]
    means = []
    for age in range(MOST_AGE + 1):
        if come := [row.shares[age] for row in rows if len(row.shares) > age]:
            means.append((sum(come, _NOTHING) / len(come), min(come), max(come), len(come)))
    coming = _coming(rows, running, [mean for mean, *_ in means])
    still = sum((row.open for row in rows), _NOTHING)
    return OfCurrency(
        rows,
        means,
        [(_back(running, -place), amount) for place, amount in enumerate(coming)],
        still - sum(coming, _NOTHING),
        sum((one.left for one in books if one.told.issued_on < months[0]), _NOTHING),
    )


def _row(books: Sequence[Known], month: date, running: date) -> Row:
    its = [one for one in books if one.told.issued_on.replace(day=1) == month]
    billed = sum((one.total for one in its), _NOTHING)
    row = Row(month, billed, sum((one.left for one in its), _NOTHING), [])
    for age in range(MOST_AGE + 1):
        end = month_end(_back(month, -age))
        if end < running and billed:
            gone = sum((part for one in its for on, part in one.taken_off if on <= end), _NOTHING)
            row.shares.append(gone / billed)
    return row


def _coming(rows: Sequence[Row], running: date, means: Sequence[Fraction]) -> list[Fraction]:
    """What is to come of all rows by the end of the running month, within the next one, and so on."""
    coming = [_NOTHING] * len(means)
    for row in rows:
        told = _NOTHING
        for place in range(len(means)):
            age = (running.year - row.month.year) * 12 + running.month - row.month.month + place
            if age < len(means):
                more = max(_NOTHING, row.billed * means[age] - row.by_now - told)
                coming[place] += more
                told += more
    return coming


def _back(month: date, count: int) -> date:
    """The first of the month so many before; a negative number is that many after."""
    at = month.year * 12 + month.month - 1 - count
    return date(at // 12, at % 12 + 1, 1)
