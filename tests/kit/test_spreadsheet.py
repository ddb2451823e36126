"""Tables for spreadsheets: read back by another library, text is text, numbers are numbers, and days are days."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kit.spreadsheet import Table, csv_of, workbook_of

DAY = date(2026, 11, 22)


def read_back(table: Table) -> list[list[Any]]:
    """The cells of the first sheet, without the heading."""
    (sheet,) = load_workbook(BytesIO(workbook_of([table], DAY))).worksheets
    assert [cell.value for cell in sheet[1]] == list(table.heading)
    return [list(row) for row in sheet.iter_rows(min_row=2)]


def test_amounts_are_numbers_with_their_decimals_and_days_are_days() -> None:
    row = ("INV-1", 31, Decimal("1234.50"), Decimal(70), Decimal("0.125"), DAY, None)
    ((number, days, amount, whole, small, day, nothing),) = read_back(
        Table("register", ("a", "b", "c", "d", "e", "f", "g"), [row])
    )
    assert (number.value, days.value, amount.value, whole.value, small.value) == (
        "INV-1",
        31,
        1234.5,
        70,
        0.125,
    )
    assert [cell.number_format for cell in (amount, whole, small, day)] == [
        "0.00",
        "0",
        "0.000",
        "yyyy-mm-dd",
    ]
    assert day.value == datetime(2026, 11, 22) and day.is_date
    assert nothing.value is None


def test_what_begins_like_a_formula_stays_the_text_that_it_is() -> None:
    wicked = [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "{=1+1}",
        "https://bad.example",
        "\tx",
        "mailto:a@b.example",
    ]
    for (cell,) in read_back(Table("people", ("name",), [(one,) for one in wicked])):
        assert cell.data_type == "s" and cell.quotePrefix
    assert [
        cell.value for (cell,) in read_back(Table("people", ("name",), [(one,) for one in wicked]))
    ] == wicked


def test_a_number_too_long_for_a_workbook_is_written_out_and_not_rounded() -> None:
    ((cell,),) = read_back(Table("register", ("total",), [(Decimal("12345678901234.5678"),)]))
    assert cell.value == "12345678901234.5678"


def test_several_tables_are_sheets_and_an_empty_one_has_its_heading() -> None:
    tables = [Table("register", ("a", "b"), []), Table("holds", ("c",), [("x",)])]
    book = load_workbook(BytesIO(workbook_of(tables, DAY)))
    assert book.sheetnames == ["register", "holds"]
    assert book.properties.created == datetime(2026, 11, 22)
    assert [[cell.value for cell in row] for row in book["register"].iter_rows()] == [["a", "b"]]


def test_the_same_tables_make_the_same_file() -> None:
    table = Table("register", ("a",), [("=x",), ("y",)])
    assert workbook_of([table], DAY) == workbook_of([table], DAY)


_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"))
_TEXTS = st.text(_SIGNS, min_size=1, max_size=40) | st.builds(
    str.__add__, st.sampled_from(["=", "+", "-", "@"]), st.text(_SIGNS, max_size=20)
)
_AMOUNTS = st.decimals(-(10**9), 10**9, places=2)
_DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(st.lists(st.tuples(_TEXTS, _AMOUNTS, _DAYS), min_size=1, max_size=5))
def test_whatever_a_table_holds_comes_back_as_what_it_was(rows: list[tuple[str, Decimal, date]]) -> None:
    table = Table("register", ("text", "amount", "day"), rows)
    for (text, amount, day), (first, second, third) in zip(rows, read_back(table), strict=True):
        assert (first.value, first.data_type) == (text, "s")
        assert Decimal(str(second.value)) == amount and second.data_type == "n"
        assert third.value == datetime(day.year, day.month, day.day)


@given(st.lists(st.tuples(_TEXTS, _AMOUNTS, _DAYS), min_size=1, max_size=5))
def test_no_text_of_a_csv_begins_like_a_formula(rows: list[tuple[str, Decimal, date]]) -> None:
    read = csv.reader(
        StringIO(csv_of(Table("register", ("text", "amount", "day"), rows)).decode("utf-8-sig"), newline="")
    )
    assert next(read) == ["text", "amount", "day"]
    for (text, amount, day), (first, second, third) in zip(rows, read, strict=True):
        assert not first.startswith(("=", "+", "-", "@")) and first.removeprefix("'") == text.removeprefix(
            "'"
        )
        assert (Decimal(second), third) == (amount, day.isoformat())
