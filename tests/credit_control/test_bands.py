"""Bands of credit scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.bands import DEFAULTS, Band, band_of, problem_with


@pytest.mark.parametrize(
    ("score", "band"),
    [(100, "A"), (80, "A"), (79, "B"), (71, "B"), (60, "B"), (40, "C"), (39, "D"), (0, "E")],
)
def test_a_score_is_in_the_first_band_for_which_it_is_enough(score: int, band: str) -> None:
    assert band_of(score, DEFAULTS).name == band


@given(bounds=st.sets(st.integers(1, 100), min_size=1, max_size=9), score=st.integers(0, 100))
def test_every_score_is_in_exactly_one_band_of_a_sound_table(bounds: set[int], score: int) -> None:
    table = [Band(f"band {least}", least) for least in sorted({0, *bounds}, reverse=True)]
    assert problem_with(table) is None
    band = band_of(score, table)
    better = [one for one in table if one.at_least > band.at_least]
    assert band.at_least <= score and all(score < one.at_least for one in better)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ([Band("A", 0)], "few"),
        ([Band("A", 50), Band("a", 0)], "names"),
        ([Band("A", 50), Band("", 0)], "names"),
        ([Band("A", 50), Band("B", 50), Band("C", 0)], "order"),
        ([Band("A", 101), Band("B", 0)], "order"),
        ([Band("A", 50), Band("B", 10)], "last"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(table: list[Band], problem: str) -> None:
    assert problem_with(table) == problem
