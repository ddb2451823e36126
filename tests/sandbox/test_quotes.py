"""Quotes as an app sees them: read by page, by status and by time of change, printed, and noted on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.ledger import LedgerError, add_quote, change_quote
from sandbox.records import Line, Quote
from tests.sandbox.app_side import Side, a_side


def quote(side: Side, number: str = "QU-1", **fields: Any) -> Quote:
    contact = side.contact(f"Alder {number}", email="office@alder.example", first_name="Ann")
    lines = [Line("Oak door", Decimal("100.00"), Decimal(2), Decimal("40.00"), tax_type="OUTPUT2")]
    given: dict[str, Any] = {"date": date(2026, 11, 1), "lines": lines, "status": "SENT"}
    return add_quote(side.world, side.org, contact, number=number, **given | fields)


def numbers(side: Side, **params: Any) -> list[str]:
    return [one["QuoteNumber"] for one in side.get("Quotes", params).get_json()["Quotes"]]


def test_a_quote_is_written_the_ledgers_way(side: Side) -> None:
    made = quote(side, title="Doors", terms="Half on order", expiry_date=date(2026, 12, 1))
    change_quote(side.world, side.org, made, "ACCEPTED")
    (shape,) = side.get(f"Quotes/{made.id}").get_json()["Quotes"]
    assert (shape["QuoteNumber"], shape["Status"], shape["LineAmountTypes"]) == (
        "QU-1",
        "ACCEPTED",
        "EXCLUSIVE",
    )
    assert (shape["SubTotal"], shape["TotalTax"], shape["Total"]) == (200.0, 40.0, 240.0)
    assert (shape["DateString"], shape["ExpiryDateString"]) == ("2026-11-01T00:00:00", "2026-12-01T00:00:00")
    assert (shape["Title"], shape["Terms"]) == ("Doors", "Half on order")
    assert shape["LineItems"][0]["Description"] == "Oak door"
    assert shape["Contact"]["EmailAddress"] == "office@alder.example"


def test_paged_lists_have_lines_and_a_hundred_quotes_whatever_size_is_asked_for(side: Side) -> None:
    for number in range(101):
        quote(side, f"QU-{number:03}")
    first = side.get("Quotes", {"page": 1, "pageSize": 1000}).get_json()
    assert "pagination" not in first
    assert len(first["Quotes"]) == 100 and first["Quotes"][0]["LineItems"]
    assert len(numbers(side, page=2)) == 1
    assert side.get("Quotes").get_json()["Quotes"][0]["LineItems"] == []


def test_quotes_are_found_by_what_xero_lets_one_ask_for(side: Side) -> None:
    early = quote(side, "QU-1", date=date(2026, 10, 1), expiry_date=date(2026, 10, 20))
    late = quote(side, "QU-2", date=date(2026, 11, 5))
    change_quote(side.world, side.org, late, "ACCEPTED")
    assert numbers(side, Status="ACCEPTED") == ["QU-2"]
    assert numbers(side, QuoteNumber="QU-1") == ["QU-1"]
    assert numbers(side, ContactID=early.contact_id) == ["QU-1"]
    assert numbers(side, DateFrom="2026-11-01") == ["QU-2"]
    assert numbers(side, DateTo="2026-11-01") == ["QU-1"]
    assert numbers(side, ExpiryDateTo="2026-10-31") == ["QU-1"]
    assert numbers(side, order="Date DESC") == ["QU-2", "QU-1"]
    assert side.get("Quotes", {"DateFrom": "soon"}).status_code == 400


def test_only_what_changed_since_is_listed(side: Side) -> None:
    old = quote(side, "QU-1")
    side.advance(timedelta(minutes=5))
    since = side.world.now().isoformat()
    quote(side, "QU-2")
    (found,) = side.get("Quotes", {"page": 1}, If_Modified_Since=since).get_json()["Quotes"]
    assert found["QuoteNumber"] == "QU-2"
    side.advance(timedelta(minutes=5))
    change_quote(side.world, side.org, old, "DECLINED")
    asked = side.get("Quotes", {"page": 1}, If_Modified_Since=since).get_json()["Quotes"]
    assert [(one["QuoteNumber"], one["Status"]) for one in asked] == [("QU-2", "SENT"), ("QU-1", "DECLINED")]


def test_a_quote_is_printed_and_noted_on(side: Side) -> None:
    made = quote(side)
    for answer in (
        side.get(f"Quotes/{made.id}", Accept="application/pdf"),
        side.get(f"Quotes/{made.id}/pdf"),
    ):
        assert answer.content_type == "application/pdf" and answer.data.startswith(b"%PDF-")
    path = f"Quotes/{made.id}/History"
    assert side.put(path, {"HistoryRecords": [{"Details": "Confirmed"}]}).status_code == 200
    entries = side.get(path).get_json()["HistoryRecords"]
    assert [one["Details"] for one in entries if one["Changes"] == "Note"] == ["Confirmed"]
    assert side.get("Quotes/none").status_code == 404


@pytest.mark.parametrize(("scope", "status"), [("contacts", 401), ("invoices.read", 200)])
def test_quotes_need_the_scope_of_invoices(tmp_path: Path, scope: str, status: int) -> None:
    side = a_side(tmp_path)
    side.sign_in(scope=f"openid accounting.{scope}")
    assert side.get("Quotes").status_code == status


@pytest.mark.parametrize(
    ("status", "to"), [("DRAFT", "ACCEPTED"), ("DELETED", "SENT"), ("DECLINED", "INVOICED")]
)
def test_the_ledger_refuses_what_cannot_become_of_a_quote(side: Side, status: str, to: str) -> None:
    with pytest.raises(LedgerError, match="cannot become"):
        change_quote(side.world, side.org, quote(side, status=status), to)


def test_a_demo_visitor_can_add_quotes_and_have_them_accepted(side: Side) -> None:
    side.contact("Alder & Sons")
    path = f"/sandbox/organisations/{side.org.tenant_id}/quotes"
    line = {"description": "Door", "unit_amount": "50.00", "quantity": "2", "tax": "20.00"}
    body = {
        "contact": "Alder & Sons",
        "number": "QU-7",
        "date": "2026-11-01",
        "status": "SENT",
        "lines": [line],
    }
    quote_id = side.client.post(path, json=body).get_json()["quote_id"]
    moved = side.client.post(f"/sandbox/quotes/{quote_id}/status", json={"status": "ACCEPTED"})
    assert moved.status_code == 204
    (shape,) = side.get(f"Quotes/{quote_id}").get_json()["Quotes"]
    assert (shape["Status"], shape["Total"]) == ("ACCEPTED", 120.0)
    assert side.client.post(f"/sandbox/quotes/{quote_id}/status", json={"status": "LOST"}).status_code == 400
    assert side.client.post("/sandbox/quotes/none/status", json={"status": "SENT"}).status_code == 404
