"""What came of two parts: which invoices count, intervals against published numbers, and what is too few."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.effect.drawing import Part
from credit_control.effect.shares import (
    OfCustomer,
    difference_of_means,
    difference_of_shares,
    wilson,
)
from credit_control.effect.two_parts import Outcome, Owed, outcome

FIRST = date(2026, 1, 1)
LAST = date(2026, 6, 30)
LATER = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("b", "a", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10
        ((56, 70), (48, 80), "0.0524", "0.3339"), ((9, 10), (3, 10), "0.1705", "0.8090"),
        ((10, 10), (0, 20), "0.6791", "1.0000"), ((5, 56), (0, 29), "-0.0381", "0.1926"),
    ],
)  # fmt: skip
def test_the_interval_of_a_difference_is_the_published_one(
    b: tuple[int, int], a: tuple[int, int], low: str, high: str
) -> None:
    its_a, its_b = (wilson(Fraction(*one), Fraction(one[1])) for one in (a, b))
    found = difference_of_shares(its_a, its_b)
    assert (f"{float(found.low):.4f}", f"{float(found.high):.4f}") == (low, high)


def owed(part: Part, number: int, late: int | None, due: date = FIRST) -> Owed:
    paid_on = None if late is None else due + timedelta(days=late)
    return Owed(f"{part}{number}", part, due, paid_on)


def test_the_example_of_the_documentation() -> None:
    """Ten customers in each part with four invoices each. Of A five pay all on the day and five never; of B eight and two."""
    invoices = [
        owed(part, number, 0 if number < prompt else None)
        for part, prompt in ((Part.A, 5), (Part.B, 8))
        for number in range(10)
        for _each in range(4)
    ]
    found = outcome(invoices, FIRST, LAST, LATER)
    month = found.paid[-1]
    assert (month.within, month.a.worth, month.b.worth) == (30, Fraction(9), Fraction(9))
    assert month.a.interval and month.b.interval and month.difference
    said = [f"{float(one):.4f}" for one in (month.b.interval.low, month.b.interval.high)]
    assert said == ["0.4738", "0.9467"]
    gap = month.difference
    assert [f"{float(one):.4f}" for one in (gap.value, gap.low, gap.high)] == ["0.3000", "-0.1257", "0.6103"]
    assert [found.late.a, found.late.b] == [15, 6]
    late = found.late.difference
    assert late and [f"{float(one):.4f}" for one in (late.value, late.low, late.high)] == [
        "-9.0000",
        "-21.5501",
        "3.5501",
    ]


def many(part: Part, late: int | None, due: date = FIRST) -> list[Owed]:
    return [owed(part, number, late, due) for number in range(10) for _each in range(3)]


def both(late_a: int | None, late_b: int | None) -> list[Owed]:
    return many(Part.A, late_a) + many(Part.B, late_b)


def test_an_open_invoice_is_counted_and_not_passed_over() -> None:
    found = outcome(both(None, 3), FIRST, LAST, LATER)
    assert [(one.a.hits, one.a.invoices, one.b.hits) for one in found.paid] == [
        (0, 30, 0),
        (0, 30, 30),
        (0, 30, 30),
        (0, 30, 30),
    ]
    assert [found.late.a, found.late.b] == [30, 3]


def test_what_is_later_than_is_watched_counts_as_so_late_and_early_is_negative() -> None:
    found = outcome(both(200, -5), FIRST, LAST, LATER)
    assert [found.late.a, found.late.b] == [30, -5]


def counted(found: Outcome) -> list[int]:
    return [one.a.invoices for one in found.paid]


@pytest.mark.parametrize(
    ("due", "last", "today", "counts"),
    [
        (FIRST, FIRST + timedelta(days=30), LATER, [30, 30, 30, 30]),
        (
            FIRST,
            FIRST + timedelta(days=29),
            LATER,
            [30, 30, 30, 0],
        ),  # its thirty days are over after the last day
        (FIRST, LAST, FIRST + timedelta(days=14), [30, 30, 0, 0]),  # the fourteenth day is not over
        (FIRST, LAST, FIRST, [0, 0, 0, 0]),
        (FIRST - timedelta(days=1), LAST, LATER, [0, 0, 0, 0]),  # fell due before it began
        (FIRST, FIRST - timedelta(days=1), LATER, [0, 0, 0, 0]),  # ended on the day on which it began
    ],
)
def test_an_invoice_counts_when_its_days_lie_within_the_comparison_and_are_over(
    due: date, last: date, today: date, counts: list[int]
) -> None:
    assert counted(outcome(many(Part.A, 0, due), FIRST, last, today)) == counts


def test_with_too_few_customers_or_invoices_in_one_part_there_is_no_difference() -> None:
    few_customers = [one for one in both(0, 20) if one.contact_id != "b9"]
    few_invoices = both(0, 20)[:-1]
    for invoices in (few_customers, few_invoices, many(Part.A, 0), []):
        found = outcome(invoices, FIRST, LAST, LATER)
        assert not found.says_something
        assert all(one.difference is None for one in found.paid)
    assert outcome(both(0, 20), FIRST, LAST, LATER).says_something


_CUSTOMERS = st.lists(st.tuples(st.integers(0, 6), st.integers(3, 6)), min_size=10, max_size=30)


@given(_CUSTOMERS, _CUSTOMERS)
def test_the_difference_lies_in_its_interval_and_turns_its_sign_with_the_parts(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    invoices = [
        owed(part, number, 0 if at < hits else None)
        for part, rows in ((Part.A, a), (Part.B, b))
        for number, (hits, count) in enumerate(rows)
        for at in range(count)
    ]
    turned = [
        Owed(one.contact_id, Part.B if one.part is Part.A else Part.A, one.due_on, one.paid_on)
        for one in invoices
    ]
    one, other = (outcome(rows, FIRST, LAST, LATER) for rows in (invoices, turned))
    for its, others in zip(one.paid, other.paid, strict=True):
        gap, back = its.difference, others.difference
        assert gap and back
        assert -1 <= gap.low <= gap.value <= gap.high <= 1
        assert (gap.value, gap.low, gap.high) == (-back.value, -back.high, -back.low)
    late, back_late = one.late.difference, other.late.difference
    assert late and back_late and late.low <= late.value <= late.high
    assert late.value == -back_late.value


@given(st.permutations(both(3, None)))
def test_the_order_of_the_invoices_does_not_matter(invoices: list[Owed]) -> None:
    assert outcome(invoices, FIRST, LAST, LATER) == outcome(both(3, None), FIRST, LAST, LATER)


def test_a_customer_who_pays_all_alike_counts_once_and_not_by_its_invoices() -> None:
    """Ten customers who differ tell no more with forty invoices each than with four."""
    few = difference_of_means(*([OfCustomer(late * 4, 4) for late in range(10)] for _part in Part))
    large = difference_of_means(*([OfCustomer(late * 40, 40) for late in range(10)] for _part in Part))
    assert few and large and few.high - few.low == large.high - large.low
