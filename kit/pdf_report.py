"""Long reports as PDF: parts under headings, one after the other, on numbered A4 pages, with text that can be selected.

Parts are set one at a time as they come, so that a report of any length takes no more memory than its pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, Paragraph, Spacer

from kit.pdf import BOLD, REGULAR, printable

_WIDTH, _HEIGHT = A4
_SIDE, _TOP, _BOTTOM = 20 * mm, 18 * mm, 20 * mm
_GREY = colors.HexColor("#555555")
_LONGEST_LINE = 5_000
"""Characters that are set as one paragraph; a longer line becomes several."""

_TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9.5, leading=13)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName=BOLD, fontSize=15, leading=20, spaceAfter=6)
_HEADING = ParagraphStyle(
    "heading", parent=_TEXT, fontName=BOLD, fontSize=10.5, leading=14, spaceBefore=10, keepWithNext=1
)
_SMALL = ParagraphStyle("small", parent=_TEXT, fontSize=8.5, leading=11.5, textColor=_GREY)
_BODY = ParagraphStyle("body", parent=_TEXT, leftIndent=8)


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, lines of small facts below it, and a text."""

    heading: str
    facts: Sequence[str] = ()
    text: str = ""
    facts_behind: Sequence[str] = ()


def report_pdf(title: str, about: Sequence[str], parts: Iterable[Part], footer: str) -> IO[bytes]:
    """The report as an open temporary file, at its beginning. Words are never taken for markup."""
    file = TemporaryFile()  # noqa: SIM115 - whoever gets it reads it to its end
    pages = _Pages(Canvas(file, pagesize=A4, pageCompression=1), printable(footer))
    pages.canvas.setTitle(printable(title))
    pages.put([Paragraph(_safe(title), _TITLE), *(Paragraph(_safe(line), _SMALL) for line in about)])
    for part in parts:
        pages.put(_set(part))
    pages.end()
    file.seek(0)
    return file


def _set(part: Part) -> list[Flowable]:
    found: list[Flowable] = [Paragraph(_safe(part.heading), _HEADING)]
    found += [Paragraph(_safe(fact), _SMALL) for fact in part.facts]
    for line in part.text.splitlines():
        pieces = [line[at : at + _LONGEST_LINE] for at in range(0, len(line), _LONGEST_LINE)]
        found += [Paragraph(_safe(piece), _BODY) for piece in pieces] or [Spacer(1, 6)]
    return found + [Paragraph(_safe(fact), _SMALL) for fact in part.facts_behind]


class _Pages:
    """The pages as they fill."""

    def __init__(self, canvas: Canvas, footer: str) -> None:
        self.canvas = canvas
        self._footer = footer
        self._frame = self._begin()

    def put(self, flowables: list[Flowable]) -> None:
        """Set these below what is there; a heading never stands alone at the foot of a page."""
        if self._left() < 30 * mm and flowables:
            self._turn()
        while flowables:
            self._frame.addFromList(flowables, self.canvas)
            if flowables:
                self._turn()

    def end(self) -> None:
        self._foot()
        self.canvas.save()

    def _begin(self) -> Frame:
        return Frame(_SIDE, _BOTTOM, _WIDTH - 2 * _SIDE, _HEIGHT - _TOP - _BOTTOM, 0, 0, 0, 0)

    def _left(self) -> float:
        left: float = self._frame._y - self._frame._y1p  # noqa: SLF001 - a frame tells nobody how much room it has
        return left

    def _turn(self) -> None:
        self._foot()
        self.canvas.showPage()
        self._frame = self._begin()

    def _foot(self) -> None:
        self.canvas.setFont(REGULAR, 7.5)
        self.canvas.setFillColor(_GREY)
        self.canvas.drawString(_SIDE, 11 * mm, self._footer)
        self.canvas.drawRightString(_WIDTH - _SIDE, 11 * mm, f"Page {self.canvas.getPageNumber()}")


def _safe(words: str) -> str:
    return escape(printable(words))
