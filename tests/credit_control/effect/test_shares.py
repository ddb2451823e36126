"""Intervals against published and hand-made numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.effect.shares import OfCustomer, change, root, share, wilson


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, "0.2553", "0.3662"), (15, 148, "0.0624", "0.1605"), (0, 20, "0.0000", "0.1611"), (1, 29, "0.0061", "0.1718"),
    ],
)  # fmt: skip
def test_wilsons_interval_is_the_published_one(hits: int, count: int, low: str, high: str) -> None:
    found = wilson(Fraction(hits, count), Fraction(count))
    assert (f"{float(found.low):.4f}", f"{float(found.high):.4f}") == (low, high)


def test_the_example_of_the_documentation() -> None:
    """Ten customers with four invoices each: five pay all within the window, five none; so ten independent cases, not forty."""
    found = share([OfCustomer(4, 4)] * 5 + [OfCustomer(0, 4)] * 5)
    assert (found.hits, found.invoices, found.customers) == (20, 40, 10)
    assert found.worth == Fraction(9)
    assert found.interval is not None
    assert (f"{float(found.interval.low):.4f}", f"{float(found.interval.high):.4f}") == ("0.2265", "0.7735")


def test_the_difference_of_the_documentation() -> None:
    """Ten customers, four invoices on each side; before 10 days late each, afterwards five of them 8 and five 4."""
    before = [OfCustomer(40, 4)] * 10
    after = [OfCustomer(32, 4)] * 5 + [OfCustomer(16, 4)] * 5
    found = change(list(zip(before, after, strict=True)))
    assert found.before == Fraction(10)
    assert found.after == Fraction(6)
    assert found.difference is not None
    assert found.difference.value == -4
    assert (f"{float(found.difference.low):.4f}", f"{float(found.difference.high):.4f}") == (
        "-5.3067",
        "-2.6933",
    )


def test_what_is_too_few_is_not_judged() -> None:
    assert share([OfCustomer(9, 40)] * 9).interval is None
    assert share([OfCustomer(1, 2)] * 14).interval is None
    assert share([]).interval is None
    assert change([(OfCustomer(5, 4), OfCustomer(5, 4))] * 9).difference is None
    assert change([(OfCustomer(1, 0), OfCustomer(5, 4))] * 20).before is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=10, max_size=60))
def test_a_share_lies_in_its_interval_and_never_tells_more_than_its_invoices(
    rows: list[tuple[int, int]],
) -> None:
    found = share([OfCustomer(min(hits, count), count) for hits, count in rows])
    if found.interval is None or found.worth is None:
        assert found.invoices < 30
        return
    assert 0 <= found.interval.low <= found.interval.value <= found.interval.high <= 1
    assert 0 < found.worth <= found.invoices


@given(st.fractions(0, 10**9))
def test_a_root_squared_is_the_number(value: Fraction) -> None:
    assert abs(root(value) ** 2 - value) <= value / 10**30
