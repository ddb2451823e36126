"""The directive of the European Union and what its states make of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from credit_control.late_payment.facts import Choices, LatePaymentError
from tests.credit_control.late_payment.debts import claim


def test_interest_and_the_flat_sum() -> None:
    result = claim("eu", "2500", "2026-03-15", "2026-01-15")
    assert (result.days, result.rates[0].percent) == (59, Decimal("10.15"))
    assert (result.interest, result.compensation, result.total) == (
        Decimal("41.02"),
        Decimal(40),
        Decimal("81.02"),
    )


def test_the_rate_changes_with_the_half_year() -> None:
    result = claim("eu", "10000", "2026-07-31", "2026-05-31")
    assert [(line.days, line.percent) for line in result.lines] == [
        (30, Decimal("10.15")),
        (31, Decimal("10.40")),
    ]
    assert [round(Decimal(float(line.amount)), 2) for line in result.lines] == [
        Decimal("83.42"),
        Decimal("88.33"),
    ]
    assert result.interest == Decimal("171.75")
    assert any("Not verified: the rate from 1 July 2026" in note for note in result.notes)


def test_every_half_year_of_a_long_delay_has_its_rate() -> None:
    result = claim("eu", "1000", "2025-08-31", "2023-12-31")
    assert [rate.percent for rate in result.rates] == [
        Decimal(rate) for rate in ("12.50", "12.25", "11.15", "10.15")
    ]
    assert [rate.first for rate in result.rates] == [
        date(2024, 1, 1),
        date(2024, 7, 1),
        date(2025, 1, 1),
        date(2025, 7, 1),
    ]


def test_without_a_due_date_it_is_late_after_thirty_days() -> None:
    result = claim("eu", "1000", "2026-06-30", received_on="2026-04-01")
    assert (result.relevant_day, result.start) == (date(2026, 5, 1), date(2026, 5, 2))


@pytest.mark.parametrize(
    ("days", "public_authority", "fair", "day"),
    [
        (60, False, False, "2026-06-30"),
        (61, False, False, "2026-06-29"),
        (61, False, True, "2026-06-30"),
        (30, True, False, "2026-06-30"),
        (45, True, False, "2026-06-15"),
        (45, True, True, "2026-06-30"),
        (70, True, True, "2026-06-20"),
    ],
)
def test_terms_have_a_limit(days: int, public_authority: bool, fair: bool, day: str) -> None:
    result = claim(
        "eu",
        "1000",
        "2026-06-30",
        "2026-06-30",
        terms_days=days,
        public_authority=public_authority,
        longer_term_fair=fair,
    )
    assert result.relevant_day == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("contract_on", "percent", "compensation"), [("2014-07-28", "9.27", 0), ("2014-07-29", "10.27", 40)]
)
def test_germany_adds_nine_points_to_its_base_rate(contract_on: str, percent: str, compensation: int) -> None:
    result = claim("de", "1000", "2026-06-30", "2026-03-31", contract_on=contract_on)
    assert [rate.percent for rate in result.rates] == [Decimal(percent)]
    assert result.compensation == compensation


def test_a_base_rate_below_zero_lowers_the_rate() -> None:
    assert claim("de", "1000", "2021-06-30", "2021-03-31").rates[0].percent == Decimal("8.12")


def test_a_half_year_that_is_missing_is_named_even_when_others_are_known() -> None:
    with pytest.raises(LatePaymentError, match="German base rate for the half-year from 1 July 2026"):
        claim("de", "1000", "2026-07-01", "2026-03-31")
    given = Choices(references={date(2026, 7, 1): Decimal("1.52")})
    assert claim("de", "1000", "2026-07-01", "2026-03-31", given).rates[-1].percent == Decimal("10.52")


def test_france_is_marked_as_not_verified() -> None:
    result = claim("fr", "1000", "2026-06-30", "2026-03-31")
    assert result.rates[0].percent == Decimal("12.15")
    assert result.notes[0].startswith("Not verified: the rules for France")


def test_a_consumer_is_refused() -> None:
    with pytest.raises(LatePaymentError, match="consumer"):
        claim("eu", "1000", "2026-06-30", "2026-03-31", consumer=True)
