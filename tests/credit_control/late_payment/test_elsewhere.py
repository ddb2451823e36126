"""Federal agencies of the United States, and interest that only the contract gives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credit_control.late_payment.facts import Choices, LatePaymentError, Style
from tests.credit_control.late_payment.debts import claim, yearly


class TestFederalAgencies:
    def test_up_to_a_month_interest_is_simple(self) -> None:
        result = claim("us-federal", "1500", "2026-04-11", "2026-04-01", yearly("6.5"))
        assert (result.days, result.interest, result.compensation) == (10, Decimal("2.71"), Decimal(0))

    def test_after_every_thirty_days_it_joins_the_principal(self) -> None:
        result = claim("us-federal", "1500", "2026-06-15", "2026-04-01", yearly("6"))
        assert (result.days, result.interest) == (75, Decimal("18.83"))
        assert result.lines[0].how == "2 periods of 30 days compounded, 15 days besides"

    def test_the_rate_is_that_of_the_day_after_the_due_date(self) -> None:
        result = claim("us-federal", "1500", "2025-02-28", "2024-12-31")
        assert [rate.percent for rate in result.rates] == [Decimal("4.625")]

    def test_it_runs_for_one_year_at_most(self) -> None:
        year = claim("us-federal", "1500", "2027-04-01", "2026-04-01", yearly("6"))
        longer = claim("us-federal", "1500", "2028-04-01", "2026-04-01", yearly("6"))
        assert (year.days, longer.days, longer.interest) == (365, 365, year.interest)
        assert any("365 days at most" in note for note in longer.notes)
        assert not any("at most" in note for note in year.notes)

    def test_each_part_grows_until_it_is_paid(self) -> None:
        whole = claim(
            "us-federal", "1500", "2026-06-15", "2026-04-01", yearly("6"), payments=[("2026-05-01", "500")]
        )
        early = claim("us-federal", "500", "2026-05-01", "2026-04-01", yearly("6"))
        late = claim("us-federal", "1000", "2026-06-15", "2026-04-01", yearly("6"))
        assert [line.amount for line in whole.lines] == [early.lines[0].amount, late.lines[0].amount]

    @pytest.mark.parametrize(
        "wishes", [{"split": True}, {"style": Style.DAILY_ROUNDED}, {"whole_months": True}]
    )
    def test_what_does_not_go_with_it_is_refused(self, wishes: dict[str, bool]) -> None:
        with pytest.raises(LatePaymentError):
            claim("us-federal", "1500", "2026-06-15", "2026-04-01", yearly("6", **wishes))


class TestContracts:
    def test_a_monthly_rate_by_the_day(self) -> None:
        result = claim("contract", "2000", "2026-02-15", "2026-01-01", yearly("18"))
        assert (result.days, result.interest, result.compensation) == (45, Decimal("44.38"), Decimal(0))

    def test_a_monthly_rate_by_whole_months(self) -> None:
        result = claim("contract", "2000", "2026-02-15", "2026-01-01", yearly("18", whole_months=True))
        assert (result.interest, result.per_day) == (Decimal("30.00"), None)

    @pytest.mark.parametrize(
        ("due", "paid", "months"),
        [
            ("2026-01-01", "2026-01-31", 0),
            ("2026-01-01", "2026-02-01", 1),
            ("2026-01-31", "2026-02-27", 0),
            ("2026-01-31", "2026-02-28", 1),
            ("2024-01-31", "2024-02-28", 0),
            ("2024-01-31", "2024-02-29", 1),
            ("2026-01-31", "2026-03-30", 1),
            ("2026-01-31", "2026-03-31", 2),
            ("2025-11-15", "2027-01-15", 14),
        ],
    )
    def test_a_month_is_whole_on_the_same_day_or_the_last(self, due: str, paid: str, months: int) -> None:
        result = claim("contract", "1200", paid, due, yearly("12", whole_months=True))
        assert result.interest == 12 * months

    def test_nothing_is_charged_by_default(self) -> None:
        with pytest.raises(LatePaymentError, match="agreed rate"):
            claim("contract", "2000", "2026-02-15", "2026-01-01")

    def test_it_needs_an_agreed_day(self) -> None:
        with pytest.raises(LatePaymentError, match="agreed payment day"):
            claim("contract", "2000", "2026-02-15", None, yearly("18"), received_on="2026-01-01")

    def test_consumers_are_refused_here_too(self) -> None:
        with pytest.raises(LatePaymentError, match="consumer"):
            claim("contract", "2000", "2026-02-15", "2026-01-01", yearly("18"), consumer=True)

    def test_no_limit_of_a_law_cuts_the_term(self) -> None:
        result = claim("contract", "2000", "2026-06-30", "2026-05-30", yearly("18"), terms_days=90)
        assert result.relevant_day == date(2026, 5, 30)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"amount": "0"}, "more than nothing"),
        ({"amount": "-5"}, "more than nothing"),
        ({"amount": "1000.005"}, "more than 2 decimals"),
        ({"amount": "1000000000000000"}, "less than"),
        ({"currency": "pounds"}, "no currency"),
        ({"paid": "1026-03-31"}, "payment date"),
        ({"due": "9999-12-31"}, "due date"),
        ({"terms_days": -1}, "payment term"),
        ({"terms_days": 4000}, "payment term"),
        ({"payments": [("2026-04-01", "5")]}, "later than the day up to which interest is claimed"),
        ({"payments": [("2026-03-01", "0")]}, "part payment must be more than nothing"),
        ({"payments": [("2026-03-01", "600"), ("2026-03-02", "600")]}, "GBP 200.00 more than the debt"),
        ({"choices": yearly("0")}, "above 0"),
        ({"choices": yearly("1001")}, "above 0"),
        ({"choices": Choices(references={date(2026, 1, 2): Decimal(1)})}, "1 January or 1 July"),
        ({"choices": Choices(references={date(2026, 1, 1): Decimal(-11)})}, "reference rate of -11"),
        ({"choices": yearly("8", references={date(2026, 1, 1): Decimal(1)})}, "leave out one of the two"),
        ({"choices": Choices(whole_months=True)}, "counts days"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(facts: dict[str, Any], message: str) -> None:
    usual = {"amount": "1000", "paid": "2026-03-31", "due": "2026-01-31"}
    with pytest.raises(LatePaymentError, match=message) as refused:
        claim("uk", **(usual | facts))
    assert "\n" not in str(refused.value)
