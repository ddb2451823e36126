"""Renders texts that people wrote, in a small and safe part of Liquid.

What is left out is left out on purpose: nothing that reads a file, a clock or another template, and nothing
that makes much of little. Values are plain strings, numbers and lists. A field that is unknown or empty stops
the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from liquid import Environment
from liquid.exceptions import LiquidError, LiquidTypeError, LoopIterationLimitError, OutputStreamLimitError
from liquid.template import BoundTemplate
from liquid.undefined import FalsyStrictUndefined, StrictUndefined

from kit.errors import UserError
from kit.wording import _, grouped

LONGEST_TEXT = 20_000
"""Characters of a text as it is written; a letter has one or two thousand."""
_LONGEST_TAG = 1_000
_LONGEST_RESULT = 50_000
_MOST_TURNS = 1_000
"""Of all loops of a text together. Both are limits for a letter about few invoices, and grow with what it is given."""
_SAID_AGAIN = 4
"""A text may say all that it is given so many times: the list of its invoices, the working of their interest."""
_BRACES = re.compile(r"\{\{|\{%|\}\}|%\}")

_TAGS = frozenset({"if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment", "#"})
_OF_THE_PARSER = frozenset({"content", "output", "illegal"})
_CASES = frozenset({"upcase", "downcase", "capitalize"})
_FILTERS = _CASES | {"default", "strip", "append", "prepend", "truncate", "size", "first", "last"}
_FAILURES = (
    LiquidError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the engine may come to over a stranger's text. The text is at fault, so only the text stops."""


class Unknown(StrictUndefined):
    """A field that does not exist: it may not even be asked for."""

    def __init__(self, name: str, **details: object) -> None:
        super().__init__(name, token=None)
        path = str(details.get("hint") or name).removesuffix(" is undefined").strip("'")
        self.msg = f"the field '{path}' does not exist"


class Empty(FalsyStrictUndefined):
    """A field without a value: it may be asked for (``if``) and replaced (``default``), but not printed."""

    force_liquid_default = True

    def __init__(self, name: str) -> None:
        super().__init__(name, token=None)
        self.msg = f"the field '{name}' may be without a value; ask for it with if, or add | default"


class Row(dict[str, str | int]):
    """One entry of a list. It cannot be printed as a whole, only field by field."""

    def __str__(self) -> str:
        raise LiquidTypeError("a whole entry of a list cannot be printed, name one of its fields", token=None)


class _Small(Environment):
    """Liquid with limits, and with the tags and filters that letters need."""

    block_nesting_limit = 10
    context_depth_limit = 10
    local_namespace_limit = 5_000

    def __init__(self, size: int) -> None:
        super().__init__(undefined=Unknown)
        self.loop_iteration_limit = _MOST_TURNS * size  # type: ignore[misc]
        self.output_stream_limit = _LONGEST_RESULT * size  # type: ignore[misc]

    def setup_tags_and_filters(self, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: tag for name, tag in self.tags.items() if name in _TAGS | _OF_THE_PARSER}
        self.filters = {name: call for name, call in self.filters.items() if name in _FILTERS}


_engine = cache(_Small)
"""The engine for values of a size, a power of two: 1 for all but the longest lists."""
_CLOCK_WORDS: Mapping[str, object] = {"now": Unknown("now"), "today": Unknown("today")}
"""The engine would answer these with the machine's time."""


def render(text: str, fields: Mapping[str, object], what: str = "text") -> str:
    """The text with its fields filled in; ``UserError`` names what cannot be filled in or is wrong, and in ``what``."""
    try:
        return _parsed(text, what, _size_of(fields)).render({**_CLOCK_WORDS, **fields})
    except _FAILURES as error:
        raise UserError(
            _("The %(what)s cannot be used: %(explain)s.", what=what, explain=_explain(error))
        ) from error


def _size_of(fields: Mapping[str, object]) -> int:
    """So many times the usual limits are needed for these values, rounded up to a power of two."""
    entries = length = 0
    for value in fields.values():
        rows = value if isinstance(value, list) else []
        entries += len(rows)
        length += sum(len(str(part)) for row in rows for part in row.values())
        length += len(value) if isinstance(value, str) else 0
    needed = _SAID_AGAIN * max(entries / _MOST_TURNS, length / _LONGEST_RESULT)
    return 1 << math.ceil(math.log2(max(needed, 1)))


@lru_cache(maxsize=256)
def _parsed(text: str, what: str, size: int) -> BoundTemplate:
    if len(text) > LONGEST_TEXT:
        raise UserError(
            _(
                "The %(what)s is too long: at most %(longest_text)s characters can be used.",
                what=what,
                longest_text=grouped(LONGEST_TEXT),
            )
        )
    _check_braces(text, what)
    return _engine(size).from_string(text)


def _check_braces(text: str, what: str) -> None:
    """Every field and tag is short, and closed before the next begins: over others the engine takes minutes."""
    opened: re.Match[str] | None = None
    for brace in _BRACES.finditer(text):
        if brace[0] in {"{{", "{%"}:
            if opened:
                break
            opened = brace
        elif opened and (brace[0] == "}}") == (opened[0] == "{{"):
            if brace.end() - opened.start() > _LONGEST_TAG:
                break
            opened = None
    if opened:
        line = text.count("\n", 0, opened.start()) + 1
        raise UserError(
            _(
                "The %(what)s cannot be used: '%(opened)s' is not closed, or much later (line %(line)s).",
                what=what,
                opened=opened[0],
                line=line,
            )
        )


def _explain(error: BaseException) -> str:
    if not isinstance(error, LiquidError):
        return "it is built in a way that cannot be followed"
    if isinstance(error, OutputStreamLimitError):
        return "it comes out far longer than what it has to say; look for a part that is repeated too often"
    if isinstance(error, LoopIterationLimitError):
        return "it goes through its lists too often; look for a loop inside another"
    context = error.context()
    words = " ".join(str(error.message).split())[:200].rstrip(".")
    return f"{words} (line {context[0]})" if context else words
