"""In how many pieces a text message travels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.segments import is_basic, plainly, segments


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" * 5, 2),
        ("ü" * 160, 1),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("ç" * 134, 2),
        ("ç" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),
        ("😀" * 67, 3),
    ],
)
def test_the_limits_of_both_alphabets(text: str, pieces: int) -> None:
    assert segments(text) == pieces


@given(st.text(max_size=400), st.text(max_size=50))
def test_more_text_never_takes_fewer_pieces(text: str, more: str) -> None:
    assert segments(text) <= segments(text + more)


@given(st.text(alphabet="abc “”‘’„«»–—…\u00a0\u202f", max_size=200))
def test_printers_signs_make_no_text_longer(text: str) -> None:
    assert is_basic(plainly(text))
