"""What a digest is made of before it has a look: sections with rows, and where each leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One number with its words. ``path``: where it leads, if not where its section does."""

    words: str
    value: str
    note: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Numbers of a kind. ``as_of``: of which days, or of which moment, they are; ``path``: the page that has them all."""

    title: str
    as_of: str
    path: str
    rows: Sequence[Row]
    shares: Sequence[int] = ()
    """Per cent of parts that belong together, for a bar; empty: there is none."""
    spelled_out: bool = False
    """Each row has a page of its own, so that plain text has the address of each."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A whole digest in the language of its reader."""

    subject: str
    greeting: str
    title: str
    as_of: str
    sections: Sequence[Section]
    why: str
    """Why the reader gets this."""
    end: str
    """The words of the link that ends it."""
