"""Importing a page of 1,000 invoices over HTTP, against parsing its JSON and inserting the same rows."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
from sqlalchemy import Column, Index, MetaData, Table

from integration.ledger import Lane
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor, Limits
from kit import clock
from services.app import App
from services.mirror.write import store_invoices
from store.models import Invoice
from tests.bench.ground import ORGANISATION, TENANT
from tests.bench.measure import Ratio, by_turns

_PAGES = 12
_A_PAGE = 1000


class _Tokens:
    """An access token that never runs out."""

    def current(self) -> str:
        return "bench"

    def renewed(self, refused: str) -> str:
        return refused


def measure(app: App, kind: str) -> Ratio:
    """Each round takes a page that neither side has seen."""
    pages = [_page(number) for number in range(_PAGES)]
    ours, floor = iter(range(_PAGES)), iter(pages)
    server = _serve(pages)
    ledger = XeroLedger(
        api_url=f"http://127.0.0.1:{server.server_port}",
        tenant_id=TENANT,
        tokens=_Tokens(),
        governor=Governor(app.redis, Limits(minute=10_000)),
        lane=Lane.SWEEP,
    )
    insert = _inserter(app)
    ratio = by_turns(
        f"importing a page of {_A_PAGE:,} invoices, {kind}",
        lambda: _import(app, ledger, next(ours) + 1),
        lambda: insert(json.loads(next(floor))["Invoices"]),
        rounds=_PAGES,
        aim=3,
    )
    server.shutdown()
    return ratio


def _import(app: App, ledger: XeroLedger, page: int) -> None:
    found = ledger.invoices_page(page)
    with app.database.write(ORGANISATION) as session:
        store_invoices(session, ORGANISATION, found.items, clock.now())
    if len(found.items) != _A_PAGE:
        raise RuntimeError(f"a page gave {len(found.items)} invoices")


def _inserter(app: App) -> Callable[[list[dict[str, Any]]], None]:
    """The bare driver, writing the same rows into a table like ours, a page a transaction."""
    table = _table_like_ours()
    table.create(app.database.engine)
    columns = ", ".join(column.name for column in table.columns)
    mark = "?" if app.database.dialect == "sqlite" else "%s"
    insert = f"INSERT INTO {table.name} ({columns}) VALUES ({', '.join([mark] * len(table.columns))})"
    url = app.settings.database_url
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        file.execute("PRAGMA synchronous=FULL")

        def into_file(found: list[dict[str, Any]]) -> None:
            with file:
                file.executemany(insert, [_row(one) for one in found])

        return into_file
    server = psycopg.connect(url)

    def into_server(found: list[dict[str, Any]]) -> None:
        with server.transaction(), server.cursor() as cursor:
            cursor.executemany(insert, [_row(one) for one in found])

    return into_server


def _table_like_ours() -> Table:
    """The columns, primary key and indexes of our invoices."""
    ours = Invoice.metadata.tables["invoices"]
    columns = [
        Column(one.name, one.type, primary_key=one.primary_key, nullable=one.nullable) for one in ours.columns
    ]
    bare = Table("bare_invoices", MetaData(), *columns)
    for number, index in enumerate(ours.indexes):
        conditions = {
            f"{dialect}_where": options["where"]
            for dialect, options in index.dialect_options.items()
            if options["where"] is not None
        }
        Index(f"bare_{number}", *(bare.columns[one.name] for one in index.columns), **conditions)
    return bare


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    """The values in the order of the columns, as cheaply as they can be had."""
    own_id = one["InvoiceID"].replace("-", "")
    changed_at = datetime.fromtimestamp(int(one["UpdatedDateUTC"][6:19]) / 1000, UTC)
    return (
        ORGANISATION,
        own_id,
        one["InvoiceID"],
        one["Contact"]["ContactID"].replace("-", ""),
        one["InvoiceNumber"],
        one["Reference"],
        one["DateString"][:10],
        one["DueDateString"][:10],
        one["CurrencyCode"],
        *(round(one[name] * 10_000) for name in ("Total", "AmountDue", "AmountPaid", "AmountCredited")),
        one["Status"],
        None,
        None,
        changed_at.isoformat(" "),
        own_id,
        None,
    )


def _page(number: int) -> bytes:
    """A page as Xero sends it, three lines an invoice."""
    invoices = [_invoice(number * _A_PAGE + index) for index in range(_A_PAGE)]
    body = {
        "Id": "0",
        "Status": "OK",
        "pagination": {
            "page": number + 1,
            "pageSize": _A_PAGE,
            "pageCount": _PAGES,
            "itemCount": _PAGES * _A_PAGE,
        },
        "Invoices": invoices,
    }
    return json.dumps(body).encode()


def _invoice(number: int) -> dict[str, object]:
    line = {"Description": "Oak door, made to measure, with frame", "Quantity": 1.0, "UnitAmount": 33.34, "TaxType": "OUTPUT2",
            "TaxAmount": 6.67, "LineAmount": 33.34, "AccountCode": "200", "Tracking": []}  # fmt: skip
    return {
        "Type": "ACCREC",
        "InvoiceID": f"00000000-0000-4000-8000-{number:012d}",
        "InvoiceNumber": f"INV-{number}",
        "Reference": f"PO {number}",
        "Payments": [],
        "CreditNotes": [],
        "AmountDue": 120.02,
        "AmountPaid": 0.0,
        "AmountCredited": 0.0,
        "CurrencyRate": 1.0,
        "IsDiscounted": False,
        "HasAttachments": False,
        "Contact": {"ContactID": f"00000000-0000-4000-9000-{number % 200:012d}", "Name": f"Customer {number % 200}",
                    "ContactPersons": [], "Addresses": [], "Phones": []},
        "DateString": "2026-10-01T00:00:00",
        "Date": "/Date(1790812800000+0000)/",
        "DueDateString": "2026-10-31T00:00:00",
        "DueDate": "/Date(1793404800000+0000)/",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "LineItems": [{**line, "LineItemID": f"{number}-{index}"} for index in range(3)],
        "SubTotal": 100.02,
        "TotalTax": 20.0,
        "Total": 120.02,
        "UpdatedDateUTC": "/Date(1790850000000+0000)/",
        "CurrencyCode": "GBP",
    }  # fmt: skip


def _serve(pages: list[bytes]) -> ThreadingHTTPServer:
    """A ledger that answers nothing but these pages."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = int(self.path.split("page=")[1].split("&")[0])
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(pages[number - 1])))
            self.end_headers()
            self.wfile.write(pages[number - 1])

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
