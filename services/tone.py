"""The tone meter: words in a text that threaten, blame or push. It points them out; what to write is the writer's to decide."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kit.settings import ROOT
from services.mail_facts import TemplateText

_FOLDER = ROOT / "templates" / "tone"
_LIQUID = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")


@dataclass(frozen=True, slots=True)
class Hint:
    """Words to think about. ``place``: subject or body; ``line`` counts from 1."""

    place: str
    line: int
    words: str
    why: str


def hints(text: TemplateText, language: str) -> list[Hint]:
    """What to think about in a text of this language (ISO 639), in the order of reading."""
    return [*_hints("subject", text.subject, language), *_hints("body", text.body, language)]


def _hints(place: str, text: str, language: str) -> Iterator[Hint]:
    said = _LIQUID.sub(_blanked, text)
    found = sorted(
        (match.start(), match[0], why) for why, words in _words(language) for match in words.finditer(said)
    )
    for start, words, why in found:
        yield Hint(place, said.count("\n", 0, start) + 1, " ".join(words.split()), why)


def _blanked(field: re.Match[str]) -> str:
    """What is not said to the reader, with its line breaks, so that lines still count."""
    return re.sub(r"[^\n]", " ", field[0])


@cache
def _words(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    told = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return tuple((one["why"], _pattern(one["words"])) for one in told.values())


def _pattern(words: list[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(_one, longest_first)), re.IGNORECASE)


def _one(words: str) -> str:
    if not words[0].isalpha():
        return re.escape(words)
    inner = r"\s+".join(re.escape(word) for word in words.rstrip("*").split())
    return rf"\b{inner}" + (r"\w*" if words.endswith("*") else r"\b")
