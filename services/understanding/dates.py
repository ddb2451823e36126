"""Days that a sentence names, in the order in which the writer's language writes them.

Where the words can be read in two ways there is no day: a day that was never promised does more harm than none.
``dateparser`` was weighed and not taken: it guesses where it should not (``docs/adr/0007-libraries.md``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from babel.dates import get_day_names, get_month_names

from services.understanding.phrases import one_of, plain
from services.understanding.rulebook import Rulebook, rulebook

_FURTHEST = timedelta(days=330)
"""A day without a year is taken to lie up to so far away; what would be further lies on the other side of today."""
_YEAR = r"(?:[ ,./-]{1,3}(?P<year>(?:20)?\d\d)(?![\d,.%]\d|\d|\s?(?:€|eur|%|h\b)))?"
_ISO = re.compile(r"(?<![\d-])(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_NUMERIC = re.compile(
    r"(?<![\d./,-])(?P<first>\d{1,2})(?P<sign>[./-])\s?(?P<second>\d{1,2})(?:(?P=sign)\s?(?P<year>(?:20)?\d\d)|(?P<dot>\.))?"
    r"(?![\d/%]|[.,-]\d)"
)
_TO_A_DAY = re.compile(
    r"\.?\s?(?:-|–|to|until|till|bis|au|al|a|tot|t/m|till|til|och|och med|até|ao)\s?(?:(?:the|zum|den|le|el|il|de)\s)?\d"
)
"""Behind the first day of a span: its month is that of the last, which is the day that counts."""


@dataclass(frozen=True, slots=True)
class Named:
    """A day that a text names. ``on`` is None where it can be read in two ways, or is none."""

    on: date | None
    start: int
    end: int


def named(
    text: str, book: Rulebook, today: date, *, past: bool = False, region: str | None = None
) -> list[Named]:
    """The days that a text names, in its order; a bare weekday is the last one where the sentence looks ``past``.

    ``region`` (ISO 3166) says how English writes its numbers; without it ``5/12`` is no day.
    """
    small = plain(text)
    found = sorted(_all(small, book, today, past=past, region=region), key=lambda one: (one.start, -one.end))
    kept: list[Named] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _all(small: str, book: Rulebook, today: date, *, past: bool, region: str | None) -> Iterator[Named]:
    words = _words(book)
    for match in _ISO.finditer(small):
        yield Named(_day(match["year"], match["month"], match["day"], today, past=past), *match.span())
    for match in _NUMERIC.finditer(small):
        yield from _numeric(match, book, today, past=past, region=region)
    for pattern in words.in_words:
        for match in pattern.finditer(small):
            month = words.months[match["month"].rstrip(".")]
            day = re.match(r"\d+", match["day"])
            number = int(day[0]) if day else 1
            yield Named(_day(match["year"], month, number, today, past=past), *match.span())
    spelt = [match.span() for pattern in words.in_words for match in pattern.finditer(small)]
    for match in words.bare.finditer(small) if words.bare else ():
        if any(start < match.end() and match.start() < end for start, end in spelt):
            continue
        if _TO_A_DAY.match(small, match.end()):
            continue
        yield Named(_next_of_month(int(match["day"]), today, past=past), *match.span())
    for match in words.numbered.finditer(small):
        on = _next_of_month(int(match["day"]), today, past=past)
        is_it = on is not None and on.weekday() == words.days[match["weekday"]]
        yield Named(on if is_it else None, *match.span())
    for match in words.weekdays.finditer(small):
        yield Named(_weekday(match, words, today, past=past), *match.span())
    yield from _relative(small, words, today)


@dataclass(frozen=True, slots=True)
class _Words:
    months: dict[str, int]
    days: dict[str, int]
    in_words: tuple[re.Pattern[str], ...]
    bare: re.Pattern[str] | None
    numbered: re.Pattern[str]
    weekdays: re.Pattern[str]
    far: frozenset[str]
    gone: frozenset[str]
    spans: tuple[tuple[re.Pattern[str], str], ...]
    counted: re.Pattern[str] | None
    units: dict[str, int]
    counts: dict[str, int]


@cache
def _of_language(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """Names of months and of weekdays, long and short, from CLDR."""
    months: dict[str, int] = {}
    days: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in get_month_names(width, context, language).items():
                if len(name.rstrip(".")) > 2:
                    months.setdefault(plain(name).rstrip("."), number)
            for number, name in get_day_names(width, context, language).items():
                if len(name.rstrip(".")) > 2 or width == "wide":
                    days.setdefault(plain(name).rstrip("."), number)
    return months, days


def _words(book: Rulebook) -> _Words:
    return _words_of(book.language)


@cache
def _words_of(language: str) -> _Words:
    return _made(rulebook(language))


def _made(book: Rulebook) -> _Words:
    told = book.dates
    months, days = (dict(one) for one in _of_language(book.language))
    months |= {name: int(number) for name, number in told.get("month_names", {}).items()}
    days |= {name: int(number) for name, number in told.get("day_names", {}).items()}
    month = "(?P<month>" + "|".join(sorted(map(re.escape, months), key=len, reverse=True)) + r")\b\.?"
    day = rf"(?P<day>\d{{1,2}}{told['ordinal']}"
    first = told.get("first")
    day += rf"|{first})" if first else ")"
    orders = [re.compile(rf"(?<![\w.,/]){day}{told['between']}{month}{_YEAR}")]
    if told.get("month_first"):
        orders.append(
            re.compile(
                rf"(?<!\w){month}\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:/]|\s?(?:€|%)){_YEAR}"
            )
        )
    weekday = "|".join(sorted(map(re.escape, days), key=len, reverse=True))
    near, far, gone = (told.get(name, []) for name in ("near", "far", "gone"))
    befores = "|".join(sorted(map(re.escape, [*near, *far, *gone]), key=len, reverse=True))
    afters = "|".join(sorted(map(re.escape, told.get("after", [])), key=len, reverse=True)) or "(?!)"
    return _Words(
        months=months,
        days=days,
        in_words=tuple(orders),
        bare=re.compile(told["bare"]) if told.get("bare") else None,
        numbered=re.compile(
            rf"(?<!\w)(?P<weekday>{weekday})\.?,?\s(?:(?:the|dem|den|le|el|día|de)\s)?(?P<day>\d{{1,2}}){told['ordinal']}"
            rf"(?![\w/:-]|[.,]\d|\s?(?:am|pm|h|uhr|uur|€|%)|{told['between']}{month.replace('?P<month>', '?:')})"
        ),
        weekdays=re.compile(
            rf"(?<!\w)(?:(?P<before>{befores})\s)?(?P<weekday>{weekday})(?!\w)(?:\s(?P<after>{afters})(?!\w))?"
            r"(?!\.?,?\s(?:the\s|dem\s|den\s|le\s|el\s|día\s|de\s)?\d{1,2}(?!\d|\s?(?:am|pm|h|uhr|uur|:)))"
        ),
        far=frozenset(told.get("far", [])),
        gone=frozenset([*told.get("gone", []), *told.get("gone_after", [])]),
        spans=tuple((found, name) for name, phrases in told["spans"].items() if (found := one_of(phrases))),
        counted=re.compile(told["counted"]) if told.get("counted") else None,
        units={unit: int(days) for unit, days in told.get("units", {}).items()},
        counts={word: int(number) for word, number in told.get("counts", {}).items()},
    )


def _numeric(
    match: re.Match[str], book: Rulebook, today: date, *, past: bool, region: str | None
) -> Iterator[Named]:
    """``28/11``, ``28.11.``, ``28-11-2026``. Two numbers with a full stop or dash alone may be a time or a sum."""
    first, second, sign = int(match["first"]), int(match["second"]), match["sign"]
    if not match["year"] and (
        sign == "-" or (sign == "." and not match["dot"] and not book.dates.get("dotted"))
    ):
        return
    day_first = book.language != "en" or sign == "." or first > 12 or region not in {None, "US", "CA", "PH"}
    month_first = second > 12 or (region in {"US", "PH"} and sign == "/")
    if first > 12 or (day_first and not month_first) or first == second:
        on = _day(match["year"], second, first, today, past=past)
    elif month_first:
        on = _day(match["year"], first, second, today, past=past)
    else:
        on = None
    yield Named(on, *match.span())


def _day(year: str | None, month: int | str, day: int | str, today: date, *, past: bool) -> date | None:
    """The day; without a year the nearest that the sentence can mean."""
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        tries = [date(today.year + more, int(month), int(day)) for more in (-1, 0, 1)]
    except ValueError:
        return None
    if past:
        return next((one for one in reversed(tries) if timedelta() <= today - one <= _FURTHEST), None)
    back = _FURTHEST - timedelta(days=365)
    return next((one for one in tries if back <= one - today <= _FURTHEST), None)


def _next_of_month(day: int, today: date, *, past: bool) -> date | None:
    """``the 28th``: the next one, or the last one."""
    if not 1 <= day <= 31:
        return None
    for more in range(3):
        months = today.year * 12 + today.month - 1 + (-more if past else more)
        try:
            found = date(months // 12, months % 12 + 1, day)
        except ValueError:
            continue
        if (found <= today) if past else (found >= today):
            return found
    return None


def _weekday(match: re.Match[str], words: _Words, today: date, *, past: bool) -> date | None:
    """A bare weekday is the coming one. ``next Friday`` is that of next week: asking too early would break trust."""
    wanted = words.days[match["weekday"]]
    before, after = match["before"], match["after"]
    if {before, after} & words.gone or (past and not {before, after} & words.far):
        return today - timedelta(days=(today.weekday() - wanted) % 7 or 7)
    if {before, after} & words.far:
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday()) % 7 or 7)


def _relative(small: str, words: _Words, today: date) -> Iterator[Named]:
    for pattern, name in words.spans:
        for match in pattern.finditer(small):
            yield Named(_span(name, today), *match.span())
    for match in words.counted.finditer(small) if words.counted else ():
        many = words.counts.get(match["count"]) or (int(match["count"]) if match["count"].isdigit() else 0)
        unit = next((days for unit, days in words.units.items() if match["unit"].startswith(unit)), 0)
        if 0 < many * unit <= _FURTHEST.days:
            yield Named(_counted(today, many, unit), *match.span())


def _counted(today: date, many: int, unit: int) -> date:
    """``in two weeks``; a unit of 30 is a month, the same day of which is meant."""
    return _months_on(today, many) if unit == 30 else today + timedelta(days=many * unit)


def _months_on(today: date, many: int) -> date:
    months = today.year * 12 + today.month - 1 + many
    return min(_last_of(months), _last_of(months - 1) + timedelta(days=today.day))


def _last_of(months: int) -> date:
    return date((months + 1) // 12, (months + 1) % 12 + 1, 1) - timedelta(days=1)


def _span(name: str, today: date) -> date | None:
    """What the names under ``spans`` in a rulebook mean: always the last day that the words allow."""
    monday = today - timedelta(days=today.weekday())
    month = today.year * 12 + today.month - 1
    days = {
        "yesterday": today - timedelta(days=1),
        "before_yesterday": today - timedelta(days=2),
        "last_week": monday - timedelta(days=3),
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "after_tomorrow": today + timedelta(days=2),
        "this_week": monday + timedelta(days=4) if today.weekday() < 5 else monday + timedelta(days=11),
        "next_week": monday + timedelta(days=11),
        "week_after_next": monday + timedelta(days=18),
        "this_month": _last_of(month),
        "next_month": _last_of(month + 1),
        "start_of_next_month": _last_of(month) + timedelta(days=5),
        "mid_month": _last_of(month - 1) + timedelta(days=15),
        "mid_next_month": _last_of(month) + timedelta(days=15),
        "year": date(today.year, 12, 31),
    }
    return days[name]


def parts_of_months(text: str, book: Rulebook, today: date) -> list[Named]:
    """``end of November``, ``Mitte Dezember``: the last day that the words allow."""
    words = _words(book)
    month = "(?P<month>" + "|".join(sorted(map(re.escape, words.months), key=len, reverse=True)) + r")\b\.?"
    found: list[Named] = []
    small = plain(text)
    for name, last in (("end", 31), ("middle", 15), ("start", 5)):
        before = "|".join(map(re.escape, book.dates.get(f"{name}_of", [])))
        for match in re.finditer(rf"(?<!\w)(?:{before})[ -]{month}", small) if before else ():
            number = words.months[match["month"].rstrip(".")]
            year = today.year + (number < today.month)
            on = _last_of(year * 12 + number - 1) if last == 31 else date(year, number, last)
            found.append(Named(on, *match.span()))
    return found
