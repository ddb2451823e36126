"""How long an organisation has to keep its letters, as far as we know the law of its country (``law/bookkeeping.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from kit.settings import ROOT

_FILE = "bookkeeping.toml"
_GRADES = frozenset({"official", "reported"})
_COUNTED = frozenset({"calendar-year", "day"})


@dataclass(frozen=True, slots=True)
class BookkeepingRule:
    """For how many years letters are kept in a country, and by which law."""

    country: str
    years: int
    letters: bool
    """Letters are named; otherwise books and vouchers alone, which are in the ledger."""
    by_calendar_year: bool
    says: str
    source: str
    grade: str

    def until(self, written_on: date) -> date:
        """The last day on which a letter of that day has to be kept."""
        if self.by_calendar_year:
            return date(written_on.year + self.years, 12, 31)
        leap = (written_on.month, written_on.day) == (2, 29)
        return written_on.replace(year=written_on.year + self.years, day=28 if leap else written_on.day)


@cache
def bookkeeping_rules() -> Mapping[str, BookkeepingRule]:
    """The rules that we ship, by country (ISO 3166). Where there is none, nothing is known."""
    rules = tomllib.loads((ROOT / "law" / _FILE).read_text("utf-8"))["rules"]
    return {one["country"]: _read(one) for one in rules}


def _read(one: dict[str, object]) -> BookkeepingRule:
    if one["grade"] not in _GRADES or one["counted"] not in _COUNTED:
        raise ValueError(f"law/{_FILE}: {one['country']} has a grade or a way of counting that nobody knows")
    return BookkeepingRule(
        country=str(one["country"]),
        years=int(str(one["years"])),
        letters=bool(one["letters"]),
        by_calendar_year=one["counted"] == "calendar-year",
        says=str(one["says"]),
        source=str(one["source"]),
        grade=str(one["grade"]),
    )
