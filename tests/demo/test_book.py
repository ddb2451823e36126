"""Somebody's own receivables: a good file is read whole, a bad row is named and nothing is imported."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.book import read_book
from kit.errors import UserError

HEADER = "country,customer,invoice_number,invoice_date,due_date,amount,disputed,settled_date"
GOOD = "44,Hill & Sons,INV-1,2026-01-05,2026-02-04,120.50,no,2026-02-10"


def book(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "book.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    rows = read_book(book(tmp_path, GOOD, "1,Öl AG,INV-2,2026-01-05,2026-02-04,7,YES,"))
    assert [(r.customer, r.amount, r.disputed, r.settled_date is None) for r in rows] == [
        ("Hill & Sons", Decimal("120.50"), False, False),
        ("Öl AG", Decimal("7.00"), True, True),
    ]
    assert {row.currency for row in rows} == {"GBP"}


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("44,,INV-9,2026-01-05,2026-02-04,1,no,", "customer is empty"),
        ("44,A,INV-9,05/01/2026,2026-02-04,1,no,", "invoice_date '05/01/2026' is not a date"),
        ("44,A,INV-9,2026-01-05,2026-02-30,1,no,", "due_date '2026-02-30' is not a date"),
        ("44,A,INV-9,2026-01-05,2026-01-04,1,no,", "before invoice_date"),
        ('44,A,INV-9,2026-01-05,2026-02-04,"1,200.00",no,', "amount '1,200.00' is not a number"),
        ("44,A,INV-9,2026-01-05,2026-02-04,-3,no,", "must be more than zero"),
        ("44,A,INV-9,2026-01-05,2026-02-04,NaN,no,", "must be more than zero"),
        ("44,A,INV-9,2026-01-05,2026-02-04,1.005,no,", "more than two decimal places"),
        ("44,A,INV-9,2026-01-05,2026-02-04,1,perhaps,", "neither yes nor no"),
        ("44,A,INV-9,2026-01-05,2026-02-04,1,no,2025-12-31", "settled_date 2025-12-31 is before"),
        ("44,A,INV-1,2026-01-05,2026-02-04,1,no,", "stands already in line 2"),
        ("44,A,INV-9,2026-01-05", "ends too early"),
        ("44,A,INV-9,2026-01-05,2026-02-04,1,no,,,,", "more fields than line 1"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_reason(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(UserError) as caught:
        read_book(book(tmp_path, GOOD, row))
    assert "was not imported" in str(caught.value)
    assert f"line 3: {complaint}" in str(caught.value) or (
        "line 3:" in str(caught.value) and complaint in str(caught.value)
    )


def test_a_file_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="line 1 lacks the column amount"):
        read_book(book(tmp_path, header=HEADER.replace("amount,", "")))


def test_a_torn_or_foreign_file_is_refused(tmp_path: Path) -> None:
    torn = tmp_path / "torn.csv"
    torn.write_bytes((HEADER + "\n" + GOOD + '\n44,"Hi').encode())
    with pytest.raises(UserError, match="torn"):
        read_book(torn)
    torn.write_bytes(HEADER.encode() + b"\n44,\xff\xfe,x")
    with pytest.raises(UserError, match="UTF-8"):
        read_book(torn)
    with pytest.raises(UserError, match="no invoices"):
        read_book(book(tmp_path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(cut=st.integers(min_value=0, max_value=400), junk=st.binary(max_size=12))
def test_whatever_is_in_the_file_it_is_read_or_refused_in_words(
    tmp_path: Path, cut: int, junk: bytes
) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes("\n".join([HEADER, GOOD, GOOD.replace("INV-1", "INV-2")]).encode()[:cut] + junk)
    try:
        assert read_book(path)
    except UserError as error:
        assert str(path) in str(error)
