"""Payment plans: what makes one, and what became of each instalment."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.payment_plans import (
    Bounds,
    Instalment,
    InstalmentState,
    Rhythm,
    fault,
    judge_instalments,
    out_of_bounds,
    spread,
)
from credit_control.promises import Covered

TODAY = date(2026, 11, 16)
NOTHING = Decimal(0)


def parts(*given: tuple[int, str]) -> list[Instalment]:
    """Instalments so many days from today."""
    return [Instalment(TODAY + timedelta(days=days), Decimal(amount)) for days, amount in given]


@pytest.mark.parametrize(
    ("given_parts", "words"),
    [
        (parts((7, "300.00")), "at least two"),
        (parts((7, "300.00"), (14, "0.00")), "more than nothing"),
        (parts((-1, "150.00"), (14, "150.00")), "over already"),
        (parts((14, "150.00"), (7, "150.00")), "later than the one before"),
        (parts((7, "150.00"), (14, "100.00")), "GBP 250.00, and GBP 300.00 is open"),
        (parts((7, "150.001"), (14, "149.999")), "more decimals"),
    ],
)
def test_what_is_no_plan_is_told_in_a_sentence(given_parts: list[Instalment], words: str) -> None:
    found = fault(given_parts, "GBP", Decimal(300), TODAY)
    assert found is not None and words in found


def test_instalments_that_come_to_what_is_open_are_a_plan() -> None:
    assert fault(parts((0, "100.00"), (30, "100.00"), (61, "100.00")), "GBP", Decimal(300), TODAY) is None


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(most_instalments=2), "No more than 2 instalments"),
        (Bounds(longest_days=60), "at most 60 days away"),
        (Bounds(least_percent=40), "at least 40 %"),
    ],
)
def test_a_customer_proposes_within_bounds(bounds: Bounds, words: str) -> None:
    plan = parts((0, "100.00"), (30, "100.00"), (61, "100.00"))
    assert out_of_bounds(plan, Bounds(), TODAY) is None
    found = out_of_bounds(plan, bounds, TODAY)
    assert found is not None and words in found


def states(paid: str, today: int) -> list[str]:
    """Three instalments of 100, after 7, 14 and 21 days, without grace; ``paid`` has come by today."""
    plan = parts((7, "100.00"), (14, "100.00"), (21, "100.00"))
    owed = Covered("GBP", Decimal(300), NOTHING, Decimal(300) - Decimal(paid))
    found = judge_instalments(
        [(one, one.on, NOTHING) for one in plan], "GBP", [owed], TODAY + timedelta(days=today)
    )
    return [one.state.value for one in found]


def test_payments_count_onto_the_oldest_instalment_first() -> None:
    assert states("100.00", 7) == ["kept", "open", "open"]
    assert states("150.00", 7) == ["kept", "open", "open"]
    assert states("250.00", 7) == ["kept", "kept", "open"]
    assert states("0.00", 8) == ["missed", "open", "open"]
    assert states("300.00", 1) == ["kept", "kept", "kept"]


def test_what_has_come_after_its_day_is_late_and_no_longer_missed() -> None:
    plan = parts((7, "100.00"), (14, "100.00"), (21, "100.00"))
    late = ((TODAY + timedelta(days=9), Decimal("150.00")),)
    owed = Covered("GBP", Decimal(300), NOTHING, Decimal(150), payments=late)
    given_parts = [(one, one.on, NOTHING) for one in plan]
    for today, expected in ((10, ["late", "open", "open"]), (15, ["late", "missed", "open"])):
        found = judge_instalments(given_parts, "GBP", [owed], TODAY + timedelta(days=today))
        assert [one.state.value for one in found] == expected
        given_parts = [(one, one.on, judged.paid) for one, judged in zip(plan, found, strict=True)]


CENTS = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)


@given(amounts=st.lists(CENTS, min_size=2, max_size=5), part=st.integers(0, 100), day=st.integers(0, 40))
def test_no_later_instalment_is_kept_before_an_earlier_one_that_is_open(
    amounts: list[Decimal], part: int, day: int
) -> None:
    plan = [Instalment(TODAY + timedelta(days=7 * n), amount) for n, amount in enumerate(amounts, 1)]
    total = sum(amounts, NOTHING)
    paid = (total * part / 100).quantize(Decimal("0.01"))
    found = judge_instalments(
        [(one, one.on, NOTHING) for one in plan],
        "GBP",
        [Covered("GBP", total, NOTHING, total - paid)],
        TODAY + timedelta(days=day),
    )
    kept = [one.state is InstalmentState.KEPT for one in found]
    in_time = [one.on >= TODAY + timedelta(days=day) for one in plan]
    both = [one for one, there in zip(kept, in_time, strict=True) if there]
    assert both == sorted(both, reverse=True)
    if all(kept):
        assert paid == total


@given(
    owed=st.integers(100, 10_000_000).map(lambda cents: Decimal(cents) / 100),
    count=st.integers(2, 60),
    first=st.dates(TODAY, date(2027, 12, 31)),
    rhythm=st.sampled_from(list(Rhythm)),
)
def test_equal_instalments_come_to_what_is_owed_to_the_cent(
    owed: Decimal, count: int, first: date, rhythm: Rhythm
) -> None:
    plan = spread(owed, "GBP", count, first, rhythm)
    assert sum((one.amount for one in plan), NOTHING) == owed
    assert len(plan) == count and plan[0].on == first
    assert fault(plan, "GBP", owed, TODAY) is None
    assert len({one.amount for one in plan[:-1]}) == 1


def test_monthly_instalments_keep_their_day_where_the_month_has_it() -> None:
    plan = spread(Decimal(90), "GBP", 3, date(2027, 1, 31), Rhythm.MONTHLY)
    assert [one.on for one in plan] == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
