"""What is left of a limit, and when it is exceeded."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.limits import Use

AMOUNTS = st.decimals(0, 10**9, places=2)


def use(limit: str | None, due: str, unused: str = "0") -> Use:
    return Use("GBP", None if limit is None else Decimal(limit), Decimal(due), Decimal(unused))


def test_exactly_the_limit_is_allowed_and_a_penny_more_is_not() -> None:
    assert not use("1000.00", "1000.00").exceeded
    assert use("1000.00", "1000.01").exceeded


def test_unused_credits_take_off_what_is_owed() -> None:
    assert use("1000", "1500", "500").exposure == 1000
    assert not use("1000", "1500", "500").exceeded


def test_more_credit_than_debt_is_no_debt() -> None:
    assert use("1000", "100", "300").exposure == 0
    assert use("1000", "100", "300").left == 1000


def test_without_a_limit_nothing_is_exceeded_and_nothing_is_left() -> None:
    assert use(None, "1000000").exceeded is False
    assert use(None, "1000000").left is None


def test_a_limit_of_nought_is_exceeded_by_any_debt() -> None:
    assert use("0", "0.01").exceeded
    assert not use("0", "0").exceeded
    assert use("0", "0.01").share is None


def test_a_limit_is_not_fully_used_before_it_is() -> None:
    assert use("1000", "999.99").share == 99
    assert use("1000", "1000").share == 100


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_what_is_left_and_what_is_owed_come_to_the_limit(
    limit: Decimal, due: Decimal, unused: Decimal
) -> None:
    one = Use("GBP", limit, due, unused)
    assert one.left is not None
    assert one.left + one.exposure == limit
    assert one.exceeded is (one.exposure > limit)
