"""When an open invoice is likely to be paid, and how right that was so far."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_control.payer.backtest import Seen, backtest, newest
from credit_control.payer.expected import Book, Open, Past, Spread, Spreads, expected, past_of
from credit_control.payer.facts import Settled
from tests.credit_control.payer.books import TODAY, made_up, paid, sample


def book_of(settled: list[Settled]) -> Book:
    book = Book()
    for one in settled:
        book.add(one)
    return book


def opened(due_in: int = 10, amount: str = "100.00", currency: str = "GBP") -> Open:
    return Open(TODAY + timedelta(days=due_in), currency, Decimal(amount))


def share_by(spread: Spread, day: date) -> float:
    (found,) = spread.shares_by([day.toordinal()])
    return found


def test_a_customer_who_always_pays_ten_days_late() -> None:
    own = [paid(10, ago=days) for days in range(1, 100, 5)]
    found = expected(opened(), past_of(own), book_of(own), TODAY)
    assert found is not None
    assert found.on == found.earliest == found.latest == TODAY + timedelta(days=20)
    assert (found.basis.own, found.basis.alike, found.basis.book) == (20, 20, 20)


def test_what_is_open_today_is_not_expected_yesterday() -> None:
    own = [*[paid(0, ago=days) for days in range(1, 30)], paid(40, ago=3)]
    found = expected(opened(due_in=-20), past_of(own), book_of(own), TODAY)
    assert found is not None and found.on == TODAY + timedelta(days=20)


def test_what_may_come_today_still_may() -> None:
    own = [paid(0, ago=days) for days in range(1, 30)]
    found = expected(opened(due_in=0), past_of(own), book_of(own), TODAY)
    assert found is not None and found.on == TODAY


def test_nothing_is_said_of_what_is_later_than_anything_that_was_ever_paid() -> None:
    own = [paid(0, ago=days) for days in range(1, 30)]
    assert expected(opened(due_in=-1), past_of(own), book_of(own), TODAY) is None
    assert expected(opened(), Past(), Book(), TODAY) is None


def test_a_new_customer_is_expected_as_everybody_pays() -> None:
    others = [paid(7, ago=days) for days in range(1, 30)]
    found = expected(opened(), Past(), book_of(others), TODAY)
    assert found is not None and found.on == TODAY + timedelta(days=17)
    assert (found.basis.own, found.basis.book) == (0, 29)


def test_invoices_of_about_this_size_count_twice() -> None:
    """Two small ones paid on time against three large ones paid late: for a small one, the small ones decide."""
    own = [*[paid(0, ago=10, amount="10")] * 2, *[paid(30, ago=10, amount="1000")] * 3]
    small = expected(opened(amount="10"), past_of(own), Book(), TODAY)
    large = expected(opened(amount="1000"), past_of(own), Book(), TODAY)
    assert small is not None and small.on == TODAY + timedelta(days=10) and small.basis.alike == 2
    assert large is not None and large.on == TODAY + timedelta(days=40) and large.basis.alike == 3


def test_amounts_of_another_currency_are_never_alike() -> None:
    own = [paid(0, amount="100", currency="JPY")] * 3
    found = expected(opened(), past_of(own), Book(), TODAY)
    assert found is not None and found.basis.alike == 0


def test_the_same_month_of_an_earlier_year_counts_once_more() -> None:
    december = paid(40, ago=210)  # it was due in November of the year before
    own = [december, *[paid(0, ago=210)] * 2]
    november = Open(date(2026, 11, 15), "GBP", Decimal(5))
    found = expected(november, past_of(own), Book(), TODAY)
    assert found is not None and found.basis.same_month == 1


_LATES = st.lists(st.tuples(st.integers(-20, 90), st.integers(0, 600)), min_size=1, max_size=40)


@given(_LATES, _LATES, st.integers(-60, 60))
def test_days_are_in_order_and_never_before_today(
    own: list[tuple[int, int]], others: list[tuple[int, int]], due_in: int
) -> None:
    mine = [paid(late, ago) for late, ago in own]
    book = book_of([*mine, *[paid(late, ago) for late, ago in others]])
    found = expected(opened(due_in), past_of(mine), book, TODAY)
    if found is not None:
        assert TODAY <= found.earliest <= found.on <= found.latest
        spread = Spread(opened(due_in), past_of(mine), book, TODAY)
        assert share_by(spread, found.latest) >= 0.9 - 1e-6
        assert share_by(spread, TODAY - timedelta(days=1)) == 0
        assert abs(share_by(spread, TODAY + timedelta(days=2000)) - 1) < 1e-9


@given(_LATES, st.lists(st.integers(-60, 60), min_size=1, max_size=5), st.booleans())
def test_what_is_told_of_many_is_what_is_told_of_each(
    lates: list[tuple[int, int]], due_ins: list[int], has_past: bool
) -> None:
    settled = [paid(late, ago) for late, ago in lates]
    book, past, together = (
        book_of(settled),
        past_of(settled if has_past else []),
        Spreads(book_of(settled), TODAY),
    )
    days = [TODAY.toordinal() + number for number in range(0, 150, 7)]
    for due_in in due_ins:
        for amount in ("10.00", "1000.00"):
            one = opened(due_in, amount)
            alone, of_many = Spread(one, past, book, TODAY), together.of(one, past)
            assert (of_many.known, of_many.basis) == (alone.known, alone.basis)
            if alone.known:
                assert of_many.shares_by(days) == alone.shares_by(days)


def test_the_public_sample_is_told_better_than_by_averages_and_due_dates() -> None:
    book = sample()
    for seen in Seen:
        for since in (date.min, date(2013, 1, 1)):
            found = backtest(book, seen, since)
            assert found is not None and found.invoices > 200
            assert found.ours < found.average < found.due
            assert 0.7 < found.coverage < 0.88
    whole = backtest(book)
    assert whole is not None and 0.77 < whole.coverage < 0.83


def test_a_book_whose_customers_change_is_told_better_than_by_averages() -> None:
    found = backtest(made_up(4000, 60))
    assert found is not None
    assert found.ours < found.average < found.due
    assert 0.75 < found.coverage < 0.85


def test_nothing_that_came_later_is_known() -> None:
    """Invoices that are paid after another is issued cannot change what was expected of it."""
    book = made_up(300, 5)
    early = [one for one in book if one[1].settled_on < date(2024, 6, 1)]
    until = [one for one in early if one[1].issued_on < date(2024, 1, 1)]
    alone = backtest(until)
    later = [
        (customer, Settled(date(2024, 6, 1), date(2024, 7, 1), date(2025, 7, 1), "GBP", Decimal(1)))
        for customer, _ in until
    ]
    with_more = backtest([*until, *later])
    assert alone is not None and with_more is not None
    assert with_more.invoices == alone.invoices + len(later)


def test_of_a_large_book_the_newest_are_judged() -> None:
    book = made_up(500, 10)
    since = newest(book, 100)
    found = backtest(book, since=since)
    assert found is not None and 100 <= found.invoices + found.without_past <= 110
    assert newest(book, 500) == date.min
