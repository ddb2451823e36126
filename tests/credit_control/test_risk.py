"""Risk in points and categories: the example of docs/credit.md, the edges, and what always holds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.risk import (
    DEFAULTS,
    UNRATED,
    Category,
    Inputs,
    Owed,
    category_of,
    judge,
    problem_with,
    share_overdue,
)

NOTHING = Inputs(Fraction(80), Fraction(0), 0, False, None)


def test_the_example_of_the_documentation() -> None:
    share = share_overdue([Owed(Fraction(10_000), Fraction(4_000), 6), Owed(Fraction(500), Fraction(500), 2)])
    assert share == Fraction(11, 20)
    found = judge(Inputs(Fraction("65.75"), share, 1, True, 40))
    assert [found.overdue, found.broken, found.exceeded, found.report] == [Fraction("16.5"), 5, 15, 6]
    assert found.points == Fraction("23.25")
    assert category_of(found.points, DEFAULTS) == "very_high"


@pytest.mark.parametrize(
    ("points", "category"),
    [
        (Fraction(100), "low"),
        (Fraction(75), "low"),
        (Fraction(75) - Fraction(1, 10_000), "medium"),
        (Fraction(50), "medium"),
        (Fraction(25), "high"),
        (Fraction(24), "very_high"),
        (Fraction(0), "very_high"),
        (None, UNRATED),
    ],
)
def test_exactly_the_bound_belongs_to_the_better_category(points: Fraction | None, category: str) -> None:
    assert category_of(points, DEFAULTS) == category


def test_who_has_paid_too_little_is_unrated_unless_a_report_says_something() -> None:
    assert judge(Inputs(None, Fraction(1), 2, True, None)).points is None
    found = judge(Inputs(None, Fraction(0), 0, False, 30))
    assert [found.points, found.report] == [30, 0]


@pytest.mark.parametrize(("score", "off"), [(100, 0), (50, 0), (49, Fraction(3, 5)), (25, 15), (0, 30)])
def test_only_a_report_below_fifty_takes_something_off(score: int, off: Fraction) -> None:
    assert judge(Inputs(Fraction(80), Fraction(0), 0, False, score)).points == 80 - off


def test_nothing_is_ever_below_nought() -> None:
    assert judge(Inputs(Fraction(10), Fraction(1), 9, True, 0)).points == 0


def test_nothing_open_is_nothing_overdue() -> None:
    assert share_overdue([]) == 0
    assert share_overdue([Owed(Fraction(0), Fraction(0), 0)]) == 0


INPUTS = st.builds(
    Inputs,
    st.fractions(0, 100, max_denominator=100),
    st.fractions(0, 1, max_denominator=100),
    st.integers(0, 10),
    st.booleans(),
    st.none() | st.integers(0, 100),
)


@given(INPUTS)
def test_the_parts_add_up_to_the_points(inputs: Inputs) -> None:
    found = judge(inputs)
    assert found.base is not None and found.points is not None
    left = found.base - found.overdue - found.broken - found.exceeded - found.report
    assert found.points == max(left, 0) and 0 <= found.points <= 100


@given(INPUTS)
def test_more_of_what_speaks_against_a_customer_never_adds_points(inputs: Inputs) -> None:
    worse = Inputs(inputs.payer_points, Fraction(1), inputs.broken + 1, True, 0)
    before, after = judge(inputs).points, judge(worse).points
    assert before is not None and after is not None and after <= before


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ([("A", 50), ("B", 0)], None),
        ([("A", 0)], "few"),
        ([("A", 50), ("a ", 0)], "names"),
        ([("A", 50), ("", 0)], "names"),
        ([("A", 50), ("B", 50), ("C", 0)], "order"),
        ([("A", 101), ("B", 0)], "order"),
        ([("A", 50), ("B", 10)], "last"),
    ],
)
def test_a_table_that_says_nothing_clear_is_refused(
    table: list[tuple[str, int]], problem: str | None
) -> None:
    assert problem_with([Category(name, name, at_least) for name, at_least in table]) == problem


def test_the_defaults_are_a_sound_table() -> None:
    assert problem_with(DEFAULTS) is None
