"""In which order customers are called."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_control.call_order import OLD_DAYS, CallCase, in_order

TODAY = date(2026, 11, 18)
TYPICAL = {"GBP": Decimal("200.00"), "JPY": Decimal(40000)}


def case(name: str, overdue: str = "200.00", days: int = 30, currency: str = "GBP") -> CallCase:
    return CallCase(name, name, {currency: Decimal(overdue)}, TODAY - timedelta(days=days))


def names(*cases: CallCase) -> list[str]:
    return [one.case.name for one in in_order(cases, TYPICAL, TODAY)]


def test_the_points_are_money_times_age_times_chance() -> None:
    one = replace(case("a", "500.00", days=45), calls=3, reached=2, promises=2, kept=1)
    (ranked,) = in_order([one], TYPICAL, TODAY)
    # 500 / 200 = 2.5; 1 + 3 * 45 / 90 = 2.5; (2 + 1) / (3 + 2) * (1 + 1) / (2 + 2) = 0.3
    assert (ranked.money, ranked.age, ranked.chance) == (Decimal("2.5"), Decimal("2.5"), Decimal("0.3"))
    assert ranked.points == Decimal("1.88")


def test_more_money_older_debt_and_a_better_chance_come_first() -> None:
    assert names(case("small"), case("large", "900.00")) == ["large", "small"]
    assert names(case("young", days=5), case("old", days=80)) == ["old", "young"]
    deaf = replace(case("deaf"), calls=6, reached=0)
    assert names(deaf, case("unknown")) == ["unknown", "deaf"]
    faithless = replace(case("faithless"), promises=5, kept=0)
    assert names(faithless, case("faithful")) == ["faithful", "faithless"]


def test_currencies_are_compared_by_what_is_usual_in_each_and_never_added() -> None:
    assert names(case("yen", "40000", currency="JPY"), case("pounds", "400.00")) == ["pounds", "yen"]


cases = st.builds(
    CallCase,
    contact_id=st.text("abcdef0123456789", min_size=32, max_size=32),
    name=st.text(max_size=5),
    overdue=st.dictionaries(st.sampled_from(sorted(TYPICAL)), st.decimals("0.01", "1000000", places=2)),
    oldest_due_on=st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    calls=st.just(4),
    reached=st.integers(0, 4),
    promises=st.just(3),
    kept=st.integers(0, 3),
)


@given(st.lists(cases, unique_by=lambda one: one.contact_id), st.randoms())
def test_the_order_is_one_whatever_the_list_was_and_points_fall(
    given: list[CallCase], random: object
) -> None:
    first = in_order(given, TYPICAL, TODAY)
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert in_order(shuffled, TYPICAL, TODAY) == first
    assert all(one.points >= next_.points for one, next_ in itertools.pairwise(first))


@given(cases, st.integers(0, 400), st.integers(1, 100))
def test_waiting_never_makes_a_debt_less_urgent(one: CallCase, days: int, more: int) -> None:
    now = replace(one, oldest_due_on=TODAY - timedelta(days=days))
    later = replace(one, oldest_due_on=TODAY - timedelta(days=days + more))
    (before,), (after,) = in_order([now], TYPICAL, TODAY), in_order([later], TYPICAL, TODAY)
    assert after.points >= before.points and after.age <= 4
    assert days < OLD_DAYS or after.points == before.points
