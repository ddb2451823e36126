"""The language of the moment: set once for a whole request, and English wherever nobody has set one.

English is what stands in the code. The other languages are files of ``translations``, one folder each, which are read when
somebody first needs them: nothing is compiled, and no file is made from another (docs/translating.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from kit.settings import ROOT

FOLDER: Final = ROOT / "translations"
ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "de": "Deutsch"}
"""Every language in which the pages can be read (ISO 639), by its own name."""
_ANOTHER: Final = next(one for one in LANGUAGES if one != ENGLISH)
"""The files of any other language say what there is in English."""
_LOCALES: Final = {ENGLISH: "en_GB"}
"""How dates and numbers are written, where that is not the language alone."""

_PLACE: Final = re.compile(r"\{\w*\}")
_NAMED: Final = re.compile(r"%\(\w+\)s")
_OF_PAGES: Final = ("pages", "web")
"""Files whose sentences are said on pages alone, so that none is ever kept."""
_WRITE: Final[dict[type, Callable[[Any], object]]] = {}
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
_on_pages: ContextVar[bool] = ContextVar("on pages", default=False)


def language() -> str:
    """The language of the moment, a key of ``LANGUAGES``."""
    return _language.get()


def on_pages() -> bool:
    """Whether somebody reads at once what is said just now; else it is kept, or answered to a program."""
    return _on_pages.get()


def locale() -> str:
    """How dates, numbers and amounts are written just now: ``en_GB``, a name that Babel knows."""
    return _LOCALES.get(_language.get(), _language.get())


def tag() -> str:
    """The language as pages name it to browsers and readers aloud: ``en-GB``."""
    return locale().replace("_", "-")


@contextmanager
def worded_in(wanted: str, *, on_pages: bool = False) -> Iterator[None]:
    """Everything within the block is said in this language; one that we do not have is English.

    ``on_pages``: somebody reads it at once, so that English, too, has its values written as pages write them.
    """
    before = _language.set(wanted if wanted in LANGUAGES else ENGLISH)
    read_before = _on_pages.set(on_pages)
    try:
        yield
    finally:
        _on_pages.reset(read_before)
        _language.reset(before)


def gettext(text: str | Later, /, **values: object) -> str:
    """A text of ours in the language of the moment; ``%(name)s`` in it is the value of that name, ``%%`` a percent sign."""
    return _filled(said(text), values)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """A text that depends on a number, which is ``%(count)s`` in it, written as the language writes numbers."""
    return said_of(one, many, number) % {**_written(values), "count": whole_number(number, locale())}


def pgettext(about: str, text: str, /, **values: object) -> str:
    """A text that is short enough to mean several things; ``about`` says which, and nobody but translators reads it."""
    return _filled(said(text, about), values)


def said(text: str | Later, about: str | None = None) -> str:
    """A text in the language of the moment, with its values still to come."""
    if isinstance(text, Later):
        return str(text)
    if not text:  # which is where these files keep what they say of themselves
        return text
    found = _catalogue(_language.get())
    return found.gettext(text) if about is None else found.pgettext(about, text)


def said_of(one: str, many: str, number: int) -> str:
    """The text for a number, with the number and other values still to come."""
    return _catalogue(_language.get()).ngettext(one, many, number)


def N_(text: str) -> str:  # noqa: N802  # the name by which every tool knows such texts
    """A text in a table, which is read before there is a language: marked here, and said by ``_`` where it is shown."""
    return text


class Later:
    """A text of a form, which is made before there is a language, and said whenever it is written out."""

    def __init__(self, text: str, numbers: Mapping[str, int]) -> None:
        self.text, self.numbers = text, numbers

    def __str__(self) -> str:
        return gettext(self.text, **{name: grouped(number) for name, number in self.numbers.items()})

    def __mod__(self, _offered: object) -> str:
        """A form puts values of its own into what it says; ours are there already."""
        return str(self)


def later(text: str, **numbers: int) -> Any:
    """The text as something that is said when it is written out. What takes it has no types, so neither has this."""
    return Later(text, numbers)


def grouped(value: int | Decimal) -> str:
    """``12,345``, as the language of the moment writes it."""
    return whole_number(value, locale())


_ = gettext
"""So that a sentence in the code reads as a sentence."""


def _filled(text: str, values: dict[str, object]) -> str:
    """Without values nothing but ``%%`` is looked for, so that whatever somebody has typed can be given."""
    return text % _written(values) if values else text.replace("%%", "%")


def write_as(kind: type, write: Callable[[Any], str]) -> None:
    """Have values of this kind written so on pages and in other languages than English, in which they write themselves."""
    _WRITE[kind] = write


def _written(values: Mapping[str, object]) -> dict[str, object]:
    if _language.get() == ENGLISH and not _on_pages.get():
        return dict(values)
    return {name: _WRITE.get(type(value), _same)(value) for name, value in values.items()}


def _same(value: object) -> object:
    return value


@lru_cache(maxsize=4096)
def whole_number(value: int | Decimal, in_locale: str) -> str:
    """``12,345``"""
    return format_decimal(value, locale=in_locale)


@cache
def _catalogue(wanted: str) -> NullTranslations:
    """A language as gettext looks things up in it."""
    if wanted == ENGLISH:
        return NullTranslations()
    made = BytesIO()
    write_mo(made, _texts(wanted))
    made.seek(0)
    return GNUTranslations(made)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text of ours with values in it, ``{0}`` as rules say theirs, or ``%(name)s``; ``many`` where a number changes it."""

    text: str
    many: str | None = None


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every text of ours, in English, that has values in it and may have been kept with them."""
    found = [
        _pattern(message)
        for part, message in _messages(_ANOTHER)
        if _has_values(message, _PLACE) or (not part.startswith(_OF_PAGES) and _has_values(message, _NAMED))
    ]
    return tuple(dict.fromkeys(found))


def is_known(text: str) -> bool:
    """Whether it is a text of ours, in English."""
    return text in _ids()


@cache
def _ids() -> frozenset[str]:
    return frozenset(_pattern(message).text for _, message in _messages(_ANOTHER))


def _pattern(message: Message) -> Pattern:
    return Pattern(message.id) if isinstance(message.id, str) else Pattern(*message.id)


def _has_values(message: Message, shape: re.Pattern[str]) -> bool:
    return shape.search(_pattern(message).text) is not None


@cache
def _texts(wanted: str) -> Catalog:
    """The files of a language as one."""
    whole = Catalog(wanted)
    for _, message in _messages(wanted):
        whole.add(message.id, message.string, context=message.context)
    return whole


@cache
def _messages(wanted: str) -> tuple[tuple[str, Message], ...]:
    """What stands in the files of a language, each with the name of its file; what is marked as doubtful is not used."""
    found = []
    for path in sorted((FOLDER / wanted).glob("*.po")):
        with path.open("rb") as file:
            found += [
                (path.stem, one)
                for one in read_po(file, wanted, abort_invalid=True)
                if one.id and not one.fuzzy
            ]
    return tuple(found)
