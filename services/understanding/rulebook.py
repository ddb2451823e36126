"""The rules of one language, as people wrote them in ``templates/meanings``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kit.settings import ROOT
from services.understanding.meanings import Meaning
from services.understanding.phrases import one_of

_FOLDER = ROOT / "templates" / "meanings"

_Found = re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """When a clause means something: it says one of its phrases, and nothing that speaks against it."""

    name: str
    means: Meaning
    says: _Found
    whole: _Found
    """Phrases that mean it where they are all that is said."""
    unless: _Found
    questions: bool
    """It holds in a question too."""
    needs_date: bool
    weak: bool
    """A dispute that counts only where nobody says to be the wrong person."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A language. Of some only the words of out-of-office mails are known: they have no ``rules``."""

    language: str
    rules: tuple[Rule, ...]
    asks: _Found
    """Begins a question."""
    requests: _Found
    """Asks for something without a question mark."""
    joins: _Found
    """Begins a clause of its own in a sentence."""
    part: _Found
    """Says that it is about a part of the sum, unless ``rest`` says that it is the part that was left."""
    rest: _Found
    pleasantries: _Found
    closings: _Found
    quotes: _Found
    fine_print: _Found
    abbreviations: frozenset[str]
    persons: _Found
    references: _Found
    dates: Mapping[str, Any]
    away: Mapping[str, Any]


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a rulebook, English first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return tuple(sorted(found, key=lambda one: one != "en"))


@cache
def common_words(language: str) -> frozenset[str]:
    """The words by which a text of this language is known."""
    return frozenset(_told(language)["common"].split())


def has_rules(language: str) -> bool:
    """Whether replies are understood in it; of the others only out-of-office mails are known."""
    return "rule" in _told(language)


@cache
def _told(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def rulebook(language: str) -> Rulebook:
    """The rules of a language that ``languages`` names; put together once, as that takes a moment."""
    told = _told(language)
    words: dict[str, str] = told.get("words", {})
    shared: dict[str, list[str]] = told.get("shared", {})

    def found(phrases: Iterable[str]) -> _Found:
        return one_of(_named(phrases, shared), words)

    def phrases(name: str) -> _Found:
        return found(told.get(name, ()))

    return Rulebook(
        language=language,
        rules=tuple(_rule(one, found) for one in told.get("rule", ())),
        asks=phrases("asks"),
        requests=phrases("requests"),
        joins=phrases("joins"),
        part=phrases("part"),
        rest=phrases("rest"),
        pleasantries=phrases("pleasantries"),
        closings=phrases("closings"),
        quotes=phrases("quotes"),
        fine_print=phrases("fine_print"),
        abbreviations=frozenset(told.get("abbreviations", "").split()),
        persons=phrases("persons"),
        references=phrases("references"),
        dates=told.get("dates", {}),
        away=told.get("away", {}),
    )


def _rule(told: dict[str, Any], found: Callable[[Iterable[str]], _Found]) -> Rule:
    return Rule(
        name=told["name"],
        means=Meaning(told["means"]),
        says=found(told.get("says", ())),
        whole=found(told.get("whole", ())),
        unless=found(told.get("unless", ())),
        questions=told.get("questions", False),
        needs_date=told.get("needs_date", False),
        weak=told.get("weak", False),
    )


def _named(phrases: Iterable[str], shared: Mapping[str, list[str]]) -> list[str]:
    """The phrases, those of a shared list (``@not``) in its place."""
    found: list[str] = []
    for one in phrases:
        found.extend(_named(shared[one[1:]], shared) if one.startswith("@") else [one])
    return found
