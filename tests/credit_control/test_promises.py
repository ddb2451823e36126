"""What became of a promise: by what the ledger says of its invoices, in whatever order it says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.promises import Covered, KeptRate, PromiseState, judge

LAST = date(2026, 11, 26)
BEFORE, AFTER = LAST, LAST + timedelta(days=1)
NOTHING = Decimal(0)
CENTS = st.integers(0, 200_000).map(lambda cents: Decimal(cents) / 100)


def owed(due_then: str, due_now: str, **more: object) -> Covered:
    return Covered("GBP", Decimal(due_then), NOTHING, Decimal(due_now), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("due_now", "today", "state", "missing"),
    [
        ("1000.00", BEFORE, PromiseState.OPEN, "500.00"),
        ("800.00", BEFORE, PromiseState.OPEN, "300.00"),
        ("500.00", BEFORE, PromiseState.KEPT, "0"),
        ("0.00", BEFORE, PromiseState.KEPT, "0"),
        ("1000.00", AFTER, PromiseState.BROKEN, "500.00"),
    ],
)
def test_a_promise_stands_until_it_is_kept_or_its_grace_is_over(
    due_now: str, today: date, state: PromiseState, missing: str
) -> None:
    found = judge(Decimal(500), "GBP", [owed("1000.00", due_now)], LAST, today, NOTHING)
    assert (found.state, found.missing) == (state, Decimal(missing))


def test_what_had_come_in_time_counts_when_the_day_is_over() -> None:
    found = judge(Decimal(500), "GBP", [owed("1000.00", "700.00")], LAST, AFTER, Decimal(300))
    assert (found.state, found.paid, found.missing) == (PromiseState.PART_KEPT, Decimal(300), Decimal(200))


@pytest.mark.parametrize(("days", "state"), [(0, PromiseState.KEPT), (1, PromiseState.BROKEN)])
def test_a_payment_that_is_entered_late_counts_by_its_day(days: int, state: PromiseState) -> None:
    paid = ((LAST + timedelta(days=days), Decimal(500)),)
    found = judge(Decimal(500), "GBP", [owed("1000.00", "500.00", payments=paid)], LAST, AFTER, NOTHING)
    assert found.state is state


def test_what_was_paid_before_the_promise_does_not_keep_it() -> None:
    paid = ((LAST - timedelta(days=30), Decimal(500)),)
    before = replace(owed("500.00", "500.00", payments=paid), paid_then=Decimal(500))
    assert judge(Decimal(500), "GBP", [before], LAST, AFTER, NOTHING).state is PromiseState.BROKEN


def test_a_payment_that_is_taken_back_keeps_nothing() -> None:
    found = judge(Decimal(500), "GBP", [owed("1000.00", "1000.00")], LAST, AFTER, Decimal(500))
    assert found.state is PromiseState.BROKEN


def test_nobody_owes_a_voided_invoice() -> None:
    gone = owed("1000.00", "0.00", gone=True)
    assert judge(Decimal(500), "GBP", [gone], LAST, AFTER, NOTHING).state is PromiseState.WITHDRAWN
    half = judge(Decimal(1500), "GBP", [gone, owed("500.00", "0.00")], LAST, BEFORE, NOTHING)
    assert (half.state, half.paid) == (PromiseState.KEPT, Decimal("500.00"))


def test_nobody_breaks_his_word_by_not_paying_what_is_in_dispute() -> None:
    disputed = owed("1000.00", "200.00", rests=Decimal(200))
    assert judge(Decimal(1000), "GBP", [disputed], LAST, BEFORE, NOTHING).state is PromiseState.KEPT
    wholly = owed("1000.00", "1000.00", rests=Decimal(1000))
    assert judge(Decimal(1000), "GBP", [wholly], LAST, BEFORE, NOTHING).state is PromiseState.OPEN
    assert judge(Decimal(1000), "GBP", [wholly], LAST, AFTER, NOTHING).state is PromiseState.WITHDRAWN


@pytest.mark.parametrize(
    ("due_now", "rests", "credited", "missing"),
    [("40.00", "40.00", "0", "0"), ("40.00", "0", "40.00", "40.00"), ("80.00", "0", "0", "40.00")],
    ids=["paid, and in dispute", "paid in part, and credited", "paid in part, and rejected"],
)
def test_the_credit_that_ends_a_dispute_pays_nothing_of_a_promise_that_left_it_out(
    due_now: str, rests: str, credited: str, missing: str
) -> None:
    one = owed("1000.00", due_now, rests=Decimal(rests), credited=Decimal(credited))
    found = judge(Decimal(960), "GBP", [one], LAST, BEFORE, NOTHING, Decimal(40))
    assert found.missing == Decimal(missing)


def test_money_in_another_currency_keeps_no_promise() -> None:
    euros = replace(owed("1000.00", "0.00"), currency="EUR")
    found = judge(Decimal(500), "GBP", [owed("1000.00", "1000.00"), euros], LAST, AFTER, NOTHING)
    assert (found.state, found.paid) == (PromiseState.BROKEN, NOTHING)


@given(
    amount=CENTS.filter(bool),
    dues=st.lists(CENTS.filter(bool), min_size=1, max_size=4),
    payments=st.lists(st.tuples(st.integers(0, 3), st.integers(-20, 10), CENTS), max_size=8),
    data=st.data(),
)
def test_in_whatever_order_payments_are_entered_the_end_is_the_same(
    amount: Decimal,
    dues: list[Decimal],
    payments: list[tuple[int, int, Decimal]],
    data: st.DataObject,
) -> None:
    """Judged after each entry once the grace is over: nothing but the payments' own days decides."""

    def play(order: list[tuple[int, int, Decimal]]) -> tuple[PromiseState, Decimal]:
        entered: list[list[tuple[date, Decimal]]] = [[] for _ in dues]
        found = judge(amount, "GBP", _covered(dues, entered), LAST, AFTER, NOTHING)
        for invoice, days, paid in order:
            left = dues[invoice % len(dues)] - sum((one for _, one in entered[invoice % len(dues)]), NOTHING)
            entered[invoice % len(dues)].append((LAST + timedelta(days=days), min(paid, left)))
            found = judge(amount, "GBP", _covered(dues, entered), LAST, AFTER, found.paid)
        return found.state, found.paid

    total = [sum((paid for i, _, paid in payments if i % len(dues) == n), NOTHING) for n in range(len(dues))]
    if any(paid > due for paid, due in zip(total, dues, strict=True)):
        return  # nobody can enter more than is due
    assert play(payments) == play(data.draw(st.permutations(payments)))


