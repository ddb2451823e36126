"""Every text that is marked has a translation that fits, and no page that is ready has words that are not marked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from kit import wording
from tests.texts.extract import TEMPLATES, catalogues, texts
from tests.texts.unmarked import unmarked

OTHERS = sorted(set(wording.LANGUAGES) - {wording.ENGLISH})
_VALUE = re.compile(r"%\(\w+\)s|\{\w*\}")
_TAG = re.compile(r"<[^>]+>")
_RUN = "run `make texts`, and translate what it says is missing"


@cache
def _there() -> dict[str, Catalog]:
    return catalogues(list(texts()))


@cache
def _translated(language: str) -> dict[str, Catalog]:
    found = {}
    for path in sorted((wording.FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            found[path.stem] = read_po(file, language, abort_invalid=True)
    return found


def _strings(text: str | Iterable[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_in_the_files_of_a_language_and_translated(language: str) -> None:
    translated = _translated(language)
    missing = []
    for part, catalogue in _there().items():
        for text in catalogue:
            if text.id:
                found = translated[part].get(text.id, text.context) if part in translated else None
                if found is None or found.fuzzy or not all(_strings(found.string)):
                    missing.append(f"{part}: {text.id!r}")
    assert not missing, f"{len(missing)} of {language}; {_RUN}:\n" + "\n".join(missing[:40])


@pytest.mark.parametrize("language", OTHERS)
def test_no_file_of_a_language_has_texts_that_are_gone(language: str) -> None:
    there = _there()
    for part, catalogue in _translated(language).items():
        assert part in there, f"{part}.po: {_RUN}"
        gone = [text.id for text in catalogue if text.id and there[part].get(text.id, text.context) is None]
        assert not gone, f"{part}.po: {_RUN}: {gone}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_and_the_markup_of_its_text(language: str) -> None:
    for part, catalogue in _translated(language).items():
        for text in (text for text in catalogue if text.id):
            english, others = _strings(text.id), _strings(text.string)
            for marks in (_VALUE, _TAG):
                wanted = {mark for one in english for mark in marks.findall(one)}
                for other in others:
                    has = marks.findall(other)
                    assert set(has) == wanted, f"{part}: {other!r} has {has}, and its text has {wanted}"
            if len(english) == 1:
                assert sorted(_TAG.findall(others[0])) == sorted(_TAG.findall(english[0])), (
                    f"{part}: {others[0]!r}"
                )


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_can_be_filled_with_values(language: str) -> None:
    class Anything(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "value"

    for part, catalogue in _translated(language).items():
        for text in (text for text in catalogue if text.id):
            if any("%(" in one for one in _strings(text.id)):
                for other in _strings(text.string):
                    assert "value" in other % Anything(), part


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_text_is_translated_the_same_everywhere(language: str) -> None:
    found = defaultdict(set)
    for catalogue in _translated(language).values():
        for text in catalogue:
            if text.id:
                found[(str(text.id), text.context)].add(str(text.string))
    several = {text: translations for text, translations in found.items() if len(translations) > 1}
    assert not several


def test_no_page_has_words_that_nobody_could_translate() -> None:
    found = {
        str(template.relative_to(TEMPLATES)): words
        for template in sorted(TEMPLATES.rglob("*.html"))
        if (words := unmarked(template))
    }
    assert not found, "\n".join(f"{page}: {one}" for page, words in found.items() for one in words)
