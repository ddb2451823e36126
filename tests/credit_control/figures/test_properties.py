"""What holds of the figures whatever stands in the books."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from credit_control.ageing import bucket_of
from credit_control.figures.books import Booked, Settled, booked, current_at, open_at
from credit_control.figures.by_month import aged_by_month, months_back
from credit_control.figures.collecting import cohort_forecast, cohort_shares
from credit_control.figures.dso import (
    MonthSales,
    best_countback,
    best_possible_dso,
    countback,
    delinquent,
    dso,
)
from credit_control.figures.lateness import Overdue, Paid, days_late_weighted, dbt_clipped, wado

START = date(2026, 1, 1)
cents = st.integers(0, 10_000_00).map(lambda each: Decimal(each) / 100)
some_cents = st.integers(1, 10_000_00).map(lambda each: Decimal(each) / 100)
days = st.integers(0, 400).map(lambda each: START + timedelta(each))


@st.composite
def invoices(draw: st.DrawFn) -> Booked:
    """An invoice with movements of which the ledger may have dated all or some."""
    issued, total = draw(days), draw(some_cents)
    rest, movements = total, []
    for _ in range(draw(st.integers(0, 3))):
        part = min(rest, draw(cents))
        rest -= part
        movements.append(Settled(issued + timedelta(draw(st.integers(-20, 200))), part))
    if draw(st.booleans()):  # a payment that the ledger tells of, and that the invoice does not know
        movements.append(Settled(issued + timedelta(draw(st.integers(-20, 200))), draw(cents)))
    undated = min(rest, draw(cents))
    due = rest - undated
    full = issued + timedelta(draw(st.integers(0, 250))) if not due and draw(st.booleans()) else None
    return booked(
        own_id="i",
        issued_on=issued,
        due_on=issued + timedelta(draw(st.integers(0, 90))),
        total=total,
        amount_due=due,
        fully_paid_on=full,
        movements=movements,
    )


@given(invoices())
def test_an_invoice_is_open_for_what_the_ledger_says_once_all_has_happened(one: Booked) -> None:
    last = one.issued_on + timedelta(1_000)
    assert one.open_at(last) == one.total - sum(each.amount for each in one.settled)
    assert one.open_at(one.issued_on - timedelta(1)) == 0


@given(invoices(), days, days)
def test_what_is_open_only_becomes_less_after_the_issue_day(one: Booked, first: date, second: date) -> None:
    early, late = sorted((max(first, one.issued_on), max(second, one.issued_on)))
    assert one.open_at(early) >= one.open_at(late) >= 0


@given(invoices())
def test_nothing_is_open_after_the_day_on_which_it_was_paid_in_full(one: Booked) -> None:
    if one.paid_on is not None:
        assert one.open_at(max(one.paid_on, one.issued_on)) == 0


@given(st.lists(invoices(), max_size=8), days)
def test_buckets_of_days_and_of_months_add_up_to_what_is_open(books: list[Booked], day: date) -> None:
    whole = open_at(books, day)
    by_days = [Decimal(0)] * 5
    for one in books:
        by_days[bucket_of((day - one.due_on).days)] += one.open_at(day)
    assert sum(by_days) == whole
    by_months = aged_by_month([(one.due_on, one.open_at(day)) for one in books], day)
    assert sum(by_months.values()) == whole
    assert by_months["current"] == by_days[0] == current_at(books, day)


@given(some_cents, cents, some_cents, st.integers(1, 400))
def test_delinquent_days_are_never_below_nought(
    open_: Decimal, current: Decimal, sales: Decimal, days: int
) -> None:
    current = min(open_, current)
    found = delinquent(dso(open_, sales, days), best_possible_dso(current, sales, days))
    assert found.value is not None
    assert found.value >= 0


months = st.lists(st.builds(MonthSales, cents, st.integers(1, 31)), max_size=14)


@given(some_cents, cents, months)
def test_nor_are_they_by_countback(open_: Decimal, current: Decimal, sold: list[MonthSales]) -> None:
    whole, best = countback(open_, sold), best_countback(min(open_, current), sold)
    found = delinquent(whole, best, by_countback=True)
    assert found.value is None if whole.value is None else found.value is not None and found.value >= 0
    assert whole.value is not None or best.value is None or best.value <= (whole.at_least or 0)


@given(some_cents, months, st.integers(2, 50))
def test_countback_does_not_depend_on_the_unit_of_money(
    open_: Decimal, sold: list[MonthSales], times: int
) -> None:
    more = [MonthSales(one.sales * times, one.days) for one in sold]
    assert countback(open_ * times, more).value == countback(open_, sold).value


paid_ones = st.lists(st.builds(Paid, some_cents, st.integers(-60, 200)), min_size=1)


@given(paid_ones, st.integers(2, 50))
def test_nor_do_weighted_days(found: list[Paid], times: int) -> None:
    more = [Paid(one.amount * times, one.days_late) for one in found]
    assert days_late_weighted(more).value == days_late_weighted(found).value


@given(paid_ones)
def test_clipped_is_never_less_than_signed_and_both_lie_between_the_extremes(found: list[Paid]) -> None:
    signed, clipped = days_late_weighted(found).value, dbt_clipped(found).value
    assert signed is not None
    assert clipped is not None
    assert clipped >= signed
    assert clipped >= 0
    assert min(one.days_late for one in found) <= signed <= max(one.days_late for one in found)


@given(paid_ones, paid_ones)
def test_two_parts_together_give_the_whole(one: list[Paid], other: list[Paid]) -> None:
    inputs = [days_late_weighted(each).inputs for each in (one, other, one + other)]
    for name in ("amount_days", "amount", "invoices"):
        numbers = [Fraction(each[name]) for each in inputs]  # type: ignore[arg-type]
        assert numbers[0] + numbers[1] == numbers[2]


@given(st.lists(st.builds(Overdue, some_cents, st.integers(1, 900)), min_size=1))
def test_weighted_days_overdue_are_at_least_one(found: list[Overdue]) -> None:
    value = wado(found).value
    assert value is not None
    assert value >= 1


shares = st.lists(st.fractions(0, 1), max_size=6).map(sorted)


@given(st.lists(shares, max_size=5), some_cents, cents, st.integers(0, 6))
def test_a_cohort_never_brings_more_than_was_billed(
    past: list[list[Fraction]], billed: Decimal, collected: Decimal, age: int
) -> None:
    collected = min(billed, collected)
    ahead = cohort_forecast(billed, collected, age, cohort_shares(past))
    assert all(each >= 0 for each in ahead)
    assert Fraction(collected) + sum(ahead) <= Fraction(billed)


@given(days, st.integers(0, 60))
def test_months_are_counted_back(day: date, back: int) -> None:
    first = months_back(day, back)
    assert first.day == 1
    assert (day.year - first.year) * 12 + day.month - first.month == back
