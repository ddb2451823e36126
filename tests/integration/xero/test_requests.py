"""Each request of ours is one that Xero's own description knows."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from integration.ledger import Lane, NoteTarget, NotFound
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor
from tests.conftest import SHARED
from tests.integration.xero.conftest import GivenTokens
from tests.integration.xero.hostile import answer, hostile_server

SPECIFICATION = SHARED / "specs" / "xero_accounting.yaml"
EVERYTHING = {
    "Organisations": [{"Name": "A", "BaseCurrency": "GBP"}],
    **{
        name: []
        for name in (
            "Contacts",
            "Invoices",
            "Payments",
            "CreditNotes",
            "Overpayments",
            "Prepayments",
            "InvoiceReminders",
            "OnlineInvoices",
            "Quotes",
            "HistoryRecords",
        )
    },
}
SINCE = datetime(2026, 11, 20, 1, 2, 3, 999, tzinfo=UTC)
ID = "11111111-0000-4000-8000-000000000001"


def sent_by_every_method(governor: Governor) -> list[str]:
    pdf = answer(200, b"%PDF-1.4")
    with hostile_server(pdf, answer(200, EVERYTHING)) as server:
        ledger = XeroLedger(
            api_url=server.url, tenant_id="t", tokens=GivenTokens("x"), governor=governor, lane=Lane.CHECK
        )
        ledger.invoice_pdf(ID)
        ledger.organisation()
        ledger.quotes_page(1, status="ACCEPTED")
        ledger.quotes_page(2, changed_since=SINCE)
        with suppress(NotFound):
            ledger.quote(ID)
        ledger.own_reminders()
        ledger.contacts_page(2, changed_since=SINCE)
        ledger.contacts([ID])
        ledger.invoices_page(2, statuses=["AUTHORISED", "PAID"], changed_since=SINCE)
        ledger.invoices([ID, ID.replace("1", "2")])
        ledger.payments_page(1, changed_since=SINCE)
        for kind in ("credit_note", "overpayment", "prepayment"):
            ledger.credits_page(kind, 1, changed_since=SINCE)
        ledger.open_credits()
        ledger.online_invoice_url(ID)
        for target in NoteTarget:
            ledger.history(target, ID)
            ledger.write_notes(target, ID, ["text"], idempotency_key="k")
    return server.requests


@pytest.fixture(scope="module")
def specification() -> dict[str, Any]:
    if not SPECIFICATION.exists():
        pytest.skip("Xero's description is not beside this checkout")
    loaded: dict[str, Any] = yaml.load(SPECIFICATION.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def test_every_request_is_in_xeros_description(governor: Governor, specification: dict[str, Any]) -> None:
    requests = sent_by_every_method(governor)
    assert len(requests) == 24
    for sent in requests:
        method, target, _ = sent.split("\r\n")[0].split(" ")
        parts = urlsplit(target)
        operation = _operation(specification, method, parts.path.removeprefix("/api.xro/2.0"))
        known = {_resolved(specification, one)["name"] for one in operation.get("parameters", [])}
        assert {name for name, _ in parse_qsl(parts.query)} <= known, sent
        for header in ("If-Modified-Since", "Idempotency-Key"):
            assert header.lower() not in sent.lower() or header in known, sent


def _operation(specification: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    for template, methods in specification["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in methods:
            operation: dict[str, Any] = methods[method.lower()]
            return operation
    raise AssertionError(f"{method} {path} is not described")


def _resolved(specification: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    name = parameter.get("$ref", "").rpartition("/")[2]
    return specification["components"]["parameters"][name] if name else parameter


def test_times_of_change_go_out_in_utc_to_the_second(governor: Governor) -> None:
    headers = [line for sent in sent_by_every_method(governor) for line in sent.split("\r\n")]
    times = {line for line in headers if line.lower().startswith("if-modified-since")}
    assert times == {"If-Modified-Since: 2026-11-20T01:02:03"}


def test_documents_are_asked_for_in_pages_so_that_they_come_whole(governor: Governor) -> None:
    asked = [sent.split(" ")[1] for sent in sent_by_every_method(governor) if "?" in sent.split(" ")[1]]
    lists = [target for target in asked if "/Quotes" not in target]
    assert len(lists) == 11
    assert all("page=" in target and "pageSize=1000" in target for target in lists)
    quotes = [target for target in asked if target not in lists]
    assert len(quotes) == 2 and all("page=" in target for target in quotes)
