"""Long reports as PDF: parts under headings, one after the other, on numbered A4 pages, with text that can be selected.

Lines are broken and set here one by one as they come: a report of any length takes no more memory than its pages, and
a tenth of the time that paragraphs with markup take, which nothing here has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from tempfile import TemporaryFile
from typing import IO, Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from kit.pdf import BOLD, REGULAR, printable

_WIDTH, _HEIGHT = A4
_SIDE, _TOP, _BOTTOM = 20 * mm, 18 * mm, 20 * mm
_TOGETHER = 30 * mm
"""A heading comes at least so far above the foot of its page."""
_GREY = colors.HexColor("#555555")


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    leading: float
    font: str = REGULAR
    colour: colors.Color = colors.black
    indent: float = 0
    before: float = 0


_TITLE = _Style(15, 22, BOLD)
_HEADING = _Style(10.5, 14, BOLD, before=12)
_SMALL = _Style(8.5, 11.5, colour=_GREY)
_BODY = _Style(9.5, 13, indent=8)


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, lines of small facts below it, a text, and small facts behind it."""

    heading: str
    facts: Sequence[str] = ()
    text: str = ""
    facts_behind: Sequence[str] = ()


def report_pdf(title: str, about: Sequence[str], parts: Iterable[Part], footer: str) -> IO[bytes]:
    """The report as an open temporary file, at its beginning. Signs that the type lacks become an ellipsis."""
    file = TemporaryFile()  # noqa: SIM115 - whoever gets it reads it to its end
    pages = _Pages(Canvas(file, pagesize=A4, pageCompression=1), printable(footer))
    pages.canvas.setTitle(printable(title))
    pages.put([title], _TITLE)
    pages.put(about, _SMALL)
    for part in parts:
        pages.keep(_TOGETHER)
        pages.put([part.heading], _HEADING)
        pages.put(part.facts, _SMALL)
        pages.put(part.text.splitlines(), _BODY)
        pages.put(part.facts_behind, _SMALL)
    pages.end()
    file.seek(0)
    return file


class _Pages:
    """The pages as they fill, from above."""

    def __init__(self, canvas: Canvas, footer: str) -> None:
        self.canvas = canvas
        self._footer = footer
        self._at = _HEIGHT - _TOP

    def put(self, lines: Iterable[str], style: _Style) -> None:
        """Set these lines, broken where they are too long."""
        room = _WIDTH - 2 * _SIDE - style.indent
        self._at -= style.before
        for words in lines:
            for line in _broken(printable(words), style, room):
                self.keep(style.leading)
                self._at -= style.leading
                if line:
                    self.canvas.setFont(style.font, style.size)
                    self.canvas.setFillColor(style.colour)
                    self.canvas.drawString(_SIDE + style.indent, self._at, line)

    def keep(self, room: float) -> None:
        """Turn the page if there is less room on it."""
        if self._at - room < _BOTTOM:
            self._foot()
            self.canvas.showPage()
            self._at = _HEIGHT - _TOP

    def end(self) -> None:
        """The last page, and the file."""
        self._foot()
        self.canvas.save()

    def _foot(self) -> None:
        self.canvas.setFont(REGULAR, 7.5)
        self.canvas.setFillColor(_GREY)
        self.canvas.drawString(_SIDE, 11 * mm, self._footer)
        self.canvas.drawRightString(_WIDTH - _SIDE, 11 * mm, f"Page {self.canvas.getPageNumber()}")


def _broken(words: str, style: _Style, room: float) -> Iterator[str]:
    """The line in pieces that fit, broken between words, and within one that is longer than a line."""
    most, width = room / style.size * 1000, _width_of(style.font)
    space = width(" ")
    line, filled = "", 0.0
    for word in words.split(" "):
        wide = sum(map(width, word))
        if line and filled + space + wide > most:
            yield line
            line, filled = "", 0.0
        while wide > most:
            fits = _fitting(word, most, style.font)
            yield word[:fits]
            word = word[fits:]
            wide = sum(map(width, word))
        line, filled = (f"{line} {word}", filled + space + wide) if line else (word, wide)
    yield line


def _fitting(word: str, most: float, font: str) -> int:
    """How many signs of a long word fit into a line."""
    width, filled = _width_of(font), 0.0
    for count, sign in enumerate(word):
        filled += width(sign)
        if filled > most:
            return max(count, 1)
    return len(word)


class _Widths(dict[str, float]):
    """The widths of signs in thousandths of their size, looked up once each."""

    def __init__(self, font: str) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, sign: str) -> float:
        width: float = pdfmetrics.stringWidth(sign, self._font, 1000)
        self[sign] = width
        return width


@cache
def _width_of(font: str) -> Any:
    return _Widths(font).__getitem__
