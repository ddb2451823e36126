"""First names as a colleague would write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.names import first_name


@pytest.mark.parametrize(
    ("written", "greeted"),
    [
        ("Priya", "Priya"),
        (" PRIYA ", "Priya"),
        ("mary-ann", "Mary-Ann"),
        ("AJ", "AJ"),
        ("Jean Luc", "Jean Luc"),
        ("Seán", "Seán"),
        ("Bill", "Bill"),
        ("Na", "Na"),
        ("O’Brien", "O’Brien"),
        ("李", "李"),
        ("DeShawn", "DeShawn"),
        (None, None),
        ("", None),
        ("-", None),
        ("Accounts", None),
        ("Accounts Payable", None),
        ("AP Team", None),
        ("Mr", None),
        ("Mrs. Smith", None),
        ("N/A", None),
        ("Buchhaltung", None),
        ("accounts@ashdown.example", None),
        ("Contact 2", None),
        ("Priya / Tom", None),
    ],
)
def test_somebody_is_greeted_by_name_only_where_it_is_one(written: str | None, greeted: str | None) -> None:
    assert first_name(written) == greeted


@given(st.text(max_size=60))
def test_whatever_stands_there_is_one_line_or_nothing(written: str) -> None:
    name = first_name(written)
    assert name is None or (name.strip() == name and len(name.splitlines()) == 1)
