"""Rules that can never hold are found when they are written, and no others."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.conditions import Seen, holds
from credit_control.never import never_holds
from credit_control.placing_rules import Condition, Trait
from tests.credit_control.books import book, invoice

TODAY = date(2026, 11, 18)
SMALL = st.none() | st.integers(0, 6).map(Decimal)


def bounds(trait: Trait, currency: str = "") -> st.SearchStrategy[Condition]:
    return st.builds(Condition, st.just(trait), st.just(currency), at_least=SMALL, below=SMALL)


def owing(amount: int, days: int) -> Seen:
    due = (TODAY - timedelta(days=days)).isoformat()
    owed = (invoice(due, f"{amount}.00"),) if amount else ()
    return Seen(book(*owed), TODAY)


@given(st.lists(bounds(Trait.BALANCE, "GBP") | bounds(Trait.DAYS_OVERDUE), min_size=1, max_size=4))
def test_it_says_so_of_exactly_those_that_no_customer_meets(conditions: list[Condition]) -> None:
    somebody = any(holds(conditions, owing(amount, days)) for amount in range(8) for days in range(8))
    # Who owes nothing has nothing overdue, so bounds of both kinds together may leave nobody although each leaves some.
    assert somebody <= (never_holds(conditions) is None)
    if len({one.trait for one in conditions}) == 1:
        assert somebody == (never_holds(conditions) is None)


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        (
            [Condition(Trait.BALANCE, "GBP", Decimal(3000), Decimal(10))],
            "No customer owes at least GBP 3,000.00 and below GBP 10.00 at once; change one of the bounds.",
        ),
        (
            [
                Condition(Trait.DAYS_OVERDUE, at_least=Decimal(30)),
                Condition(Trait.DAYS_OVERDUE, below=Decimal(1)),
            ],
            "No customer is at least 30 days and below 1 day overdue at once; change one of the bounds.",
        ),
        (
            [Condition(Trait.COUNTRY, "DE", words="Germany"), Condition(Trait.COUNTRY, "FR", words="France")],
            "No customer is in Germany and in France at once; leave one country.",
        ),
    ],
)
def test_it_says_what_contradicts_what(conditions: list[Condition], sentence: str) -> None:
    assert never_holds(conditions) == sentence


def test_bounds_of_two_currencies_and_several_groups_can_hold() -> None:
    both = [
        Condition(Trait.BALANCE, "GBP", at_least=Decimal(3000)),
        Condition(Trait.BALANCE, "EUR", below=Decimal(10)),
        Condition(Trait.GROUP, "Trade"),
        Condition(Trait.GROUP, "Family"),
    ]
    assert never_holds(both) is None
