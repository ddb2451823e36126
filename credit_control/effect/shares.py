"""Shares and means with how far chance reaches, where the invoices of a customer are not independent of each other.

A customer who pays one invoice late pays the others late, so customers are what is counted as independent. The variance
of a ratio over customers is the linearised one of cluster samples, with the factor k ÷ (k − 1) (W. G. Cochran, Sampling
Techniques, 3rd ed. 1977). The interval of a share is that of E. B. Wilson (1927), with as many invoices as would be worth as
much if they were independent (L. Kish, Survey Sampling, 1965). The difference of two shares is that of
R. G. Newcombe (1998). All are 95 % intervals, with 1.96. docs/effect.md works them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

Z = Fraction(196, 100)
LEAST_CUSTOMERS = 10
LEAST_INVOICES = 30
_DIGITS = 40


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """What one customer brings: a sum (of invoices that were paid, or of days), over so many invoices."""

    total: int
    invoices: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and between which bounds it lies, exactly or with many digits; not yet rounded."""

    value: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``invoices``, of so many customers; ``interval`` is None where these are too few to tell."""

    hits: int
    invoices: int
    customers: int
    worth: Fraction | None = None
    """As many independent invoices would tell as much."""
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A mean before and after, the same customers in both, and the difference with how far chance reaches."""

    before: Fraction | None
    after: Fraction | None
    difference: Interval | None
    """None: too few to tell."""


def share(customers: Sequence[OfCustomer]) -> Share:
    """The share with Wilson's interval; ``total`` of each customer counts its invoices that were paid."""
    known = [one for one in customers if one.invoices]
    hits, count, clusters = sum(one.total for one in known), sum(one.invoices for one in known), len(known)
    if clusters < LEAST_CUSTOMERS or count < LEAST_INVOICES:
        return Share(hits, count, clusters)
    worth = _worth(known, hits, count)
    return Share(hits, count, clusters, worth, wilson(Fraction(hits, count), worth))


def _worth(known: Sequence[OfCustomer], hits: int, count: int) -> Fraction:
    if hits in (0, count):
        return Fraction(len(known))
    value = Fraction(hits, count)
    variance = _variance([one.total * count - hits * one.invoices for one in known], count * count)
    return min(Fraction(count), value * (1 - value) / variance) if variance else Fraction(count)


def wilson(value: Fraction, count: Fraction) -> Interval:
    """The score interval of a share that was seen in so many independent cases."""
    squared = Z * Z
    centre = value + squared / (2 * count)
    half = Z * root(value * (1 - value) / count + squared / (4 * count * count))
    scale = 1 + squared / count
    return Interval(
        value, max(Fraction(0), (centre - half) / scale), min(Fraction(1), (centre + half) / scale)
    )


def change(customers: Sequence[tuple[OfCustomer, OfCustomer]]) -> Change:
    """(before, after) of each customer that has both; the others are not compared with anything."""
    known = [(old, new) for old, new in customers if old.invoices and new.invoices]
    if not known:
        return Change(None, None, None)
    old_count, new_count = sum(old.invoices for old, _ in known), sum(new.invoices for _, new in known)
    old_total, new_total = sum(old.total for old, _ in known), sum(new.total for _, new in known)
    before, after = Fraction(old_total, old_count), Fraction(new_total, new_count)
    if len(known) < LEAST_CUSTOMERS or min(old_count, new_count) < LEAST_INVOICES:
        return Change(before, after, None)
    old_square, new_square = old_count * old_count, new_count * new_count
    parts = [
        (new.total * new_count - new_total * new.invoices) * old_square
        - (old.total * old_count - old_total * old.invoices) * new_square
        for old, new in known
    ]
    half = Z * root(_variance(parts, old_square * new_square))
    return Change(before, after, Interval(after - before, after - before - half, after - before + half))


def difference_of_shares(a: Interval, b: Interval) -> Interval:
    """B − a of two shares of different customers, from their score intervals: R. G. Newcombe, Interval estimation for the
    difference between independent proportions, Statistics in Medicine 17 (1998), method 10.
    """
    gap = b.value - a.value
    below = root((b.value - b.low) ** 2 + (a.high - a.value) ** 2)
    above = root((b.high - b.value) ** 2 + (a.value - a.low) ** 2)
    return Interval(gap, gap - below, gap + above)


def difference_of_means(a: Sequence[OfCustomer], b: Sequence[OfCustomer]) -> Interval | None:
    """B − a of the means of invoices of different customers, who count as independent; None: too few to tell."""
    both = [[one for one in part if one.invoices] for part in (a, b)]
    if any(
        len(part) < LEAST_CUSTOMERS or sum(one.invoices for one in part) < LEAST_INVOICES for part in both
    ):
        return None
    (mean_a, variance_a), (mean_b, variance_b) = (_mean_and_variance(part) for part in both)
    gap, half = mean_b - mean_a, Z * root(variance_a + variance_b)
    return Interval(gap, gap - half, gap + half)


def _mean_and_variance(customers: Sequence[OfCustomer]) -> tuple[Fraction, Fraction]:
    total, count = sum(one.total for one in customers), sum(one.invoices for one in customers)
    parts = [one.total * count - total * one.invoices for one in customers]
    return Fraction(total, count), _variance(parts, count * count)


def _variance(parts: Sequence[int], of: int) -> Fraction:
    """Of these parts of ``of`` each: whole numbers, because a fraction for each customer takes a hundred times as long."""
    return Fraction(len(parts) * sum(one * one for one in parts), (len(parts) - 1) * of * of)


def root(value: Fraction) -> Fraction:
    """The square root to forty digits, which is more than anybody reads."""
    with localcontext(prec=_DIGITS):
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())
