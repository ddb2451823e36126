"""Letters as PDF: an A4 sheet for a window envelope, set in type that has the letters of most of Europe.

The address stands where the windows of British, German and French long envelopes meet. The same letter gives the
same bytes, so that what was made can be told from what was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer
from reportlab.platypus import Table as Grid
from reportlab.platypus.doctemplate import NextPageTemplate

from kit.pdf_signs import with_gaps, with_signs_of
from kit.settings import ROOT

_FONTS = ROOT / "templates" / "fonts"
REGULAR, BOLD = _REGULAR, _BOLD = "Liberation Sans", "Liberation Sans Bold"
_WIDTH, _HEIGHT = A4
_LEFT, _RIGHT, _BOTTOM = 25 * mm, 20 * mm, 20 * mm
_WINDOW_TOP, _BODY_TOP, _LATER_TOP = 60 * mm, 98.5 * mm, 25 * mm
"""From the upper edge: the first line of the address, of the letter itself, and of later pages."""
_SHEET_TOP = 35 * mm
"""Where a sheet begins that is sent to nobody."""
_MOST_ADDRESS_LINES = 6
_LINE = 4.6 * mm
_GREY = colors.HexColor("#555555")

_TEXT = ParagraphStyle("text", fontName=_REGULAR, fontSize=10.5, leading=14.5, spaceAfter=8)
_SUBJECT = ParagraphStyle("subject", parent=_TEXT, fontName=_BOLD, spaceAfter=14)
_DATE = ParagraphStyle("date", parent=_TEXT, alignment=TA_RIGHT, spaceAfter=16)
_CELL = ParagraphStyle("cell", parent=_TEXT, fontSize=9.5, leading=12.5, spaceAfter=0)
_AMOUNT = ParagraphStyle("amount", parent=_CELL, alignment=TA_RIGHT)
_HEAD = ParagraphStyle("head", parent=_CELL, fontName=_BOLD)
_HEAD_AMOUNT = ParagraphStyle("head_amount", parent=_HEAD, alignment=TA_RIGHT)


class CannotBeSet(ValueError):
    """A text cannot be printed, or files cannot be put together; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words, with a heading; ``amounts`` are the columns (from 0) that stand to the right."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    amounts: frozenset[int] = frozenset()
    total: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is to be printed. All of it are words; nothing in them is taken for markup."""

    sender: tuple[str, ...]
    """Name and address, as in the letter's head."""
    to: tuple[str, ...]
    """Name and address, as in the window: at most six lines. None at all: a sheet for the house, which begins at its top."""
    date: str
    """In words, with the place if it is to stand there."""
    subject: str
    body: tuple[str | Table, ...] = field(default=())
    """Paragraphs (their line breaks are kept) and tables, in their order."""
    footer: str = ""
    """One small line below each page, such as the company's number."""


def letter_pdf(letter: Letter, *, gaps: bool = False) -> bytes:
    """The letter on as many A4 pages as it needs. ``CannotBeSet`` names what cannot be printed.

    With ``gaps`` an ellipsis stands for letters that the type lacks, and lines of nothing else are left out.
    """
    letter = _settable(letter, gaps=gaps)
    _check(letter)
    out = BytesIO()
    pages = BaseDocTemplate(
        out, pagesize=A4, title=letter.subject, author=next(iter(letter.sender), ""), invariant=1
    )
    top = _BODY_TOP if letter.to else _SHEET_TOP
    pages.addPageTemplates(
        [
            PageTemplate("first", [_frame(top)], onPage=lambda canvas, _: _first(canvas, letter)),
            PageTemplate("later", [_frame(_LATER_TOP)], onPage=lambda canvas, _: _later(canvas, letter)),
        ]
    )
    pages.build([NextPageTemplate("later"), *_story(letter)])
    return out.getvalue()


def joined(parts: Sequence[bytes]) -> bytes:
    """Several PDFs behind each other in one. ``CannotBeSet`` when one of them is none, or is locked."""
    writer = PdfWriter()
    for number, part in enumerate(parts, 1):
        try:
            reader = PdfReader(BytesIO(part))
            if reader.is_encrypted:
                raise CannotBeSet(
                    f"File {number} is locked with a password, so it cannot be put behind the letter."
                )
            for page in reader.pages:
                writer.add_page(page)
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            if isinstance(error, CannotBeSet):
                raise
            raise CannotBeSet(
                f"File {number} is no PDF that can be read, so it cannot be put behind the letter."
            ) from None
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _frame(top: float) -> Frame:
    height = _HEIGHT - top - _BOTTOM
    return Frame(_LEFT, _BOTTOM, _WIDTH - _LEFT - _RIGHT, height, 0, 0, 0, 0)


def _story(letter: Letter) -> list[Flowable]:
    story: list[Flowable] = [Paragraph(_safe(letter.date), _DATE), Paragraph(_safe(letter.subject), _SUBJECT)]
    for part in letter.body:
        if isinstance(part, Table):
            story += [_grid(part), Spacer(1, 10)]
        else:
            story.append(Paragraph(_safe(part), _TEXT))
    return story


def _grid(table: Table) -> Grid:
    rows = [_row(table.heading, table, _HEAD, _HEAD_AMOUNT)]
    rows += [_row(cells, table, _CELL, _AMOUNT) for cells in table.rows]
    style: list[tuple[object, ...]] = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.6, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.HexColor("#bbbbbb")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
    if table.total:
        rows.append(_row(table.total, table, _HEAD, _HEAD_AMOUNT))
        style.append(("LINEABOVE", (0, -1), (-1, -1), 0.6, colors.black))
    return Grid(rows, colWidths=_widths(table), repeatRows=1, style=style)


