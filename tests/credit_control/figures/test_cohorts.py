"""What each month's invoices bring, by the example of the documentation and for any book."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from credit_control.figures.books import Booked, Settled, booked
from credit_control.figures.by_month import months_back
from credit_control.figures.cohorts import ages, ahead, cohorts

RUNNING = date(2026, 4, 1)


def invoice(issued_on: date, total: str, *payments: tuple[date, str]) -> Booked:
    paid = sum((Decimal(amount) for _, amount in payments), Decimal(0))
    return booked(
        own_id="x",
        issued_on=issued_on,
        due_on=issued_on + timedelta(30),
        total=Decimal(total),
        amount_due=Decimal(total) - paid,
        fully_paid_on=None,
        movements=[Settled(on, Decimal(amount)) for on, amount in payments],
    )


def test_the_example_of_the_documentation() -> None:
    book = [
        invoice(date(2026, 1, 10), "1000", (date(2026, 1, 31), "200"), (date(2026, 2, 20), "600"), (date(2026, 3, 5), "100")),
        invoice(date(2026, 2, 10), "2000", (date(2026, 2, 28), "800"), (date(2026, 3, 20), "800")),
        invoice(date(2026, 3, 10), "500", (date(2026, 3, 30), "100")),
        invoice(date(2026, 4, 2), "300"),
    ]  # fmt: skip
    found = cohorts(book, RUNNING, 12)
    assert [one.settled for one in found] == [(200, 800, 900), (800, 1600), (100,), ()]
    assert [one.open for one in found] == [100, 400, 400, 300]
    known = ages(found)
    # own month: (20 + 40 + 20) ÷ 3; by the next (80 + 80) ÷ 2; by the one after 90
    assert [one.mean for one in known] == [Fraction(80, 300), Fraction(8, 10), Fraction(9, 10)]
    assert [(one.lowest, one.highest, one.cohorts) for one in known[:2]] == [
        (Fraction(2, 10), Fraction(4, 10), 3),
        (Fraction(8, 10), Fraction(8, 10), 2),
    ]
    coming = ahead(found, RUNNING)
    # April: 200 of February (90 % of 2,000 less 1,600), 300 of March (80 % of 500 less 100), 80 of April
    # May: 50 of March, 160 of April; June: 30 of April
    assert [month for month, _ in coming.months] == [RUNNING, date(2026, 5, 1), date(2026, 6, 1)]
    assert [amount for _, amount in coming.months] == [580, 210, 30]
    assert coming.rest == 1200 - 580 - 210 - 30


def test_nothing_billed_has_no_cohorts_and_nothing_ahead() -> None:
    assert cohorts([], RUNNING, 12) == []
    assert ahead([], RUNNING).months == ()


books = st.lists(
    st.tuples(
        st.integers(0, 700),
        st.integers(1, 10**6),
        st.lists(st.tuples(st.integers(0, 400), st.fractions(0, 1, max_denominator=4)), max_size=3),
    ),
    max_size=20,
)


@given(books)
def test_never_more_comes_than_is_open_and_shares_only_grow(
    book: list[tuple[int, int, list[tuple[int, Fraction]]]],
) -> None:
    today = RUNNING + timedelta(14)
    made = []
    for back, pence, payments in book:
        issued, left, moved = today - timedelta(back), Decimal(pence), []
        for later, share in payments:
            amount = Decimal(int(left * share.numerator / share.denominator))
            on = min(issued + timedelta(later), today)
            moved.append((on, str(amount)))
            left -= amount
        made.append(invoice(issued, str(pence), *moved))
    found = cohorts(made, RUNNING, 12)
    for one in found:
        assert one.month >= months_back(today, 24)
        assert list(one.settled) == sorted(one.settled)
        assert all(0 <= share <= 1 for share in one.shares)
        assert len(one.settled) <= 13
    assert sum(one.billed for one in found) == sum(one.total for one in made)
    coming = ahead(found, RUNNING)
    assert all(amount >= 0 for _, amount in coming.months)
    assert coming.rest >= 0
    assert sum(amount for _, amount in coming.months) + coming.rest == sum(one.open for one in found)
