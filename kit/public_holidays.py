"""Countries of the world for calendars: public holidays, weekends, regions, time zones, names.

Holidays are those of the library ``holidays``, which is released every month as governments announce theirs;
zones and names are CLDR's, from Babel. A place is an ISO 3166 country, or country and region: ``GB``, ``GB-SCT``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from babel import Locale
from babel.core import get_global

from kit.wording import ENGLISH, language

WEEKEND: Final = frozenset({5, 6})
"""Saturday and Sunday (Monday is 0): what holds where nothing else is known."""

_LONGEST_CODE: Final = 3
_ARTICLE: Final = frozenset({"AE", "BS", "CF", "DO", "GB", "GM", "IM", "MV", "NL", "PH", "SC", "US"})
_PRIMARY_ZONES: Final = {
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "MH": "Pacific/Majuro",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kiev",
    "UZ": "Asia/Tashkent",
}
"""Countries with several zones of which one is meant unless another is named (CLDR's primary zones)."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a country that has holidays of its own. ``place`` is its code with the country's before it."""

    place: str
    name: str


def version() -> str:
    """The version of the library of holidays: with another one, other days may be off."""
    return str(_library().__version__)


@lru_cache(maxsize=1)
def countries() -> Mapping[str, str]:
    """The countries whose holidays are known, code to English name, in the order of the names."""
    known = [
        code for code in _library().utils.list_supported_countries(include_aliases=False) if len(code) == 2
    ]
    return dict(sorted(((code, country_name(code)) for code in known), key=lambda pair: pair[1]))


@lru_cache(maxsize=512)
def regions(country: str) -> tuple[Region, ...]:
    """The regions of a country that have holidays of their own, by name; empty where there are none."""
    if country not in countries():
        return ()
    calendar = _library().country_holidays(country)
    names: dict[str, str] = {}
    for name, code in getattr(calendar, "subdivisions_aliases", {}).items():
        if len(name) > _LONGEST_CODE:
            names.setdefault(code, name)  # of several names the first is the English one, if there is one
    found = (Region(f"{country}-{code}", names.get(code, code)) for code in calendar.subdivisions)
    return tuple(sorted(found, key=lambda region: region.name))


def is_place(place: str) -> bool:
    """Whether the holidays of this country, or of this region of it, are known."""
    country, dash, _ = place.partition("-")
    return country in countries() and (not dash or any(one.place == place for one in regions(country)))


def place_name(place: str) -> str:
    """The place in words: ``Scotland, the United Kingdom``; a code that nobody knows as it is."""
    country = place.partition("-")[0]
    named = country_name(country, language())
    whole = f"the {named}" if country in _ARTICLE and language() == ENGLISH else named
    region = next((one.name for one in regions(country) if one.place == place), None)
    return f"{region}, {whole}" if region else whole


@lru_cache(maxsize=512)
def country_name(country: str, in_language: str = ENGLISH) -> str:
    """The country's name in a language; a code that nobody knows as it is."""
    return str(Locale(in_language).territories.get(country, country))


@lru_cache(maxsize=512)
def holidays_in(place: str, first_year: int, last_year: int) -> Mapping[date, str]:
    """The public holidays of a place with their names, in English where it has them; empty for an unknown place.

    Of a country without a region: its own, and those that more than half of its regions keep. Most of the United
    Kingdom is closed on Easter Monday, although Scotland is not.
    """
    if not is_place(place):
        return {}
    found = dict(_calendar(place, first_year, last_year).items())
    if "-" not in place:
        found = _kept_by_most(place, first_year, last_year) | found
    return {day: _one_line(name) for day, name in sorted(found.items())}


@lru_cache(maxsize=512)
def weekend_in(place: str) -> frozenset[int]:
    """The days on which offices of a place are closed every week; Saturday and Sunday for an unknown one."""
    return frozenset(_calendar(place).weekend) if is_place(place) else WEEKEND


@lru_cache(maxsize=512)
def zone_in(country: str) -> str | None:
    """The time zone of a country; None for one that has several, of which none is meant before the others."""
    zones = get_global("territory_zones").get(country, [])
    return _PRIMARY_ZONES.get(country) or (str(zones[0]) if len(zones) == 1 else None)


def _kept_by_most(country: str, first_year: int, last_year: int) -> dict[date, str]:
    parts = [_calendar(region.place, first_year, last_year) for region in regions(country)]
    times = Counter(day for part in parts for day in part)
    most = {day for day, kept in times.items() if 2 * kept > len(parts)}
    return {day: part[day] for part in parts for day in part if day in most}


def _calendar(place: str, first_year: int | None = None, last_year: int | None = None) -> Any:
    country, _, region = place.partition("-")
    plain = _library().country_holidays(country)
    language = next((one for one in plain.supported_languages if one.startswith("en")), None)
    years = range(first_year, last_year + 1) if first_year and last_year else None
    return _library().country_holidays(country, subdiv=region or None, years=years, language=language)


def _one_line(name: str) -> str:
    """Without brackets, which the sentences around it have already: ``Boxing Day, observed``."""
    return name.replace("; ", " and ").replace(" (", ", ").replace(")", "")


def _library() -> Any:
    """Imported when it is first needed, because that takes a while."""
    import holidays

    return holidays
