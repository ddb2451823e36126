"""The order of a practice's clients by their figures, by its published points."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from credit_control.client_figures import Points, Signs, of_client, points

amounts = st.decimals(0, 10**9, places=2)


def test_the_example_of_the_documentation() -> None:
    found = points(Signs(Decimal("1200.00"), Decimal("1000.00"), Decimal("400.00"), Fraction(37, 10), 1))
    assert found == Points(overdue=41, long_overdue=16, worse=3, targets=10)
    assert of_client([found, Points(0, 0, 0, 0)], replies=2) == 80


def test_nothing_open_counts_nothing() -> None:
    assert points(Signs(Decimal(0), Decimal(0), Decimal(0), None, 0)).all == 0
    assert points(Signs(Decimal(-5), Decimal(0), Decimal(0), Fraction(-9), 0)).all == 0


@given(amounts, amounts, amounts, st.fractions(-500, 500), st.integers(0, 10), st.integers(0, 100))
def test_points_stay_within_their_bounds_whatever_the_currency(
    whole: Decimal, overdue: Decimal, long: Decimal, change: Fraction, missed: int, replies: int
) -> None:
    signs = Signs(whole + overdue + long, overdue + long, long, change, missed)
    found = points(signs)
    assert 0 <= found.overdue <= 50 and 0 <= found.long_overdue <= 50
    assert found.long_overdue <= found.overdue
    assert 0 <= found.worse <= 20 and 0 <= found.targets <= 30
    assert 0 <= of_client([found], replies) <= 200
    thousandfold = Signs(signs.open * 1000, signs.overdue * 1000, signs.long_overdue * 1000, change, missed)
    assert points(thousandfold) == found


@given(st.lists(st.builds(Points, *[st.integers(0, 50)] * 4), max_size=5))
def test_points_of_two_currencies_are_never_added(found: list[Points]) -> None:
    assert of_client(found, 0) == max((one.all for one in found), default=0)
