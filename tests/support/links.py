"""Follows the links of pages, as somebody would who presses each kind of link of each kind of page once."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_LINK: Final = re.compile(r'<a\b[^>]*\shref="(/[^"#]*)')
_KEY: Final = re.compile(r"[0-9a-f]{32}[0-9a-f_.-]*")


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a visit; ``text`` is empty where it is no page."""

    status: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Dead:
    """A link that leads to an error, and a page on which it stands."""

    status: int
    to: str
    on: str


def follow(
    visit: Callable[[str], Answered], start: str, *, never: Collection[str] = ()
) -> tuple[int, list[Dead]]:
    """How many addresses were asked for from this one on, and the links that led to errors.

    ``never`` is not asked for: beginnings of addresses behind which something else than this product is.
    """
    asked: dict[str, int] = {}
    read: set[str] = set()
    dead: list[Dead] = []
    ways = deque([(start, "")])
    while ways:
        to, on = ways.popleft()
        text = ""
        if to not in asked:
            answered = visit(to)
            asked[to], text = answered.status, answered.text
        if asked[to] >= 400:
            dead.append(Dead(asked[to], to, on))
        elif text and kind_of(to) not in read:
            read.add(kind_of(to))
            ways.extend((link, to) for link in _some_of_each_kind(text) if not link.startswith(tuple(never)))
    return len(asked), dead


def kind_of(address: str) -> str:
    """What an address has in common with those of its kind: all but keys and the values of its parameters."""
    parts = urlsplit(address)
    names = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{_KEY.sub('…', parts.path)}?{' '.join(names)}"


def _some_of_each_kind(text: str) -> list[str]:
    """The first and the last, because rows of one list may lead to different places."""
    found = [unescape(link) for link in _LINK.findall(text)]
    first = {kind_of(link): link for link in reversed(found)}
    last = {kind_of(link): link for link in found}
    return [*first.values(), *(link for link in last.values() if link not in first.values())]
