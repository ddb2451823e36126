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
from bisect import bisect_left
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
_Sums = dict[int, float]
"""By the number of a week."""


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

    __slots__ = ("usual", "word_broken", "word_kept")

    def __init__(self) -> None:
        self.usual: list[_Sums] = [{} for _ in range(_SLICES)]
        self.word_broken: list[_Sums] | None = None
        """None: it gave no word."""
        self.word_kept: _Sums = {}

    def brings(self, amount: float, shares: Sequence[float], word: int | None) -> None:
        """An amount, by its shares at the ends of the weeks; ``word``: the week of the day for which it is promised."""
        table = self.usual
        if word is not None:
            if word < len(shares):
                self.word_kept[word] = self.word_kept.get(word, 0.0) + amount
            if self.word_broken is None:
                self.word_broken = [{} for _ in range(_SLICES)]
            table = self.word_broken
        so_far = 0
        for week, share in enumerate(shares):
            # All slices whose middle is below the share of a week, and was not below that of the one before it.
            upto = bisect_left(_PIECES, share)
            if upto > so_far:
                for sums in table[so_far:upto]:
                    sums[week] = sums.get(week, 0.0) + amount
                so_far = upto


def _of_currency(currency: str, coming: Sequence[Coming], today: date, kept: float, weeks: int) -> Ahead:
    firsts = [monday(today) + _WEEK * number for number in range(weeks)]
    ends = [first.toordinal() + 6 for first in firsts]
    means, promised = [0.0] * (weeks + 1), [Decimal(0)] * (weeks + 1)
    payers: dict[str, _Payer] = {}
    for one in coming:
        if (payer := payers.get(one.contact_id)) is None:
            payer = payers[one.contact_id] = _Payer()
        amount, shares = float(one.amount), one.spread.shares_by(ends)
        by_habit, word = amount, None
        if one.word is not None:
            word = min(max((one.word - firsts[0]).days // 7, 0), weeks)
            promised[word] += one.amount
            means[word] += kept * amount
            by_habit = (1 - kept) * amount
        before = 0.0
        for week, share in enumerate(shares):
            if share != before:
                means[week] += by_habit * (share - before)
                before = share
        means[weeks] += by_habit * (1.0 - before)
        payer.brings(amount, shares, word)
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
    even = list(range(_SLICES)) * (draws // _SLICES)
    for payer in payers:
        usual = [tuple(one.items()) for one in payer.usual]
        order = even.copy()
        shuffle(order, dice)
        if payer.word_broken is None:
            for one, piece in zip(sums, order, strict=True):
                for week, amount in usual[piece]:
                    one[week] += amount
            continue
        word, broken = payer.word_kept.items(), [one.items() for one in payer.word_broken]
        for one, piece in zip(sums, order, strict=True):
            for week, amount in usual[piece]:
                one[week] += amount
            for week, amount in word if dice.random() < kept else broken[piece]:
                one[week] += amount
    lows, highs = [], []
    for week in range(weeks):
        ordered = sorted(one[week] for one in sums)
        lows.append(ordered[round(LOW * draws) - 1])
        highs.append(ordered[round(HIGH * draws) - 1])
    return lows, highs


def shuffle(some: list[int], dice: random.Random) -> None:
    """As ``Random.shuffle`` does it, number by number, in half of its time: most of a large book's goes in here."""
    bits = dice.getrandbits
    for last in range(len(some) - 1, 0, -1):
        width = (last + 1).bit_length()
        at = bits(width)
        while at > last:
            at = bits(width)
        some[last], some[at] = some[at], some[last]


def _cents(amount: float) -> Decimal:
    return Decimal(repr(max(amount, 0.0))).quantize(_CENT, ROUND_HALF_UP)
