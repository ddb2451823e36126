"""Countries of the world for calendars: public holidays, weekends, regions, time zones, names.

Holidays are those of the library ``holidays``, which is released every month as governments announce theirs;
zones and names are CLDR's, from Babel. A place is an ISO 3166 country, or country and region: ``GB``, ``GB-SCT``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from babel import Locale
from babel.core import get_global

from kit.wording import ENGLISH, N_, _, gettext, language

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

_KEPT_IN_MANY_COUNTRIES: Final = frozenset(
    {
        N_("All Saints' Day"), N_("Armistice Day"), N_("Ascension Day"), N_("Assumption Day"), N_("Boxing Day"),
        N_("Christmas Day"),
        N_("Christmas Eve"), N_("Corpus Christi"), N_("Easter Monday"), N_("Easter Saturday"), N_("Easter Sunday"),
        N_("Epiphany"), N_("German Unity Day"), N_("Good Friday"), N_("Immaculate Conception"), N_("Independence Day"),
        N_("King's Birthday"), N_("King's Day"), N_("Labor Day"), N_("Labour Day"), N_("Maundy Thursday"),
        N_("National Day"), N_("New Year's Day"), N_("New Year's Eve"), N_("Pentecost"), N_("Pentecost Monday"),
        N_("Reformation Day"), N_("Saint Stephen's Day"), N_("Second Day of Christmas"), N_("Victory Day"),
    }
)  # fmt: skip
"""Holidays that have a name in every language, as the library says them in English."""
_KNOWN: Final = re.compile(
    rf"(?:^|(?<=, ))({'|'.join(sorted(_KEPT_IN_MANY_COUNTRIES, reverse=True))})(, observed)?(?=$|, )"
)


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


def place_again(name: str) -> str:
    """A place by its English name, as ``place_name`` gives it, in the language of the moment; a region or city keeps its own."""
    region, comma, whole = name.rpartition(", ")
    code = _by_english_name().get(whole.removeprefix("the "))
    return f"{region}{comma}{country_name(code, language())}" if code and language() != ENGLISH else name


@lru_cache(maxsize=1)
def _by_english_name() -> dict[str, str]:
    return {name: code for code, name in countries().items()}


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
    return _named(place, first_year, last_year) if is_place(place) else {}


def _named(place: str, first_year: int, last_year: int, in_language: str | None = None) -> Mapping[date, str]:
    found = dict(_calendar(place, first_year, last_year, in_language).items())
    if "-" not in place:
        found = _kept_by_most(place, first_year, last_year, in_language) | found
    return {day: _one_line(name) for day, name in sorted(found.items())}


def name_there(day: date, name: str, place: str) -> str:
    """The name of a holiday of a place, in the language of the moment as the place itself says it, if it is said there.

    ``name`` is the one of ``holidays_in``; what closes a day by another name is no holiday, and keeps its own.
    """
    wanted = language()
    if wanted == ENGLISH or holidays_in(place, day.year, day.year).get(day) != name:
        return name
    return _said_in(place, day.year, wanted).get(day) or name_again(name)


def name_again(names: str) -> str:
    """A holiday's name, or several with commas between them, in the language of the moment, whosever they are.

    What only one country keeps is called as it is called there, and so is whatever else stands between the commas; but the
    last of them may be the place that keeps it.
    """
    if language() == ENGLISH:
        return names
    holidays, comma, place = names.rpartition(", ")
    return _KNOWN.sub(_said, f"{holidays}{comma}{place_again(place)}")


def begins_with_holiday(text: str) -> bool:
    """Whether this is a holiday that has a name in every language, or several of which the first is one."""
    return _KNOWN.match(text) is not None


def _said(found: re.Match[str]) -> str:
    said = gettext(found[1])
    return _("%(holiday)s, observed", holiday=said) if found[2] else said


@lru_cache(maxsize=512)
def _said_in(place: str, year: int, wanted: str) -> Mapping[date, str]:
    """The holidays of a place and year with their names in a language; empty where the library has them in others only."""
    if wanted not in (_library().country_holidays(place.partition("-")[0]).supported_languages or ()):
        return {}
    return _named(place, year, year, wanted)


@lru_cache(maxsize=512)
def weekend_in(place: str) -> frozenset[int]:
    """The days on which offices of a place are closed every week; Saturday and Sunday for an unknown one."""
    return frozenset(_calendar(place).weekend) if is_place(place) else WEEKEND


@lru_cache(maxsize=512)
def zone_in(country: str) -> str | None:
    """The time zone of a country; None for one that has several, of which none is meant before the others."""
    zones = get_global("territory_zones").get(country, [])
    return _PRIMARY_ZONES.get(country) or (str(zones[0]) if len(zones) == 1 else None)


def _kept_by_most(country: str, first_year: int, last_year: int, in_language: str | None) -> dict[date, str]:
    parts = [_calendar(region.place, first_year, last_year, in_language) for region in regions(country)]
    times = Counter(day for part in parts for day in part)
    most = {day for day, kept in times.items() if 2 * kept > len(parts)}
    return {day: part[day] for part in parts for day in part if day in most}


def _calendar(
    place: str, first_year: int | None = None, last_year: int | None = None, in_language: str | None = None
) -> Any:
    """With names in a language that the library has for the country; without one, in English where it has that."""
    country, _, region = place.partition("-")
    plain = _library().country_holidays(country)
    english = next((one for one in plain.supported_languages if one.startswith("en")), None)
    years = range(first_year, last_year + 1) if first_year and last_year else None
    return _library().country_holidays(
        country, subdiv=region or None, years=years, language=in_language or english
    )


def _one_line(name: str) -> str:
    """Without brackets, which the sentences around it have already: ``Boxing Day, observed``."""
    return name.replace("; ", " and ").replace(" (", ", ").replace(")", "")


def _library() -> Any:
    """Imported when it is first needed, because that takes a while."""
    import holidays

    return holidays
