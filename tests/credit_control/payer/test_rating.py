"""What a rating says, and what it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from credit_control.payer.facts import Settled, rounded
from credit_control.payer.rating import Rating, rate, trend, weighted_days_late
from tests.credit_control.payer.books import TODAY, paid


def word(*settled: Settled) -> Rating:
    return rate(settled, TODAY).rating


def test_fewer_than_three_settled_invoices_say_nothing() -> None:
    rated = rate([paid(90), paid(90)], TODAY)
    assert (rated.rating, rated.points) == (Rating.NEW, None)
    assert rated.inputs.invoices == 2


def test_what_was_settled_more_than_a_year_ago_does_not_count() -> None:
    assert word(paid(0, ago=364), paid(0), paid(0)) == Rating.GOOD
    assert word(paid(0, ago=365), paid(0), paid(0)) == Rating.NEW


def test_the_limits_of_good() -> None:
    assert word(*[paid(0)] * 4, paid(25)) == Rating.GOOD  # five days late, four of five on time
    assert word(*[paid(0)] * 4, paid(26)) == Rating.AVERAGE
    assert word(*[paid(0)] * 3, paid(1)) == Rating.AVERAGE  # three of four on time


def test_the_limits_of_average() -> None:
    assert word(paid(20), paid(20), paid(20)) == Rating.AVERAGE
    assert word(paid(20), paid(20), paid(21)) == Rating.POOR


def test_days_late_are_weighted_by_amount() -> None:
    late = weighted_days_late([paid(5, amount="10"), paid(10, amount="100")])
    assert late is not None and rounded(late, 4) == Decimal("9.5455")
    five = [paid(days, amount=f"{(place + 1) * 100}") for place, days in enumerate((-10, -5, 0, 5, 10))]
    assert rounded(weighted_days_late(five) or Fraction(0), 3) == Decimal("3.333")


def test_amounts_of_two_currencies_are_not_added() -> None:
    euros = [paid(0, amount="1"), paid(10, amount="3")]  # 7.5
    yen = [paid(30, amount="100000", currency="JPY")]
    assert weighted_days_late(euros + yen) == Fraction(15 + 30, 3)


def test_the_worked_example_of_the_page() -> None:
    """docs/payers.md works this one out by hand."""
    settled = [
        paid(0, ago=300, amount="1000"),
        paid(0, ago=280, amount="1000"),
        paid(6, ago=260, amount="2000"),
        paid(0, ago=90, amount="1000"),
        paid(12, ago=60, amount="4000"),
        paid(6, ago=30, amount="1000"),
    ]
    rated = rate(settled, TODAY, promises_kept=1, promises_judged=2)
    assert rated.rating == Rating.AVERAGE and rated.points is not None
    assert rated.inputs.weighted_days_late == Fraction(66, 10)
    assert rated.inputs.share_on_time == Fraction(1, 2)
    assert rated.inputs.trend == 4
    points = rated.points
    assert [points.late, points.on_time, points.trend, points.promises] == [
        Fraction("41.75"),
        15,
        4,
        5,
    ]
    assert points.total == Fraction("65.75")


def test_a_trend_wants_three_invoices_in_each_half() -> None:
    rated = rate([*[paid(0, ago=10)] * 5, *[paid(20, ago=300)] * 2], TODAY)
    assert rated.inputs.trend is None and rated.points is not None and rated.points.trend == 5


_PAID = st.builds(
    paid,
    late=st.integers(-30, 200),
    ago=st.integers(0, 400),
    amount=st.decimals("0.01", "99999", places=2).map(str),
    currency=st.sampled_from(("GBP", "EUR")),
)


@given(st.lists(_PAID, max_size=20), st.integers(0, 5), st.integers(0, 5))
def test_points_lie_between_nothing_and_a_hundred(settled: list[Settled], kept: int, broken: int) -> None:
    rated = rate(settled, TODAY, kept, kept + broken)
    assert (rated.points is None) == (rated.rating == Rating.NEW)
    assert rated.points is None or 0 <= rated.points.total <= 100


@given(st.lists(_PAID, min_size=3, max_size=12), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_unit_of_amounts_matters(settled: list[Settled], dice: object) -> None:
    before = rate(settled, TODAY)
    assert rate(settled[::-1], TODAY) == before
    assert rate([replace(one, amount=one.amount * 7) for one in settled], TODAY) == before


@given(st.lists(_PAID, min_size=3, max_size=12))
def test_who_pays_sooner_is_not_rated_worse(settled: list[Settled]) -> None:
    order = [Rating.POOR, Rating.AVERAGE, Rating.GOOD]
    before = rate(settled, TODAY)
    sooner = rate([replace(one, due_on=one.due_on + timedelta(days=3)) for one in settled], TODAY)
    if before.rating != Rating.NEW:
        assert order.index(sooner.rating) >= order.index(before.rating)


def test_a_years_trend_shows_each_month_with_its_own_figures() -> None:
    months = trend([paid(0, ago=5), paid(10, ago=40), paid(30, ago=40)], TODAY)
    assert len(months) == 12
    assert (months[-1].first.month, months[-1].invoices, months[-1].on_time) == (7, 1, 1)
    assert months[-2].invoices == 2 and months[-2].weighted_days_late == 20
    assert months[-1].rated.rating == Rating.AVERAGE and months[-2].rated.rating == Rating.NEW
    assert months[0].first.isoformat() == "2025-08-01"


def test_halves_are_rounded_up() -> None:
    assert rounded(Fraction(1, 8), 2) == Decimal("0.13")
    assert rounded(Fraction(-1, 8), 2) == Decimal("-0.13")
    assert str(rounded(Fraction(3), 4)) == "3.0000"
