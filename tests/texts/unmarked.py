"""Words in page templates that nobody could translate: they stand in the page itself, and not in a text that is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, nodes

_ENV: Final = Environment(
    extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True
)
_READ_ALOUD: Final = frozenset({"alt", "aria-description", "aria-label", "placeholder", "title"})
_MARKS: Final = frozenset({"_", "gettext", "ngettext", "pgettext"})
_NAMES: Final = re.compile(
    r"\b(Dunnock|Xero|SendGrid|Twilio|Stripe|GoCardless|GitHub|Microsoft|Google|Outlook|Gmail|HubDoc"
    r"|API|CSV|PDF|JSON|XLSX|ZIP|HTML|IMAP|SMTP|TXT|CNAME|DKIM|SPF|DMARC|MX|DNS|URL|ID|GBP|EUR|USD|UTC|IBAN|BIC|VAT|INV|OK|Esc|Enter)\b"
)
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_TRANS: Final = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}", re.DOTALL)
_JINJA: Final = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_SENTENCE: Final = re.compile(r"^(?![A-Z]\d)[A-Z“].*[a-z]", re.DOTALL)
_CODE: Final = frozenset({"code", "kbd", "script", "style", "pre"})


def unmarked(template: Path) -> list[str]:
    """What is to be marked yet, each with its line where that is known."""
    source = template.read_text(encoding="utf-8")
    reader = _Reader()
    reader.feed(_JINJA.sub(_blank, _TRANS.sub(_blank, source)))
    reader.close()
    return [*reader.found, *_in_expressions(source)]


def _blank(found: re.Match[str]) -> str:
    """As many lines, and nothing in them; an attribute keeps that something was there."""
    return "\n" * found.group().count("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        for name, value in attrs:
            if value and (name in _READ_ALOUD or _is_shown(name, value)):
                self._look_at(value)

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not _CODE & set(self._open):
            self._look_at(data)

    def _look_at(self, text: str) -> None:
        if _WORDS.search(_NAMES.sub("", text)):
            self.found.append(f"line {self.getpos()[0]}: {' '.join(text.split())[:80]}")


def _is_shown(name: str, value: str) -> bool:
    """A cell’s label on small screens, and sentences that a script says; other such attributes are for machines."""
    return name == "data-label" or (
        name.startswith("data-") and " " in value and _SENTENCE.match(value) is not None
    )


def _in_expressions(source: str) -> Iterator[str]:
    """Words in expressions: ``{{ "Yes" if … }}``, arguments of macros, and what is put together in English."""
    tree = _ENV.parse(source)
    said: set[int] = set()
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in _MARKS:
            said |= {id(one) for one in call.find_all(nodes.Const)}
    for compared in tree.find_all((nodes.Compare, nodes.Test)):
        said |= {id(one) for one in compared.find_all(nodes.Const)}
    said |= {id(pair.key) for pair in tree.find_all(nodes.Pair)}
    for one in tree.find_all(nodes.Const):
        value: Any = one.value
        if isinstance(value, str) and id(one) not in said and _SENTENCE.match(_NAMES.sub("", value).strip()):
            yield f"line {one.lineno}: {value[:80]!r} in an expression"
    for used in tree.find_all(nodes.Filter):
        if used.name == "plural":
            yield f"line {used.lineno}: the filter “plural” knows English alone; use ngettext"
