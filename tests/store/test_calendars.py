"""Offices of customers, as rules have them."""

from __future__ import annotations

from kit.wording import worded_in
from store.calendars import office_of, years_known


def test_a_place_is_named_in_english_whoever_asks_first() -> None:
    """Its name goes into reasons, which are kept in English, and the office is kept for everybody who asks later."""
    with worded_in("de"):
        office = office_of("GM", None, None, years_known())
    assert office is not None and office.place == "the Gambia"
