"""Values that are kept as JSON come back as they were, exactly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    amount: Decimal | None


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...]
    shares: dict[str, Fraction]
    days: list[date]


names = st.text(max_size=8)
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=4)
parts = st.builds(Part, names, st.none() | amounts)
wholes = st.builds(
    Whole, st.lists(parts).map(tuple), st.dictionaries(names, st.fractions()), st.lists(st.dates())
)
scalars = (
    st.none() | st.booleans() | st.integers() | names | amounts | st.fractions() | st.dates() | parts | wholes
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(names, inner)
)


def told(value: Any) -> Any:
    return from_plain(json.loads(json.dumps(to_plain(value))), (Part, Whole))


@given(values)
def test_it_comes_back_as_it_was(value: Any) -> None:
    assert told(value) == value and repr(told(value)) == repr(value)


def test_only_kinds_that_are_named_are_read() -> None:
    with pytest.raises(KeyError):
        from_plain(to_plain(Part("a", None)), ())


@pytest.mark.parametrize("value", [1.5, b"bytes", {1, 2}, Part], ids=["float", "bytes", "set", "class"])
def test_what_cannot_come_back_exactly_is_not_kept(value: object) -> None:
    with pytest.raises(TypeError):
        to_plain(value)