def _widths(table: Table) -> list[float]:
    """Columns as wide as what stands in them asks for, in the room that there is."""
    lines = [table.heading, *table.rows, *([table.total] if table.total else [])]
    asked = [
        max(pdfmetrics.stringWidth(line[n], _BOLD, 9.5) for line in lines) + 14
        for n in range(len(table.heading))
    ]
    room = _WIDTH - _LEFT - _RIGHT
    if sum(asked) <= room:
        return [*asked[:-1], asked[-1] + room - sum(asked)] if len(asked) - 1 in table.amounts else asked
    return [room * one / sum(asked) for one in asked]


def _row(
    cells: Iterable[str], table: Table, plain: ParagraphStyle, amount: ParagraphStyle
) -> list[Paragraph]:
    return [Paragraph(_safe(cell), amount if n in table.amounts else plain) for n, cell in enumerate(cells)]


def _first(canvas: Canvas, letter: Letter) -> None:
    _footer(canvas, letter)
    _lines(canvas, letter.sender, 20 * mm, 9, x=_WIDTH - _RIGHT, right=True)
    if not letter.to:
        return
    small = " · ".join(letter.sender)
    size = min(7.0, 7.0 * 80 * mm / max(pdfmetrics.stringWidth(small, _REGULAR, 7), 1))
    _lines(canvas, (small,), _WINDOW_TOP - 6 * mm, size)
    _lines(canvas, letter.to, _WINDOW_TOP, 10.5)


def _later(canvas: Canvas, letter: Letter) -> None:
    _footer(canvas, letter)
    page = canvas.getPageNumber()
    _lines(canvas, (str(page),), 15 * mm, 9, x=_WIDTH - _RIGHT, right=True)


def _footer(canvas: Canvas, letter: Letter) -> None:
    if letter.footer:
        _lines(canvas, (letter.footer,), _HEIGHT - 12 * mm, 7)


def _lines(
    canvas: Canvas, lines: Iterable[str], top: float, size: float, *, x: float = _LEFT, right: bool = False
) -> None:
    """Lines below each other, the first at this distance from the upper edge."""
    canvas.setFont(_REGULAR, size)
    canvas.setFillColor(_GREY if size < 9 else colors.black)
    draw = canvas.drawRightString if right else canvas.drawString
    for number, line in enumerate(lines):
        draw(x, _HEIGHT - top - number * _LINE, line)


def _safe(words: str) -> str:
    return escape(words).replace("\n", "<br/>")


def _settable(letter: Letter, *, gaps: bool) -> Letter:
    """The letter in signs of its type, as far as that goes."""
    known = _glyphs()

    def put(words: str) -> str:
        plain = with_signs_of(known, words)
        return with_gaps(known, plain) if gaps else plain

    def put_all(lines: Iterable[str]) -> tuple[str, ...]:
        return tuple(put(line) for line in lines)

    def put_table(table: Table) -> Table:
        total = None if table.total is None else put_all(table.total)
        rows = tuple(put_all(row) for row in table.rows)
        return Table(put_all(table.heading), rows, table.amounts, total)

    return Letter(
        sender=tuple(filter(None, put_all(letter.sender))),
        to=tuple(filter(None, put_all(letter.to))),
        date=put(letter.date),
        subject=put(letter.subject),
        body=tuple(put_table(part) if isinstance(part, Table) else put(part) for part in letter.body),
        footer=put(letter.footer),
    )


def _check(letter: Letter) -> None:
    if len(letter.to) > _MOST_ADDRESS_LINES:
        raise CannotBeSet(
            f"The address has more than {_MOST_ADDRESS_LINES} lines, which the window does not show; shorten it."
        )
    known = _glyphs()
    for words in _words(letter):
        for character in words:
            if character != "\n" and ord(character) not in known:
                raise CannotBeSet(
                    f"The letter’s type has no “{character}” (in “{words[:60]}”); write it in other letters."
                )


def _words(letter: Letter) -> Iterable[str]:
    yield from (*letter.sender, *letter.to, letter.date, letter.subject, letter.footer)
    for part in letter.body:
        if isinstance(part, Table):
            yield from (cell for row in (part.heading, *part.rows, part.total or ()) for cell in row)
        else:
            yield part


def printable(words: str) -> str:
    """The words in signs of the type; an ellipsis stands for what it lacks."""
    if _signs().issuperset(words):  # nearly always, and far quicker than to look at each sign
        return words
    return with_gaps(_glyphs(), with_signs_of(_glyphs(), words))


def prints_whole(words: str) -> bool:
    """Whether the type has each of these signs, so that nothing stands for any of them."""
    return "".join(words.splitlines()) == "".join(printable(line) for line in words.splitlines())


@cache
def _signs() -> frozenset[str]:
    return frozenset(map(chr, _glyphs()))


@cache
def _glyphs() -> frozenset[int]:
    """The characters that both weights have; the first call makes the type known to the printer of PDFs."""
    found = []
    for name, file in ((_REGULAR, "LiberationSans-Regular.ttf"), (_BOLD, "LiberationSans-Bold.ttf")):
        font = TTFont(name, str(_FONTS / file))
        pdfmetrics.registerFont(font)
        found.append(frozenset(font.face.charToGlyph))
    return found[0] & found[1]
