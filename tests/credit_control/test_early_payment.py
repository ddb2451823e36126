"""What a discount for early payment costs: figures that anybody can look up, and what always holds."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.early_payment import Offer, cost_of
from credit_control.figures.figure import round_half_up


@pytest.mark.parametrize(
    ("percent", "within", "days", "rate"),
    [(2, 10, 30, "0.3724"), (1, 10, 30, "0.1843"), (2, 10, 60, "0.1490"), (3, 10, 30, "0.5644")],
)
def test_the_rate_is_that_of_the_published_formula(percent: int, within: int, days: int, rate: str) -> None:
    found = cost_of(Offer(Fraction(percent), within), Fraction(days), Decimal(0))
    assert found.annual_rate is not None
    assert round_half_up(found.annual_rate, 4) == Decimal(rate)
    assert found.days_sooner == days - within


def test_what_is_given_away_is_the_discount_on_a_years_sales_half_up() -> None:
    offer = Offer(Fraction(5, 2), 10)
    assert cost_of(offer, Fraction(30), Decimal("1000.20")).given_away == Decimal("25.01")
    assert cost_of(offer, Fraction(30), Decimal(1020), places=0).given_away == Decimal(26)


@pytest.mark.parametrize("days", [0, 9, 10])
def test_who_pays_as_soon_anyway_is_given_the_discount_for_nothing(days: int) -> None:
    found = cost_of(Offer(Fraction(2), 10), Fraction(days), Decimal(1000))
    assert found.annual_rate is None
    assert found.days_sooner <= 0
    assert found.given_away == 20


@pytest.mark.parametrize(("percent", "within"), [(0, 10), (100, 10), (-1, 10), (2, -1)])
def test_what_is_no_discount_is_refused(percent: int, within: int) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Offer(Fraction(percent), within)


@given(
    percent=st.fractions(Fraction(1, 100), Fraction(99)),
    within=st.integers(0, 60),
    sooner=st.fractions(Fraction(1, 10), Fraction(200)),
)
def test_lent_at_that_rate_the_discounted_sum_grows_to_the_full_one(
    percent: Fraction, within: int, sooner: Fraction
) -> None:
    found = cost_of(Offer(percent, within), within + sooner, Decimal(0))
    assert found.annual_rate is not None
    assert (100 - percent) * (1 + found.annual_rate * sooner / 365) == 100
