"""The words of an HTML mail, line by line as they are seen, earlier mails marked as quotations."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import nh3

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "ul", "ol", "table", "blockquote", "pre", "hr"})
_LINES = frozenset({"br", "div", "tr", "li"})
_CELLS = frozenset({"td", "th"})
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
_PRE = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_MOST_SIGNS = 5
"""A mail that is quoted more often than this within itself is marked no deeper."""


def words_of(markup: str) -> str:
    """The text that a reader of this HTML sees: a line for each of its lines, ``> `` before those that it quotes.

    An earlier mail stands in a ``blockquote``; without the signs, its words would pass for the writer's own. Styles,
    scripts and comments are left out.
    """
    shown: list[str] = []
    for depth, line in _lines(markup):
        if line:
            shown.append("> " * min(depth, _MOST_SIGNS) + line)
        elif shown and shown[-1]:
            shown.append("")
    return "\n".join(shown).strip()


def _lines(markup: str) -> Iterator[tuple[int, str]]:
    """Each line with how deep it is quoted; an empty one where a paragraph ends."""
    tags = set(_PARAGRAPHS | _LINES | _CELLS)
    known = _PRE.sub(
        lambda found: found[0].replace("\n", "<br>"), nh3.clean(markup, tags=tags, attributes={})
    )
    known = " ".join(known.split())
    line, depth, start = "", 0, 0
    for tag in _TAG.finditer(known):
        line += known[start : tag.start()]
        start, name = tag.end(), tag[2]
        if name in _CELLS:
            line += " "
            continue
        said = _said(line)
        if said or name == "br":
            yield depth, said
        if name in _PARAGRAPHS:
            yield depth, ""
        if name == "blockquote":
            depth += -1 if tag[1] else 1
        line = ""
    yield depth, _said(line + known[start:])


def _said(words: str) -> str:
    return " ".join(html.unescape(words).split())
