"""A telephone number is found however the ledger and the person who looks write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.folding import asked_telephone, telephone_digits

_SIGNS = st.sampled_from(["", " ", "-", ".", "/", "  "])


@given(st.from_regex(r"[1-9][0-9]{6,9}", fullmatch=True), st.data())
def test_every_spelling_of_a_number_has_the_same_in_common(national: str, data: st.DataObject) -> None:
    def spelled() -> str:
        begin = data.draw(st.sampled_from(["0", "+44 ", "0044 ", "+44 (0)", "(0)"]))
        return begin + "".join(digit + data.draw(_SIGNS) for digit in national).strip(" -./")

    stored, asked = telephone_digits(spelled()), asked_telephone(spelled())
    if len(national) >= 9:
        assert stored and asked and asked in stored


@pytest.mark.parametrize(
    "typed", ["Bellwether", "INV-1024", "12345", "1,234.50", "", "+", "0000000", "12 Acacia Avenue 17"]
)
def test_what_is_no_telephone_number_is_not_taken_for_one(typed: str) -> None:
    assert asked_telephone(typed) is None
