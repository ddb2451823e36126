"""The order of a morning's work."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_control.morning import Ask, Sort, Urgency, in_order, urgency_of

TODAY = date(2026, 11, 23)
TYPICAL = {"GBP": Decimal(400), "JPY": Decimal(60000)}


def ask(key: str, urgency: Urgency = Urgency.TODAY, due_on: date = TODAY, **overdue: int) -> Ask:
    sums = {currency: Decimal(amount) for currency, amount in overdue.items()}
    return Ask(Sort.TASK, key, "Ring", urgency, due_on, overdue=sums)


def keys(*asks: Ask) -> list[str]:
    return [placed.ask.key for placed in in_order(asks, TYPICAL)]


def test_what_stops_everything_comes_first_and_what_is_late_next() -> None:
    assert keys(
        ask("later", Urgency.LATER, GBP=90_000),
        ask("today", GBP=50_000),
        ask("late", Urgency.LATE, GBP=10),
        ask("stopped", Urgency.STOPPED),
    ) == ["stopped", "late", "today", "later"]


def test_money_is_measured_in_typical_invoices_so_that_no_currencies_are_added() -> None:
    # 120,000 yen are two typical invoices, 1,000 pounds two and a half.
    assert keys(ask("yen", JPY=120_000), ask("pounds", GBP=1_000)) == ["pounds", "yen"]
    assert in_order([ask("both", GBP=400, JPY=30_000)], TYPICAL)[0].points == Decimal("1.50")


def test_of_equals_the_one_that_was_due_first() -> None:
    assert keys(ask("b", due_on=TODAY), ask("a", due_on=TODAY - timedelta(days=1))) == ["a", "b"]


def test_urgency_follows_from_the_day() -> None:
    days = (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
    assert [urgency_of(day, TODAY) for day in days] == [Urgency.LATE, Urgency.TODAY, Urgency.LATER]


@given(st.lists(st.tuples(st.sampled_from(Urgency), st.integers(0, 10**7), st.integers(0, 400)), max_size=30))
def test_the_order_is_the_same_however_the_lines_come(lines: list[tuple[Urgency, int, int]]) -> None:
    asks = [
        ask(str(number), urgency, TODAY - timedelta(days=days), GBP=amount)
        for number, (urgency, amount, days) in enumerate(lines)
    ]
    assert keys(*asks) == keys(*reversed(asks))
    placed = in_order(asks, TYPICAL)
    assert [one.ask.urgency for one in placed] == sorted(one.ask.urgency for one in placed)
