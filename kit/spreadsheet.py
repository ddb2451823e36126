"""Tables as spreadsheets take them: CSV, and workbooks (XLSX) in which numbers are numbers and days are days.

Text stays text in both: what begins like a formula is never worked out, whoever wrote it into an invoice or a name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import chain
from tempfile import TemporaryFile

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_TEXT = 32_767
"""As much as one cell of a workbook holds."""
_SIGNIFICANT = 15
"""Digits of a number that a workbook keeps."""
_NARROWEST, _WIDEST = 10, 60
_USUAL = 16
_PART = 65_536
_DAY = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading. Amounts are ``Decimal`` and are shown with the decimals that they have."""

    name: str
    heading: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_of(table: Table) -> bytes:
    """The table as CSV in UTF-8, with its mark, because spreadsheets take it for another encoding without."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(table.heading)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def csv_stream(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The same a row at a time, for tables of any length."""
    out = StringIO()
    writer = csv.writer(out)
    yield "\ufeff".encode()
    for row in chain([heading], rows):
        writer.writerow([_plain(cell) for cell in row])
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def workbook_of(tables: Iterable[Table], on: date) -> bytes:
    """The tables as the sheets of one workbook, which says that it was made on this day."""
    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime.combine(on, time())})
    for table in tables:
        _Sheet(book, table).write()
    book.close()
    return out.getvalue()


def workbook_stream(
    name: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]], on: date
) -> Iterator[bytes]:
    """One sheet of any length: each row goes to the disk as it comes, and nothing of it stays in memory."""
    with TemporaryFile() as out:
        book = Workbook(
            out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        book.set_properties({"created": datetime.combine(on, time())})
        _Sheet(book, Table(name, heading, ())).write_as_it_comes(rows)
        book.close()
        out.seek(0)
        while part := out.read(_PART):
            yield part


class _Sheet:
    """One table as it is written into a workbook."""

    def __init__(self, book: Workbook, table: Table) -> None:
        self._book = book
        self._table = table
        self._sheet: Worksheet = book.add_worksheet(table.name)
        self._bold = book.add_format({"bold": True})
        self._day = book.add_format({"num_format": _DAY})
        self._text = book.add_format({"quote_prefix": True})
        self._amounts: dict[int, Format] = {}

    def write(self) -> None:
        for column, title in enumerate(self._table.heading):
            self._sheet.write_string(0, column, title, self._bold)
        for place, row in enumerate(self._table.rows, start=1):
            for column, cell in enumerate(row):
                self._write(place, column, cell)
        self._sheet.freeze_panes(1, 0)
        if self._table.rows:
            self._sheet.autofilter(0, 0, len(self._table.rows), len(self._table.heading) - 1)
        for column, title in enumerate(self._table.heading):
            longest = max(len(str(row[column])) for row in (self._table.heading, *self._table.rows))
            self._sheet.set_column(column, column, min(max(longest, len(title), _NARROWEST) + 1, _WIDEST))

    def write_as_it_comes(self, rows: Iterable[Sequence[Cell]]) -> None:
        for column, title in enumerate(self._table.heading):
            self._sheet.set_column(column, column, max(len(title) + 1, _USUAL))
            self._sheet.write_string(0, column, title, self._bold)
        self._sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                self._write(place, column, cell)

    def _write(self, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, date):
            self._sheet.write_datetime(row, column, datetime.combine(cell, time()), self._day)
        elif isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= _SIGNIFICANT:
            self._sheet.write_number(row, column, float(cell), self._amount(cell))
        elif isinstance(cell, int):
            self._sheet.write_number(row, column, cell)
        elif cell not in (None, ""):
            self._sheet.write_string(row, column, str(cell)[:_LONGEST_TEXT], self._text)

    def _amount(self, cell: Decimal) -> Format:
        exponent = cell.as_tuple().exponent
        places = max(-exponent, 0) if isinstance(exponent, int) else 0
        if places not in self._amounts:
            self._amounts[places] = self._book.add_format(
                {"num_format": "0" + "." * bool(places) + "0" * places}
            )
        return self._amounts[places]


def _plain(cell: Cell) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, Decimal | int):
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
