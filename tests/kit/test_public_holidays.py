"""What is known of countries: their holidays, weekends, zones and names."""

from __future__ import annotations

from datetime import date

import pytest

from kit import public_holidays
from kit.countries import iso_code
from kit.wording import worded_in


@pytest.mark.parametrize(
    ("place", "day", "name"),
    [
        ("GB", "2026-12-25", "Christmas Day"),
        ("GB", "2026-12-28", "Boxing Day, observed"),
        ("GB-ENG", "2026-04-06", "Easter Monday"),
        ("GB-SCT", "2026-11-30", "Saint Andrew's Day"),
        ("NZ", "2026-02-06", "Waitangi Day"),
        ("AU", "2026-01-26", "Australia Day"),
        ("US", "2026-11-26", "Thanksgiving Day"),
        ("DE-BY", "2026-01-06", "Epiphany"),
        ("JP", "2026-01-12", "Coming of Age Day"),
    ],
)
def test_public_holidays_have_english_names(place: str, day: str, name: str) -> None:
    assert public_holidays.holidays_in(place, 2025, 2027)[date.fromisoformat(day)] == name


@pytest.mark.parametrize(
    ("place", "day", "name"),
    [
        ("DE", "2026-10-03", "Tag der Deutschen Einheit"),
        ("AT", "2026-12-25", "Christtag"),
        ("CH", "2026-05-14", "Auffahrt"),
        ("GB", "2026-04-06", "Ostermontag"),
        ("GB", "2026-12-28", "Zweiter Weihnachtstag, Ersatztag"),
        ("GB-SCT", "2026-11-30", "Saint Andrew's Day"),
        ("US", "2026-06-19", "Juneteenth National Independence Day"),
    ],
)
def test_a_german_reader_has_german_names_where_there_are_any(place: str, day: str, name: str) -> None:
    on = date.fromisoformat(day)
    known_as = public_holidays.holidays_in(place, 2026, 2026)[on]
    assert public_holidays.name_there(on, known_as, place) == known_as
    with worded_in("de"):
        assert public_holidays.name_there(on, known_as, place) == name
        assert public_holidays.name_there(on, "Our own day", place) == "Our own day"


@pytest.mark.parametrize(
    ("place", "day", "kept"),
    [
        ("GB", "2026-04-06", True),
        ("GB", "2026-08-31", True),
        ("GB", "2026-01-02", False),
        ("AU", "2026-06-08", True),
        ("CH", "2026-04-03", True),
        ("DE", "2026-06-04", False),
    ],
)
def test_where_no_region_is_named_a_day_counts_if_most_regions_keep_it(
    place: str, day: str, kept: bool
) -> None:
    assert (date.fromisoformat(day) in public_holidays.holidays_in(place, 2026, 2026)) is kept


def test_a_regions_holidays_are_not_its_neighbours() -> None:
    assert date(2026, 4, 6) not in public_holidays.holidays_in("GB-SCT", 2026, 2026)
    assert date(2026, 1, 6) not in public_holidays.holidays_in("DE-BE", 2026, 2026)


@pytest.mark.parametrize("place", ["ZZ", "none", "", "GB-TX", "gb", "GB-", "Great Britain"])
def test_nothing_is_made_up_of_an_unknown_place(place: str) -> None:
    assert public_holidays.holidays_in(place, 2026, 2026) == {}
    assert public_holidays.weekend_in(place) == {5, 6}


def test_the_weekend_is_the_countrys() -> None:
    assert public_holidays.weekend_in("EG") == {4, 5}
    assert public_holidays.weekend_in("FR") == {5, 6}


def test_a_zone_is_told_only_where_no_other_could_be_meant() -> None:
    assert public_holidays.zone_in("JP") == "Asia/Tokyo"
    assert public_holidays.zone_in("NZ") == "Pacific/Auckland"
    assert public_holidays.zone_in("US") is None


def test_every_country_and_region_can_be_asked_and_kept() -> None:
    assert len(public_holidays.countries()) > 150
    for country in public_holidays.countries():
        assert public_holidays.is_place(country)
        assert public_holidays.place_name(country)
        for region in public_holidays.regions(country):
            assert len(region.place) <= 32 and public_holidays.is_place(region.place)


def test_places_have_names_that_stand_in_a_sentence() -> None:
    assert public_holidays.place_name("US") == "the United States"
    assert public_holidays.place_name("GB-SCT") == "Scotland, the United Kingdom"
    assert public_holidays.place_name("CA-BC") == "British Columbia, Canada"


def test_a_countrys_name_is_understood_as_it_is_told() -> None:
    assert {code for code, name in public_holidays.countries().items() if iso_code(name) != code} == set()
