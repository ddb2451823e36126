"""The figures against numbers that others have published with their formulas."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from credit_control.figures.collecting import cei, cei_average_month, mean_share
from credit_control.figures.doing import promise_kept, right_first_time, wrong_chases
from credit_control.figures.dso import MonthSales, best_possible_dso, countback, delinquent, dso
from credit_control.figures.figure import Figure, round_half_up
from credit_control.figures.lateness import (
    Overdue,
    Paid,
    average_days_overdue,
    average_payment_delay,
    days_late,
    days_late_weighted,
    days_to_pay,
    dbt_clipped,
    wado,
)
from credit_control.figures.words import MORE_THAN


def amount(text: str) -> Decimal:
    return Decimal(text)


def shown(figure: Figure, places: int = 4) -> str:
    return str(figure.rounded(places))


def paid(*pairs: tuple[str, int]) -> list[Paid]:
    return [Paid(Decimal(each), days) for each, days in pairs]


@pytest.mark.parametrize(
    ("receivable", "sales", "days", "value"),
    [("150000", "1800000", 365, "30.4167"), ("15000", "10000", 30, "45.0000")],
)
def test_simple_dso(receivable: str, sales: str, days: int, value: str) -> None:
    assert shown(dso(amount(receivable), amount(sales), days)) == value


@pytest.mark.parametrize(("lengths", "value"), [((30, 30, 30), "73.714"), ((31, 28, 31), "73.171")])
def test_countback_takes_the_share_of_the_last_month(lengths: tuple[int, int, int], value: str) -> None:
    sales = ("100000", "80000", "70000")
    months = [MonthSales(amount(each), days) for each, days in zip(sales, lengths, strict=True)]
    assert shown(countback(amount("212000"), months), 3) == value


def test_countback_says_where_history_ends_instead_of_guessing() -> None:
    figure = countback(amount("300"), [MonthSales(amount("100"), 30), MonthSales(amount("100"), 31)])
    assert (figure.value, figure.unknown, figure.at_least) == (None, MORE_THAN, 61)


def test_a_month_without_sales_counts_all_its_days() -> None:
    months = [MonthSales(amount("100"), 10), MonthSales(amount("0"), 31), MonthSales(amount("100"), 30)]
    assert countback(amount("150"), months).value == 10 + 31 + 15


def test_best_possible_dso_and_what_is_above_it() -> None:
    best = best_possible_dso(amount("4000"), amount("10000"), 30)
    assert best.value == 12
    assert delinquent(dso(amount("15000"), amount("10000"), 30), best).value == 33


@pytest.mark.parametrize(
    ("opening", "sales", "closing", "current", "value"),
    [
        ("6200", "10890", "6340", "3590", "79.63"),
        ("100000", "1000000", "120000", "100000", "98.00"),
        ("400000", "1200000", "350000", "280000", "94.70"),
    ],
)
def test_collection_effectiveness(opening: str, sales: str, closing: str, current: str, value: str) -> None:
    assert shown(cei(amount(opening), amount(sales), amount(closing), amount(current)), 2) == value


def test_collection_effectiveness_by_the_average_month_is_another_figure() -> None:
    figure = cei_average_month(
        amount("6200"), amount("10890"), amount("6340"), amount("3590"), months=Fraction(3)
    )
    assert shown(figure, 2) == "55.93"


def test_where_nothing_could_be_collected_there_is_no_effectiveness() -> None:
    assert cei(amount("0"), amount("10"), amount("10"), amount("10")).value is None


def test_days_late_and_days_to_pay_are_two_figures() -> None:
    found = [Paid(Decimal(1), 0, 30), Paid(Decimal(1), 5, 35), Paid(Decimal(1), 10, 40)]
    assert days_late(found).value == 5
    assert days_to_pay(found).value == 35


def test_weighted_by_amount_and_not() -> None:
    found = paid(("10", 5), ("100", 10))
    assert shown(days_late(found), 1) == "7.5"
    assert shown(days_late_weighted(found), 3) == "9.545"


FIVE = paid(("100", -10), ("200", -5), ("300", 0), ("400", 5), ("500", 10))


def test_days_beyond_terms_count_early_payments_against_late_ones() -> None:
    assert shown(days_late_weighted(FIVE), 3) == "3.333"
    assert shown(days_late_weighted(paid(("10300", 0))), 2) == "0.00"


def test_days_beyond_terms_clipped() -> None:
    assert shown(dbt_clipped(FIVE), 3) == "4.667"
    assert shown(dbt_clipped(paid(("4000", 0), ("6000", 6), ("2000", 8))), 3) == "4.333"


def test_satagos_example_of_days_beyond_terms() -> None:
    assert shown(days_late_weighted(paid(("10000", 4), ("300", 0))), 2) == "3.88"
    assert str(round_half_up(Fraction(41000, 10300), 2)) == "3.98"


def test_average_days_overdue_is_unweighted_and_wado_is_not() -> None:
    overdue = [Overdue(Decimal(each), days) for each, days in (("100", 10), ("100", 15), ("200", 20))]
    assert average_days_overdue(overdue).value == 15
    assert wado(overdue).value == Fraction(6500, 400)


def test_payment_delay_counts_what_is_overdue_with_todays_date() -> None:
    assert average_payment_delay(paid(("100", 10)), [Overdue(Decimal(300), 50)]).value == 40


def test_the_mean_of_past_cohorts() -> None:
    found = mean_share([Fraction(86, 100), Fraction(73, 100), Fraction(91, 100)])
    assert found is not None
    assert str(round_half_up(found * 100, 1)) == "83.3"


def test_shares_of_promises_and_sends() -> None:
    assert promise_kept(3, 4).value == 75
    assert right_first_time(1, 10).value == 90
    assert wrong_chases(1, 8).value == Fraction(25, 2)
    assert promise_kept(0, 0).value is None


@pytest.mark.parametrize(
    ("value", "places", "shown_as"),
    [("1/2", 0, "1"), ("-1/2", 0, "-1"), ("5/100", 1, "0.1"), ("2/3", 4, "0.6667"), ("0", 4, "0.0000")],
)
def test_halves_are_rounded_up(value: str, places: int, shown_as: str) -> None:
    assert str(round_half_up(Fraction(value), places)) == shown_as
