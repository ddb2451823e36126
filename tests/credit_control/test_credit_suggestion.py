"""The limit that a customer's own numbers speak for: the worked example of docs/credit.md, and what never happens."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.suggestion import Suggestion, suggest
from credit_control.figures.books import Booked
from credit_control.payer.rating import Rating

TODAY = date(2026, 11, 22)


def paid(total: str, took: int, terms: int = 30, ago: int = 30) -> Booked:
    """An invoice that was paid in full so many days ago."""
    paid_on = TODAY - timedelta(ago)
    issued_on = paid_on - timedelta(took)
    return Booked("1", issued_on, issued_on + timedelta(terms), Decimal(total), paid_on)


def unpaid(total: str, overdue: int) -> Booked:
    due_on = TODAY - timedelta(overdue)
    return Booked("2", due_on - timedelta(30), due_on, Decimal(total), left=Decimal(total))


def of(rating: Rating, *invoices: Booked, exposure: str = "0") -> Suggestion:
    return suggest("GBP", invoices, rating, Decimal(exposure), TODAY)


EXAMPLE = (paid("33000", 40), paid("20000", 40), paid("20000", 40))


@pytest.mark.parametrize(
    ("rating", "amount"), [(Rating.GOOD, 16_000), (Rating.AVERAGE, 12_000), (Rating.POOR, 6_000)]
)
def test_the_example_of_the_docs(rating: Rating, amount: int) -> None:
    found = of(rating, *EXAMPLE)
    assert found.amount == amount
    assert found.sales == 73_000
    assert found.usual == (6_000 if rating is Rating.POOR else 8_000)


def test_days_are_weighted_by_amount() -> None:
    found = of(Rating.GOOD, paid("100", 10), paid("100", 10), paid("800", 60))
    assert found.days_to_pay == 50


def test_limits_are_named_as_people_name_them() -> None:
    assert of(Rating.GOOD, *(paid("15432.10", 37) for _ in range(4))).amount == 12_000


def test_while_something_is_long_overdue_no_more_than_is_owed() -> None:
    found = of(Rating.GOOD, *EXAMPLE, unpaid("500", 61), exposure="500")
    assert found.amount == found.held_at == Decimal(500)
    assert of(Rating.GOOD, *EXAMPLE, unpaid("500", 60), exposure="500").held_at is None


@pytest.mark.parametrize(
    "invoices",
    [
        (),
        EXAMPLE[:2],
        tuple(paid("1000", 30, ago=400) for _ in range(3)),
        (unpaid("100", 5), unpaid("100", 5), unpaid("100", 5)),
    ],
)
def test_too_little_to_tell_by_suggests_nothing(invoices: tuple[Booked, ...]) -> None:
    assert of(Rating.GOOD, *invoices).amount is None


def test_who_is_new_gets_no_suggestion() -> None:
    assert of(Rating.NEW, *EXAMPLE).amount is None


BOOKS = st.lists(
    st.builds(
        paid, st.integers(1, 10**7).map(str), st.integers(0, 200), st.integers(0, 90), st.integers(0, 300)
    ),
    min_size=3,
    max_size=20,
)


@given(BOOKS)
def test_who_pays_better_is_never_suggested_less(books: list[Booked]) -> None:
    good, average, poor = (of(one, *books).amount for one in (Rating.GOOD, Rating.AVERAGE, Rating.POOR))
    if good is not None:
        assert average is not None and poor is not None
        assert good >= average >= poor >= 0


@given(BOOKS, st.integers(2, 9))
def test_ten_times_the_sums_are_ten_times_the_limit(books: list[Booked], times: int) -> None:
    small = of(Rating.GOOD, *books)
    large = of(
        Rating.GOOD,
        *(Booked(one.id, one.issued_on, one.due_on, one.total * 10**times, one.paid_on) for one in books),
    )
    if small.amount is not None and large.amount is not None and small.amount >= 10:
        assert small.amount * 10**times <= large.amount
        assert large.usual is not None and small.usual is not None
        assert abs(large.usual - small.usual * 10**times) <= 10**times
