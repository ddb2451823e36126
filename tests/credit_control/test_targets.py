"""What figures are to be, and how far they are from there."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.figures.targets import MORE_IS_BETTER, against, most

_VALUES = st.fractions(-100, 400)
_TARGETS = st.decimals("0", "100", places=1)


@pytest.mark.parametrize(
    ("figure", "value", "target", "met", "apart", "above"),
    [
        ("dso", Fraction(41), "35.0", False, Fraction(6), True),
        ("dso", Fraction(35), "35.0", True, Fraction(0), False),
        ("dso", Fraction(69, 2), "35.0", True, Fraction(1, 2), False),
        ("cei", Fraction(80), "90", False, Fraction(10), False),
        ("cei", Fraction(181, 2), "90", True, Fraction(1, 2), True),
        ("wrong_chase_rate", Fraction(1, 10), "0", False, Fraction(1, 10), True),
    ],
)
def test_a_target_is_met_by_what_is_as_good_or_better(
    figure: str, value: Fraction, target: str, met: bool, apart: Fraction, above: bool
) -> None:
    found = against(figure, value, Decimal(target))
    assert (found.met, found.apart, found.above) == (met, apart, above)


@given(st.sampled_from(sorted(MORE_IS_BETTER)), _VALUES, _TARGETS)
def test_better_never_turns_met_into_missed(figure: str, value: Fraction, target: Decimal) -> None:
    better = value + 1 if MORE_IS_BETTER[figure] else value - 1
    if against(figure, value, target).met:
        assert against(figure, better, target).met
    assert against(figure, Fraction(target), target).met
    assert target <= most(figure)
