"""Loads somebody's receivables as an organisation of their own, as the book stood on a day.

Invoices dated up to that day are there at once, those settled by then with their payment; nothing of it
raises a webhook event. Later rows wait on the world's agenda: an invoice appears on its date and a payment
arrives on its settled date once the sandbox's clock gets there, with webhook events like any other change.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from flask import Blueprint, request

from sandbox.ledger import add_contact, add_invoice, add_organisation, pay_invoice
from sandbox.records import Address, Contact, Invoice
from sandbox.timeline import Timeline, moment
from sandbox.world import Organisation, World

_SEED = "book"
_CURRENCY = re.compile(r"[A-Z]{3}")


class BookError(ValueError):
    """The book cannot be loaded; the text names the row and says why."""


@dataclass(frozen=True, slots=True)
class BookRow:
    """One sales invoice of a book; `amount` includes tax, in `currency` or else the book's own."""

    customer: str
    invoice_number: str
    invoice_date: date
    due_date: date
    amount: Decimal
    currency: str | None = None
    email: str | None = None
    country: str | None = None
    settled_date: date | None = None


def row_from_json(number: int, given: Any) -> BookRow:
    """The number-th row (from 1) of a request; raises `BookError` naming what is wrong with it."""
    if not isinstance(given, Mapping):
        raise BookError(f"Row {number} has to be an object with customer, invoice_number, dates and amount.")
    invoiced, settled = _date(number, given, "invoice_date"), given.get("settled_date") or None
    row = BookRow(
        customer=_text(number, given, "customer"),
        invoice_number=_text(number, given, "invoice_number"),
        invoice_date=invoiced,
        due_date=_date(number, given, "due_date"),
        amount=_amount(number, given.get("amount")),
        currency=_currency(number, given.get("currency")),
        email=given.get("email") or None,
        country=given.get("country") or None,
        settled_date=_date(number, given, "settled_date") if settled else None,
    )
    if row.settled_date and row.settled_date < invoiced:
        raise BookError(f"Row {number}: settled_date {row.settled_date} lies before invoice_date {invoiced}.")
    return row


def _text(number: int, given: Mapping[str, Any], name: str) -> str:
    value = str(given.get(name) or "").strip()
    if not value:
        raise BookError(f"Row {number}: {name} is missing.")
    return value


def _date(number: int, given: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(given.get(name)))
    except ValueError:
        raise BookError(
            f"Row {number}: {name} has to be a date as YYYY-MM-DD, not {given.get(name)!r}."
        ) from None


def _amount(number: int, given: Any) -> Decimal:
    try:
        amount = Decimal(str(given))
        cents = amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise BookError(f"Row {number}: amount has to be a number, not {given!r}.") from None
    if cents != amount or amount <= 0:
        raise BookError(
            f"Row {number}: amount has to be more than 0 with at most two decimals, not {given!r}."
        )
    return cents


def _currency(number: int, given: Any) -> str | None:
    if given in (None, ""):
        return None
    if not isinstance(given, str) or not _CURRENCY.fullmatch(given):
        raise BookError(
            f"Row {number}: currency has to be a code of three letters such as GBP, not {given!r}."
        )
    return given


def load_book(
    world: World, rows: Iterable[BookRow], as_of: date, *, name: str = "Your book", currency: str = "GBP"
) -> str:
    """Make an organisation of these rows as they stood on `as_of` and give its tenant id.

    The sandbox's clock has to stand at that day, give or take one for time zones; otherwise `BookError`.
    """
    _check_clock(world, as_of)
    with world.lock:
        org = add_organisation(world, name=name, base_currency=currency)
        book = _Book(org)
        for number, row in enumerate(rows):
            book.add(number, row)
        book.timeline.play(world, until=datetime.combine(as_of, time.max, UTC), seed=_SEED)
    return org.tenant_id


def _check_clock(world: World, as_of: date) -> None:
    today = world.now().date()
    if abs(today - as_of) > timedelta(days=1):
        raise BookError(
            f"The book stands as of {as_of}, but the sandbox's clock shows {today}; "
            "put the clock to that day first (POST /sandbox/clock)."
        )


class _Book:
    """The rows of one organisation as actions on a timeline; contacts come with their first invoice."""

    def __init__(self, org: Organisation) -> None:
        self.timeline = Timeline()
        self._org = org
        self._contacts: dict[str, Contact] = {}
        self._open: dict[int, Invoice] = {}

    def add(self, number: int, row: BookRow) -> None:
        self.timeline.add(moment(row.invoice_date, 9), partial(self._raise_invoice, number, row))
        if row.settled_date:
            self.timeline.add(moment(row.settled_date, 10), partial(self._settle, number, row.settled_date))

    def _raise_invoice(self, number: int, row: BookRow, world: World) -> None:
        self._open[number] = add_invoice(
            world,
            self._org,
            self._contact(row, world),
            number=row.invoice_number,
            date=row.invoice_date,
            due_date=row.due_date,
            total=row.amount,
            currency=row.currency or "",
        )

    def _settle(self, number: int, on: date, world: World) -> None:
        settle_what_is_due(world, self._org, self._open.pop(number), on)

    def _contact(self, row: BookRow, world: World) -> Contact:
        known = self._contacts.get(row.customer)
        if known is None:
            known = self._contacts[row.customer] = add_contact(
                world,
                self._org,
                name=row.customer,
                email=row.email or f"{slug(row.customer)}@{slug(row.customer)}.example",
                addresses=[Address(line1="", country=row.country)] if row.country else [],
            )
        return known


def settle_what_is_due(
    world: World, org: Organisation, invoice: Invoice, on: date, amount: Decimal | None = None
) -> None:
    """Pay up to `amount` (everything when not given), unless somebody has settled or voided it meanwhile."""
    if invoice.status == "AUTHORISED" and invoice.amount_due > 0:
        paid = min(invoice.amount_due, amount or invoice.amount_due)
        pay_invoice(world, org, invoice, amount=paid, on=on)


def slug(name: str) -> str:
    """A name as the label of a domain: ASCII letters, digits and inner hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "customer"


def book_blueprint(world: World) -> Blueprint:
    """`POST /sandbox/book` with `{name, currency, as_of, rows: [...]}` answers 201 `{tenant_id, rows}`."""
    blueprint = Blueprint("sandbox_book", __name__)

    @blueprint.post("/sandbox/book")
    def load() -> tuple[dict[str, Any], int]:
        try:
            given = json.loads(request.get_data(), parse_float=Decimal)
            name, currency, as_of, rows = _book_from_json(given)
            tenant_id = load_book(world, rows, as_of, name=name, currency=currency)
        except ValueError as error:
            return {"error": str(error)}, 400
        return {"tenant_id": tenant_id, "rows": len(rows)}, 201

    return blueprint


def _book_from_json(given: Any) -> tuple[str, str, date, list[BookRow]]:
    if not isinstance(given, dict) or not isinstance(given.get("rows"), list):
        raise BookError(
            'A book is an object with "name", "currency", "as_of" (YYYY-MM-DD) and "rows" (a list).'
        )
    try:
        as_of = date.fromisoformat(str(given.get("as_of")))
    except ValueError:
        raise BookError(f"as_of has to be a date as YYYY-MM-DD, not {given.get('as_of')!r}.") from None
    rows = [row_from_json(number, row) for number, row in enumerate(given["rows"], start=1)]
    currency = given.get("currency") or "GBP"
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise BookError(f"currency has to be a code of three letters such as GBP, not {currency!r}.")
    return str(given.get("name") or "Your book"), currency, as_of, rows