@given(
    amount=CENTS.filter(bool),
    due=CENTS.filter(bool),
    part=st.integers(0, 100),
    today=st.sampled_from([BEFORE, AFTER]),
    seen=CENTS,
)
def test_paid_and_missing_are_the_promise_to_the_cent(
    amount: Decimal, due: Decimal, part: int, today: date, seen: Decimal
) -> None:
    now = (due * part / 100).quantize(Decimal("0.01"))
    found = judge(amount, "GBP", [owed(str(due), str(now))], LAST, today, seen)
    assert found.missing == max(min(amount, due) - found.paid, NOTHING)
    assert NOTHING <= found.paid <= due - now
    assert (found.state is PromiseState.KEPT) is (found.missing == 0)
    assert found.state is not PromiseState.OPEN or today <= LAST


def _covered(dues: list[Decimal], entered: list[list[tuple[date, Decimal]]]) -> list[Covered]:
    return [
        Covered("GBP", due, NOTHING, due - sum((one for _, one in paid), NOTHING), payments=tuple(paid))
        for due, paid in zip(dues, entered, strict=True)
    ]


def test_a_rate_never_stands_without_its_count() -> None:
    assert KeptRate(0, 0).percent is None
    assert KeptRate(3, 4).text == "kept 3 of 4 promises (75 %)"
