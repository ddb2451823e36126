"""Which invoices are compared, and what came after each step."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.effect.before_after import Seen, Side, compare, side_of
from credit_control.effect.steps import Sent, after_steps

FIRST = date(2026, 6, 1)
TODAY = date(2026, 11, 23)


def seen(issued: date, due: date, paid: date | None = None, contact: str = "a") -> Seen:
    return Seen(contact, issued, due, paid)


@pytest.mark.parametrize(
    ("issued", "due", "side"),
    [
        (date(2026, 4, 1), date(2026, 5, 1), Side.BEFORE),  # watched until 31 May
        (date(2026, 4, 2), date(2026, 5, 2), Side.BETWEEN),  # watched until the day of the first reminder
        (date(2026, 5, 31), date(2026, 6, 30), Side.BETWEEN),
        (date(2026, 6, 1), date(2026, 7, 1), Side.AFTER),
        (date(2026, 9, 23), date(2026, 10, 23), Side.AFTER),  # watched until 22 November
        (date(2026, 9, 24), date(2026, 10, 24), Side.TOO_NEW),
        (date(2025, 4, 1), date(2025, 5, 1), Side.TOO_OLD),
    ],
)
def test_only_invoices_that_are_old_enough_to_know_count(issued: date, due: date, side: Side) -> None:
    assert side_of(seen(issued, due), FIRST, 30, TODAY) is side


def test_open_and_very_late_invoices_count_as_the_whole_window() -> None:
    due_before, due_after = date(2026, 3, 1), date(2026, 8, 1)
    invoices = [
        seen(date(2026, 2, 1), due_before, due_before + timedelta(days=100)),
        seen(date(2026, 2, 1), due_before, due_before - timedelta(days=4)),
        seen(date(2026, 7, 1), due_after),
        seen(date(2026, 7, 1), due_after, due_after + timedelta(days=30)),
        seen(date(2026, 7, 1), due_after, contact="never chased"),
    ]
    found = compare(invoices, {"a": FIRST}, 30, TODAY)
    assert (found.customers, found.invoices_before, found.invoices_after) == (1, 2, 2)
    assert [str(one) for one in (found.days_late.before, found.days_late.after)] == ["13", "30"]
    assert [str(one) for one in (found.days_to_pay.before, found.days_to_pay.after)] == ["41", "61"]
    assert (str(found.paid_in_window.before), str(found.paid_in_window.after)) == ("1/2", "1/2")
    assert found.days_late.difference is None


def test_customers_with_one_side_only_are_left_out() -> None:
    found = compare([seen(date(2026, 7, 1), date(2026, 8, 1))], {"a": FIRST, "b": FIRST}, 30, TODAY)
    assert (found.customers, found.left_out, found.invoices_after) == (0, 2, 0)


def sent(invoice: str, step: str | None, on: date, paid_on: date | None = None) -> Sent:
    return Sent(invoice, "a", ("s", step) if step else None, on, paid_on)


def test_what_came_after_each_step() -> None:
    one, two = date(2026, 9, 1), date(2026, 9, 10)
    messages = [
        sent("1", "First", one, date(2026, 9, 5)),
        sent("2", "First", one, date(2026, 9, 12)),
        sent("2", "Second", two, date(2026, 9, 12)),
        sent("3", "First", one),
        sent("3", None, two),
        sent("4", "First", one, date(2026, 8, 30)),
        sent("5", "First", TODAY - timedelta(days=3)),
    ]
    found = after_steps(messages, TODAY)
    first, second = found["s", "First"], found["s", "Second"]
    assert (first.reached, first.paid_already, first.still_open) == (5, 1, 1)
    assert (first.soon.hits, first.soon.invoices) == (1, 3)
    assert (first.later.hits, first.later.invoices) == (2, 3)
    assert (first.before_next.hits, first.before_next.invoices) == (1, 3)
    assert (second.reached, second.before_next.hits, second.soon.hits) == (1, 1, 1)


def test_a_step_that_is_repeated_counts_from_the_first_time() -> None:
    messages = [sent("1", "Again", TODAY - timedelta(days=days)) for days in (30, 20)]
    found = after_steps(messages, TODAY)["s", "Again"]
    assert (found.reached, found.before_next.hits, found.before_next.invoices) == (1, 0, 1)


@given(st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 90)), max_size=30))
def test_every_invoice_of_a_step_is_in_one_place(rows: list[tuple[int, int | None]]) -> None:
    begin = date(2026, 8, 1)
    messages = [
        sent(
            f"{at:03}",
            "Only",
            begin + timedelta(days=on),
            None if paid is None else begin + timedelta(days=paid),
        )
        for at, (on, paid) in enumerate(rows)
    ]
    for one in after_steps(messages, TODAY).values():
        assert one.reached == len(rows)
        assert one.reached == one.paid_already + one.still_open + one.before_next.invoices
        assert one.soon.hits <= one.later.hits
