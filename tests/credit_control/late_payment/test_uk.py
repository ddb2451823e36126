"""The United Kingdom's law, case by case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credit_control.late_payment.facts import Choices, LatePaymentError, Style
from tests.credit_control.late_payment.debts import claim, debt, rules, yearly

SPLIT = Choices(split=True)
BY_THE_DAY = Choices(style=Style.DAILY_ROUNDED)


@pytest.mark.parametrize(
    ("amount", "due", "paid", "percent", "interest"),
    [
        ("1000", "2015-03-01", "2015-04-20", "8.5", "11.64"),  # 50 days
        ("1000", "2017-03-01", "2017-04-30", "8.25", "13.56"),  # 60 days
        ("5000", "2025-08-01", "2025-11-10", "12.25", "169.49"),  # 101 days
        ("5000", "2025-02-01", "2025-04-02", "12.75", "104.79"),  # 60 days
        ("1000", "2023-07-01", "2024-06-30", "13", "130.00"),  # a year, though one with 29 February
        ("10000", "2025-03-31", "2025-09-30", "12.75", "639.25"),
    ],
)
def test_interest_is_eight_points_over_bank_rate(
    amount: str, due: str, paid: str, percent: str, interest: str
) -> None:
    result = claim("uk", amount, paid, due)
    assert [rate.percent for rate in result.rates] == [Decimal(percent)]
    assert result.interest == Decimal(interest)


@pytest.mark.parametrize(
    ("amount", "due", "paid", "interest"),
    [("1000", "2015-03-01", "2015-04-20", "11.50"), ("5000", "2025-08-01", "2025-11-10", "169.68")],
)
def test_each_day_can_be_rounded_as_official_pages_show_it(
    amount: str, due: str, paid: str, interest: str
) -> None:
    assert claim("uk", amount, paid, due, BY_THE_DAY).interest == Decimal(interest)


@pytest.mark.parametrize(
    ("amount", "due", "per_day"), [("10000", "2026-02-01", "3.2192"), ("1000", "2023-07-01", "0.3562")]
)
def test_one_day_more_is_told_exactly(amount: str, due: str, per_day: str) -> None:
    assert claim("uk", amount, "2026-06-30", due).per_day == Decimal(per_day)


def test_the_rate_of_the_first_day_holds_for_good_and_can_be_split_instead() -> None:
    fixed = claim("uk", "10000", "2025-09-30", "2025-03-31")
    split = claim("uk", "10000", "2025-09-30", "2025-03-31", SPLIT)
    assert [line.days for line in fixed.lines] == [183]
    assert [line.days for line in split.lines] == [91, 92]
    assert [rate.percent for rate in split.rates] == [Decimal("12.75"), Decimal("12.25")]
    assert split.interest == Decimal("626.64")
    assert any("holds for good" in note for note in fixed.notes)
    assert any("changed at each half-year" in note for note in split.notes)


@pytest.mark.parametrize(
    ("due", "start", "percent"),
    [
        ("2025-06-29", "2025-06-30", "12.75"),
        ("2025-06-30", "2025-07-01", "12.25"),
        ("2025-12-30", "2025-12-31", "12.25"),
        ("2025-12-31", "2026-01-01", "11.75"),
    ],
)
def test_the_half_year_is_that_in_which_interest_begins(due: str, start: str, percent: str) -> None:
    result = claim("uk", "1000", "2026-03-31", due)
    assert result.start == date.fromisoformat(start)
    assert [rate.percent for rate in result.rates] == [Decimal(percent)]


def test_part_payments_lower_what_interest_runs_on_and_rounding_is_once() -> None:
    result = claim("uk", "5000", "2026-03-31", "2026-01-31", payments=[("2026-02-20", "2000")])
    assert [(line.days, line.principal) for line in result.lines] == [
        (20, Decimal(5000)),
        (39, Decimal(3000)),
    ]
    assert result.interest == Decimal("69.86")
    assert (result.compensation, result.total) == (Decimal(70), Decimal("139.86"))


@pytest.mark.parametrize(
    ("amount", "compensation"), [("0.01", 40), ("999.99", 40), ("1000", 70), ("9999.99", 70), ("10000", 100)]
)
def test_compensation_goes_by_the_size_of_the_debt(amount: str, compensation: int) -> None:
    assert claim("uk", amount, "2026-03-31", "2026-01-31").compensation == compensation


def test_each_invoice_has_its_own_compensation() -> None:
    amounts = ("900", "1000", "10000")
    late = [claim("uk", amount, "2026-03-31", "2026-01-31").compensation or 0 for amount in amounts]
    assert sum(late) == 210


@pytest.mark.parametrize(
    ("paid_on", "compensation"),
    [("2026-01-30", 40), ("2026-01-31", 40), ("2026-02-01", 70), ("2026-03-01", 70)],
)
def test_the_size_is_what_was_owed_when_interest_began(paid_on: str, compensation: int) -> None:
    result = claim("uk", "1500", "2026-03-31", "2026-01-31", payments=[(paid_on, "600")])
    assert result.compensation == compensation


@pytest.mark.parametrize("paid", ["2026-01-15", "2026-01-31"])
def test_what_was_paid_in_time_owes_nothing(paid: str) -> None:
    result = claim("uk", "1000", paid, "2026-01-31")
    assert not result.lines
    assert result.days == result.interest == result.compensation == 0
    assert any("paid in time" in note for note in result.notes)


def test_one_day_late_is_a_day_of_interest_and_the_whole_compensation() -> None:
    result = claim("uk", "1000", "2026-02-01", "2026-01-31")
    assert (result.days, result.interest, result.compensation) == (1, Decimal("0.32"), Decimal(70))


def test_parts_that_were_all_paid_in_time_owe_nothing() -> None:
    result = claim("uk", "1000", "2026-03-31", "2026-01-31", payments=[("2026-01-31", "1000")])
    assert result.interest == result.compensation == 0


def test_interest_ends_with_the_last_part() -> None:
    result = claim("uk", "1000", "2026-12-31", "2026-01-31", payments=[("2026-02-10", "1000")])
    assert (result.days, result.interest) == (10, Decimal("3.22"))


def test_a_leap_day_is_a_day_and_the_year_has_365_still() -> None:
    result = claim("uk", "1000", "2024-03-01", "2024-02-28")
    assert (result.days, result.interest) == (2, Decimal("0.73"))


class TestTheRelevantDay:
    """When the debt had to be paid, by the law."""

    def test_without_an_agreed_day_it_is_the_thirtieth(self) -> None:
        result = claim("uk", "1000", "2026-06-30", received_on="2026-03-01", performed_on="2026-03-01")
        assert (result.relevant_day, result.start) == (date(2026, 3, 30), date(2026, 3, 31))
        assert any("30 days counted from 1 March 2026" in note for note in result.notes)

    @pytest.mark.parametrize(
        ("received", "performed"), [("2026-02-01", "2026-03-01"), ("2026-03-01", "2026-02-01")]
    )
    def test_the_later_of_invoice_and_performance_counts(self, received: str, performed: str) -> None:
        result = claim("uk", "1000", "2026-06-30", received_on=received, performed_on=performed)
        assert result.relevant_day == date(2026, 3, 30)

    @pytest.mark.parametrize(
        ("facts", "day"),
        [
            ({"terms_days": 90}, "2026-04-29"),
            ({"terms_days": 90, "longer_term_fair": True}, "2026-05-30"),
            ({"received_on": "2026-03-01"}, "2026-04-29"),
            ({"received_on": "2026-03-01", "longer_term_fair": True}, "2026-05-30"),
            ({"terms_days": 90, "public_authority": True}, "2026-03-30"),
            ({"terms_days": 90, "public_authority": True, "longer_term_fair": True}, "2026-03-30"),
            ({"terms_days": 90, "contract_on": "2013-03-15"}, "2026-05-30"),
            ({"terms_days": 90, "contract_on": "2013-03-16"}, "2026-04-29"),
            ({}, "2026-05-30"),
        ],
    )
    def test_a_term_of_ninety_days_is_cut_unless_it_is_fair(self, facts: dict[str, Any], day: str) -> None:
        result = claim("uk", "1000", "2026-12-31", "2026-05-30", **facts)
        assert result.relevant_day == date.fromisoformat(day)

    @pytest.mark.parametrize(
        ("days", "public_authority", "cut"),
        [(60, False, False), (61, False, True), (30, True, False), (31, True, True), (0, True, False)],
    )
    def test_a_term_within_the_limit_stands(self, days: int, public_authority: bool, cut: bool) -> None:
        result = claim(
            "uk", "1000", "2026-12-31", "2026-05-30", terms_days=days, public_authority=public_authority
        )
        assert (result.relevant_day < date(2026, 5, 30)) is cut

    def test_the_cut_can_change_the_half_year_and_so_the_rate(self) -> None:
        usual = claim("uk", "1000", "2025-12-31", "2025-07-31")
        cut = claim("uk", "1000", "2025-12-31", "2025-07-31", terms_days=120)
        assert cut.relevant_day == date(2025, 5, 31)
        assert (usual.rates[0].percent, cut.rates[0].percent) == (Decimal("12.25"), Decimal("12.75"))

    def test_a_term_counts_from_receipt_when_no_day_is_given(self) -> None:
        result = claim("uk", "1000", "2026-12-31", received_on="2026-03-01", terms_days=14)
        assert result.relevant_day == date(2026, 3, 15)

    def test_an_advance_payment_waits_for_the_performance(self) -> None:
        result = claim("uk", "1000", "2026-12-31", "2026-03-01", performed_on="2026-04-10")
        assert result.relevant_day == date(2026, 4, 10)

    def test_somebody_has_to_say_when_it_was_due(self) -> None:
        with pytest.raises(LatePaymentError, match="give the due date"):
            claim("uk", "1000", "2026-12-31")


class TestRefusals:
    """What is never worked out."""

    def test_a_consumer_owes_nothing_by_this_law(self) -> None:
        with pytest.raises(LatePaymentError, match="consumer"):
            claim("uk", "1000", "2026-12-31", "2026-01-31", consumer=True)

    def test_a_rate_that_is_not_known_is_named_and_never_guessed(self) -> None:
        with pytest.raises(
            LatePaymentError, match=r"half-year from 1 July 2031.*law/rates/bank-of-england\.toml"
        ):
            claim("uk", "1000", "2031-12-31", "2031-08-31")

    def test_contracts_from_before_the_law_are_refused(self) -> None:
        with pytest.raises(LatePaymentError, match="7 August 2002"):
            claim("uk", "1000", "2026-12-31", "2026-01-31", contract_on="2002-08-06")


def test_a_rate_that_is_not_known_can_be_given() -> None:
    wishes = Choices(references={date(2031, 7, 1): Decimal("2.5")})
    result = claim("uk", "1000", "2031-12-31", "2031-08-31", wishes)
    assert result.rates[0].percent == Decimal("10.5")
    assert any("given by you" in note for note in result.notes)


def test_a_whole_rate_can_be_given() -> None:
    assert claim("uk", "1000", "2031-08-31", "2030-08-31", yearly("10")).interest == 100


def test_what_is_not_verified_says_so() -> None:
    result = claim("uk", "1000", "2026-09-30", "2026-07-31")
    assert result.rates[0].unverified
    assert any(note.startswith("Not verified: the rate from 1 July 2026") for note in result.notes)


def test_a_debt_in_another_currency_gets_interest_and_a_word_about_the_compensation() -> None:
    result = claim("uk", "1000", "2026-03-31", "2026-01-31", currency="EUR")
    assert result.compensation is None and result.total == result.interest > 0
    assert any("add it by hand" in note for note in result.notes)


def test_a_currency_without_pence_is_rounded_to_whole_units() -> None:
    result = claim("uk", "100000", "2026-03-31", "2026-01-31", currency="JPY")
    assert result.interest == 1899
    assert rules("uk").currency == "GBP" and debt("1", "2026-01-01").currency == "GBP"
