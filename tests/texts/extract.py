"""Which texts there are to be translated: those of the page templates folder by folder, and those of the code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file

from kit.settings import ROOT
from tests.texts.rules import RULES, kept_sentences, sentences
from tests.texts.tables import TABLES, words_in_tables

TEMPLATES: Final = ROOT / "templates" / "pages"
WORD_FILES: Final = {
    "templates/fields.toml": ("title", "fields"),
    "templates/tone/*.toml": ("why",),
    "templates/languages/*.toml": ("name",),
    "templates/meanings/*.toml": ("name",),
    "law/*.toml": ("title", "notes", "unverified", "says"),
    "law/rates/*.toml": ("name", "unverified"),
}
"""Files of words that pages show beside their own, each with the keys that hold some; their texts are with the services."""
CODE: Final = ("credit_control", "integration", "kit", "services", "store", "web")
LOOSE: Final = "pages"
"""The file of templates that are in no folder."""
_JINJA: Final = {
    "newstyle_gettext": "true",
    "trimmed": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
_KEYWORDS: Final[dict[str, Any]] = {**DEFAULT_KEYWORDS, "later": None, "proven": None}


@dataclass(frozen=True, slots=True)
class Text:
    """One text, where it stands, and in which file of a language it belongs."""

    part: str
    """pages-queue, services, …"""
    at: str
    """The file it is in, from the root of the repository."""
    id: str | tuple[str, ...]
    """The English text; of one that depends on a number, both."""
    about: str | None


def texts() -> Iterator[Text]:
    """Every text that is marked, in the order of the files."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield from _of(path, part_of(path), "jinja2.ext:babel_extract", _JINJA)
    yield from _of_words()
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from _of(path, folder, "python", {})


def _of_words() -> Iterator[Text]:
    for pattern, keys in WORD_FILES.items():
        for path in sorted(ROOT.glob(pattern)):
            for words in _under(tomllib.loads(path.read_text(encoding="utf-8")), keys):
                yield Text("services", str(path.relative_to(ROOT)), words, None)


def _under(value: Any, keys: tuple[str, ...], wanted: bool = False) -> Iterator[str]:
    """Every word under one of these keys, however deep."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _under(one, keys, wanted or key in keys)
    elif isinstance(value, list):
        for one in value:
            yield from _under(one, keys, wanted)
    elif wanted and isinstance(value, str):
        yield value


def part_of(template: Path) -> str:
    """The file of a language in which a template's texts are: one for each folder, so that several people work at once."""
    where = template.relative_to(TEMPLATES).parent
    return f"{LOOSE}-{where.as_posix().replace('/', '-')}" if where.parts else LOOSE


def catalogues(found: list[Text]) -> dict[str, Catalog]:
    """The texts by part, each once in a part, with the files in which it stands."""
    parts: dict[str, Catalog] = {}
    for text in found:
        parts.setdefault(text.part, Catalog()).add(text.id, locations=[(text.at, 0)], context=text.about)
    return parts


def _of(path: Path, part: str, method: str, options: dict[str, str]) -> Iterator[Text]:
    where = str(path.relative_to(ROOT))
    for sentence in sentences(path) if where in RULES else ():
        yield Text(part, where, sentence, None)
    for sentence in kept_sentences(path) if path.suffix == ".py" else ():
        yield Text(part, where, sentence, None)
    for words in words_in_tables(path) if where in TABLES else ():
        yield Text(part, where, words, None)
    found = extract_from_file(method, path, keywords=_KEYWORDS, options=options, strip_comment_tags=False)
    kept = list(kept_sentences(path)) if path.suffix == ".py" else []
    for _line, message, _comments, about in found:
        if message and not (
            isinstance(message, str) and message.startswith(" ") and any(message in one for one in kept)
        ):
            yield Text(part, where, message, about)
