"""Somebody's own receivables from a CSV file, checked row by row before anything is imported.

Columns: ``customer, invoice_number, invoice_date, due_date, amount, disputed, settled_date``; optional
``currency`` (else GBP), ``email``, ``country``; others are ignored. Dates are ISO, ``disputed`` is yes or
no, an empty ``settled_date`` means not paid yet.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kit.errors import UserError

REQUIRED = ("customer", "invoice_number", "invoice_date", "due_date", "amount", "disputed", "settled_date")
DEFAULT_CURRENCY = "GBP"
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice of the book. ``amount`` is in ``currency``."""

    customer: str
    invoice_number: str
    invoice_date: date
    due_date: date
    amount: Decimal
    currency: str
    disputed: bool
    settled_date: date | None
    email: str | None
    country: str | None


class _BadRow(Exception):
    """What is wrong with one row."""


def read_book(path: Path) -> list[Row]:
    """All rows, or ``UserError`` that names each bad row by its line number; then nothing may be imported."""
    rows: list[Row] = []
    bad: list[str] = []
    seen: dict[str, int] = {}
    for line, record in _records(path):
        try:
            row = _row(record)
            if row.invoice_number in seen:
                raise _BadRow(
                    f"invoice_number '{row.invoice_number}' stands already in line {seen[row.invoice_number]}"
                )
        except _BadRow as problem:
            bad.append(f"line {line}: {problem}")
            continue
        seen[row.invoice_number] = line
        rows.append(row)
    if bad:
        raise UserError(_complaint(path, bad))
    if not rows:
        raise UserError(f"{path} has no invoices: it holds only the line of column names.")
    return rows


def _complaint(path: Path, bad: list[str]) -> str:
    more = f"\n… and {len(bad) - _MOST_NAMED} more." if len(bad) > _MOST_NAMED else ""
    return f"{path} was not imported, because of:\n" + "\n".join(bad[:_MOST_NAMED]) + more


def _records(path: Path) -> Iterator[tuple[int, Mapping[str | None, str | None]]]:
    """(line number, record) of each row; ``UserError`` for a file that is not such a table at all."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                raise UserError(f"{path} was not imported: line 1 lacks the column {', '.join(missing)}.")
            for record in reader:
                yield reader.line_num, record
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} was not imported: it is not UTF-8 text. Save it as “CSV UTF-8”.") from None
    except csv.Error as error:
        raise UserError(f"{path} was not imported: line {reader.line_num}: it is torn ({error}).") from None


def _row(record: Mapping[str | None, str | None]) -> Row:
    if None in record:
        raise _BadRow("it has more fields than line 1 has columns")
    if any(record[name] is None for name in REQUIRED):
        raise _BadRow("it ends too early: fields are missing")
    issued, due = _date(record, "invoice_date"), _date(record, "due_date")
    settled = _date(record, "settled_date") if _text(record, "settled_date") else None
    if due < issued:
        raise _BadRow(f"due_date {due} is before invoice_date {issued}")
    if settled and settled < issued:
        raise _BadRow(f"settled_date {settled} is before invoice_date {issued}")
    return Row(
        customer=_needed(record, "customer"),
        invoice_number=_needed(record, "invoice_number"),
        invoice_date=issued,
        due_date=due,
        amount=_amount(record),
        currency=_currency(record),
        disputed=_yes(record),
        settled_date=settled,
        email=_email(record),
        country=_text(record, "country") or None,
    )


def _text(record: Mapping[str | None, str | None], name: str) -> str:
    return (record.get(name) or "").strip()


def _needed(record: Mapping[str | None, str | None], name: str) -> str:
    value = _text(record, name)
    if not value:
        raise _BadRow(f"{name} is empty")
    if len(value) > 255 or not value.isprintable():
        raise _BadRow(f"{name} is longer than 255 characters or holds control characters")
    return value


def _date(record: Mapping[str | None, str | None], name: str) -> date:
    value = _text(record, name)
    try:
        if len(value) != 10:
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise _BadRow(f"{name} '{value}' is not a date like 2026-03-31") from None


def _amount(record: Mapping[str | None, str | None]) -> Decimal:
    value = _text(record, "amount")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise _BadRow(f"amount '{value}' is not a number like 1234.50") from None
    if not amount.is_finite() or not 0 < amount < 10**12:
        raise _BadRow(f"amount '{value}' must be more than zero and below a million million")
    if amount != amount.quantize(Decimal("0.01")):
        raise _BadRow(f"amount '{value}' has more than two decimal places")
    return amount.quantize(Decimal("0.01"))


def _currency(record: Mapping[str | None, str | None]) -> str:
    value = _text(record, "currency") or DEFAULT_CURRENCY
    if not (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):
        raise _BadRow(f"currency '{value}' is not a code like EUR")
    return value


def _yes(record: Mapping[str | None, str | None]) -> bool:
    value = _text(record, "disputed").lower()
    if value not in ("yes", "no"):
        raise _BadRow(f"disputed '{value}' is neither yes nor no")
    return value == "yes"


def _email(record: Mapping[str | None, str | None]) -> str | None:
    value = _text(record, "email")
    if value and (value.count("@") != 1 or value.startswith("@") or value.endswith("@") or " " in value):
        raise _BadRow(f"email '{value}' is not an e-mail address")
    return value or None
