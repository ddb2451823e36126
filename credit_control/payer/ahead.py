"""Money ahead: what is likely to come week by week, with the four fifths of cases that lie in the middle.

Each open invoice brings its amount in each week with the share that its expectation gives to that week
(``credit_control.payer.expected``); what is expected is the sum. A sum that was promised, or is an instalment, comes on
its day with the share of promises kept so far, and else like the invoices that it is about.

How far it may be off is found by drawing: in each of several hundred cases every customer pays as late as one draw says,
the same for all of its invoices, since who pays late pays everything late; customers are drawn apart from each other.
The draws of a customer are spread evenly over its possibilities, and begin with a fixed number, so the same book gives
the same answer. Currencies stay apart.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from credit_control.payer.expected import HIGH, LOW, Spread

WEEKS = 12
_WEEK = timedelta(days=7)
_SLICES = 20
_PIECES = tuple((piece + 0.5) / _SLICES for piece in range(_SLICES))
_DRAWS, _DRAWS_OF_MANY, _MANY = 400, 100, 1_000
_SEED = 20
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Coming:
    """An amount that is to come, and how its invoice is expected to be paid; ``word``: the day on which it was promised."""

    contact_id: str
    currency: str
    amount: Decimal
    spread: Spread
    word: date | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """What is expected in a week that begins with ``first`` (a Monday; the running week from today on)."""

    first: date
    expected: Decimal
    low: Decimal
    high: Decimal
    promised: Decimal
    """Of promises and instalments, those whose day is in it; they are not counted in full."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The weeks of one currency; ``later``: expected after the last of them, or never."""

    currency: str
    weeks: tuple[Week, ...]
    later: Decimal


def kept_share(kept: int, judged: int) -> Fraction:
    """How much of a promise is counted: (kept + 1) / (judged + 2), so that a single one decides nothing."""
    return Fraction(kept + 1, judged + 2)


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def ahead(coming: Iterable[Coming], today: date, kept: Fraction, weeks: int = WEEKS) -> list[Ahead]:
    """The coming weeks, currency by currency, from the running one on."""
    by_currency: dict[str, list[Coming]] = defaultdict(list)
    for one in coming:
        by_currency[one.currency].append(one)
    return [
        _of_currency(currency, some, today, float(kept), weeks)
        for currency, some in sorted(by_currency.items())
    ]


class _Payer:
    """What one customer brings, by week, in each of the slices of its possibilities."""

    def __init__(self, weeks: int) -> None:
        self.usual = [[0.0] * (weeks + 1) for _ in range(_SLICES)]
        self.word_broken = [[0.0] * (weeks + 1) for _ in range(_SLICES)]
        self.word_kept = [0.0] * (weeks + 1)
        self.gave_word = False


def _of_currency(currency: str, coming: Sequence[Coming], today: date, kept: float, weeks: int) -> Ahead:
    firsts = [monday(today) + _WEEK * number for number in range(weeks)]
    ends = [first + timedelta(days=6) for first in firsts]
    means, promised = [0.0] * (weeks + 1), [Decimal(0)] * (weeks + 1)
    payers: dict[str, _Payer] = {}
    for one in coming:
        if (payer := payers.get(one.contact_id)) is None:
            payer = payers[one.contact_id] = _Payer(weeks)
        amount, shares = float(one.amount), [one.spread.share_by(end) for end in ends]
        by_habit = amount
        if one.word is not None:
            day = min(max((one.word - firsts[0]).days // 7, 0), weeks)
            promised[day] += one.amount
            payer.word_kept[day] += amount
            payer.gave_word = True
            means[day] += kept * amount
            by_habit = (1 - kept) * amount
        before = 0.0
        for week, share in enumerate((*shares, 1.0)):
            means[week] += by_habit * (share - before)
            before = share
        table = payer.usual if one.word is None else payer.word_broken
        week, last = 0, len(shares)
        for piece, cases in zip(_PIECES, table, strict=True):
            while week < last and shares[week] <= piece:
                week += 1
            cases[week] += amount
    lows, highs = _interval([payers[one] for one in sorted(payers)], kept, weeks)
    return Ahead(
        currency,
        tuple(
            Week(
                first,
                _cents(means[week]),
                _cents(min(lows[week], means[week])),
                _cents(max(highs[week], means[week])),
                promised[week],
            )
            for week, first in enumerate(firsts)
        ),
        _cents(means[weeks]),
    )


def _interval(payers: Sequence[_Payer], kept: float, weeks: int) -> tuple[list[float], list[float]]:
    """By week, the sums that one and nine of ten cases stay below."""
    dice = random.Random(_SEED)  # noqa: S311  # the same book is to give the same answer
    draws = _DRAWS if len(payers) <= _MANY else _DRAWS_OF_MANY
    sums = [[0.0] * weeks for _ in range(draws)]
    for payer in payers:
        usual, broken = _sparse(payer.usual, weeks), _sparse(payer.word_broken, weeks)
        word = _sparse([payer.word_kept], weeks)[0]
        order = list(range(_SLICES)) * (draws // _SLICES)
        dice.shuffle(order)
        for one, piece in zip(sums, order, strict=True):
            for week, amount in usual[piece]:
                one[week] += amount
            if payer.gave_word:
                for week, amount in word if dice.random() < kept else broken[piece]:
                    one[week] += amount
    lows, highs = [], []
    for week in range(weeks):
        ordered = sorted(one[week] for one in sums)
        lows.append(ordered[round(LOW * draws) - 1])
        highs.append(ordered[round(HIGH * draws) - 1])
    return lows, highs


def _sparse(table: Sequence[Sequence[float]], weeks: int) -> list[list[tuple[int, float]]]:
    return [[(week, row[week]) for week in range(weeks) if row[week]] for row in table]


def _cents(amount: float) -> Decimal:
    return Decimal(repr(max(amount, 0.0))).quantize(_CENT, ROUND_HALF_UP)
