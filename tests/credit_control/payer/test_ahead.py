"""Money ahead adds up, and its bounds hold."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from credit_control.payer.ahead import Coming, ahead, kept_share, monday, shuffle
from credit_control.payer.expected import Book, Open, Spread, past_of
from credit_control.payer.what_worked import Said, Worked, what_worked
from tests.credit_control.payer.books import TODAY, paid


def coming(who: str, lates: list[int], due_in: int, amount: str, currency: str = "GBP") -> Coming:
    open_one = Open(TODAY + timedelta(days=due_in), currency, Decimal(amount))
    past = past_of([paid(late, ago=20 + place) for place, late in enumerate(lates)])
    return Coming(who, currency, Decimal(amount), Spread(open_one, past, Book(), TODAY))


def test_a_certain_payer_comes_in_its_week_and_nowhere_else() -> None:
    (pounds,) = ahead([coming("a", [0] * 10, 9, "120.00")], TODAY, Fraction(1))
    assert pounds.weeks[0].first == monday(TODAY)
    brings = [week.first for week in pounds.weeks if week.expected]
    assert brings == [monday(TODAY + timedelta(days=9))]
    week = next(one for one in pounds.weeks if one.expected)
    assert (week.low, week.expected, week.high) == (Decimal("120.00"),) * 3


_BOOK = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.lists(st.integers(-5, 60), min_size=1, max_size=6),
        st.integers(-30, 60),
        st.integers(1, 10_000),
        st.none() | st.integers(-3, 120),
    ),
    min_size=1,
    max_size=8,
)


@given(_BOOK, st.fractions(0, 1))
def test_a_week_is_told_alike_however_many_are_told_after_it(
    book: list[tuple[str, list[int], int, int, int | None]], kept: Fraction
) -> None:
    told = [
        replace(
            coming(who, lates, due_in, str(amount)), word=None if on is None else TODAY + timedelta(days=on)
        )
        for who, lates, due_in, amount, on in book
    ]
    known = [one for one in told if one.spread.known]
    many, one = ahead(known, TODAY, kept), ahead(known, TODAY, kept, weeks=1)
    assert [each.weeks[:1] for each in many] == [each.weeks for each in one]
    for each in many:
        whole = sum(one.amount for one in known)
        assert abs(sum(week.expected for week in each.weeks) + each.later - whole) < Decimal("0.10")


@given(st.integers(1, 200), st.integers(0, 2**32))
def test_cases_are_drawn_as_python_shuffles(many: int, seed: int) -> None:
    """So that the same book gives the numbers that were kept of it."""
    ours, python = list(range(many)), list(range(many))
    dice, others = random.Random(seed), random.Random(seed)
    shuffle(ours, dice)
    others.shuffle(python)
    assert ours == python
    assert dice.random() == others.random()


def test_currencies_stay_apart() -> None:
    found = ahead([coming("a", [0], 3, "10.00"), coming("a", [0], 3, "10.00", "EUR")], TODAY, Fraction(1))
    assert [one.currency for one in found] == ["EUR", "GBP"]


def test_one_customer_is_less_certain_than_many_who_pay_alike() -> None:
    lates = [0, 7, 14, 21, 28]
    one = ahead([coming("a", lates, 0, "1000.00")], TODAY, Fraction(1))[0]
    many = ahead([coming(f"c{n}", lates, 0, "10.00") for n in range(100)], TODAY, Fraction(1))[0]
    for single, spread in zip(one.weeks[:4], many.weeks[:4], strict=True):
        assert abs(single.expected - spread.expected) < 1
        assert spread.high - spread.low < single.high - single.low


def test_a_promise_counts_with_what_is_kept() -> None:
    assert kept_share(7, 10) == Fraction(2, 3)
    assert kept_share(0, 0) == Fraction(1, 2)


def test_a_payment_counts_for_the_last_message_before_it() -> None:
    first, second = TODAY - timedelta(days=20), TODAY - timedelta(days=12)
    said = [Said(first, "email", "Anna", "First"), Said(second, "call", "Anna", "Call")]
    found = what_worked(said, [second + timedelta(days=7), second + timedelta(days=8), first])
    assert (found.payments, found.followed) == (3, 2)
    assert found.by_channel == {"call": Worked(1, 1), "email": Worked(1, 1)}
    assert found.by_sender == {"Anna": Worked(2, 2)}
