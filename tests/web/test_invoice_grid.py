"""All invoices in one list, and how a customer stands at a glance."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from kit import clock
from kit.ids import new_id
from services import account_stops, disputes, promises
from services.app import App
from services.promises import Promise
from store.models import Invoice, Membership, Organisation, Payment
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words

_NUMBERS = re.compile(r">(INV-\d+)</a>")


def _numbers(owner: Member, stage: Cast, **asked: Any) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = owner.get(f"{stage.home}/invoices?{query}")
    assert answer.status_code == 200
    return _NUMBERS.findall(answer.text)


def _row(owner: Member, stage: Cast, number: str) -> str:
    page = owner.words(f"{stage.home}/invoices?show=all&q={number}")
    return page[page.rindex("Paid by", 0, page.rindex(number)) :]


def _dispute(dunnock: App, stage: Cast, amount: str) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        disputes.open_dispute(
            session, session.get_one(Organisation, stage.organisation_id), stage.invoice_id,
            reason="Half of it was broken", amount=Decimal(amount), by="Anna Hale", now=clock.now(),
        )  # fmt: skip


def _promise(dunnock: App, stage: Cast, amount: str) -> date:
    on = clock.now().date() + timedelta(days=5)
    with dunnock.database.write(stage.organisation_id) as session:
        promises.keep(
            session, session.get_one(Organisation, stage.organisation_id), stage.contact_id, [stage.invoice_id],
            Promise(on, Decimal(amount), "GBP"), by="Anna Hale", now=clock.now(),
        )  # fmt: skip
    return on


def test_the_list_has_what_is_due_and_what_comes(owner: Member, stage: Cast) -> None:
    row = _row(owner, stage, "INV-1001")
    assert "Bellwether Books" in row and "45 days late" in row and "£1,842.00 of £1,892.00" in row
    assert "On hold" in row and "Mail," in row and "delivered" in row


def test_it_says_what_is_disputed_and_promised(owner: Member, stage: Cast, dunnock: App) -> None:
    _dispute(dunnock, stage, "400.00")
    on = _promise(dunnock, stage, "500.00")
    row = _row(owner, stage, "INV-1001")
    assert "£400.00 disputed" in row and "£500.00 by" in row and str(on.day) in row
    assert "INV-1001" in _numbers(owner, stage, show="disputed")
    assert "INV-1002" not in _numbers(owner, stage, show="disputed")
    assert _numbers(owner, stage, show="promised") == ["INV-1001"]


def test_a_promise_over_several_invoices_adds_up_to_what_was_promised(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        home = session.get_one(Organisation, stage.organisation_id)
        promise = Promise(clock.now().date() + timedelta(days=5), Decimal(2_000), "GBP")
        promises.keep(session, home, stage.contact_id, [], promise, by="Anna Hale", now=clock.now())
    sheet = owner.get(f"{stage.home}/invoices?format=csv&show=promised").data.decode("utf-8-sig")
    said = {row["number"]: Decimal(row["promised"]) for row in csv.DictReader(StringIO(sheet))}
    assert len(said) > 1 and said["INV-1001"] == 1_842 and sum(said.values()) == 2_000
    assert "£1,842.00 by" in _row(owner, stage, "INV-1001")


def test_it_is_filtered(owner: Member, stage: Cast, dunnock: App) -> None:
    assert _numbers(owner, stage, show="held") == ["INV-1001", "INV-1002"]
    assert _numbers(owner, stage, currency="USD") == ["INV-1014"]
    assert _numbers(owner, stage, q="saltmarsh") == ["INV-1013", "INV-1014"]
    assert "INV-1008" not in _numbers(owner, stage, show="overdue")
    day = (clock.now().date() - timedelta(days=8)).isoformat()
    assert _numbers(owner, stage, since=day, until=day) == ["INV-1003"]
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            Payment(organisation_id=stage.organisation_id, id=new_id(), ledger_id=new_id(), kind="ACCRECPAYMENT",
                    invoice_id=stage.invoice_id, contact_id=stage.contact_id, paid_on=date(2026, 11, 1), currency="GBP",
                    amount=Decimal(50), status="AUTHORISED", is_reconciled=True, updated_at=clock.now(), fingerprint="-")
        )  # fmt: skip
    assert _numbers(owner, stage, how="payment") == ["INV-1001"]
    assert _row(owner, stage, "INV-1001").startswith("Paid by Choose INV-1001") and "Payment" in _row(
        owner, stage, "INV-1001"
    )


@pytest.mark.parametrize("sort", ["due", "number", "customer", "date", "amount", "total"])
def test_it_is_sorted_both_ways(owner: Member, stage: Cast, sort: str) -> None:
    there, back = _numbers(owner, stage, sort=sort), _numbers(owner, stage, sort=sort, back=1)
    assert len(there) > 10 and back == there[::-1]


def test_it_has_pages_without_holes(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        one = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        values = {column.key: getattr(one, column.key) for column in Invoice.__table__.columns}
        session.add_all(
            Invoice(**values | {"id": f"{number:032x}", "ledger_id": new_id(), "number": f"INV-2{number:03}"})
            for number in range(120)
        )
    found = [number for page in (1, 2, 3) for number in _numbers(owner, stage, sort="number", page=page)]
    assert len(found) == len(set(found)) == 120 + len(_numbers(owner, stage, q="INV-1"))


def test_it_is_taken_along_as_csv_and_as_a_workbook(owner: Member, stage: Cast, dunnock: App) -> None:
    _dispute(dunnock, stage, "400.00")
    sheet = owner.get(f"{stage.home}/invoices?format=csv&show=open").data.decode("utf-8-sig")
    rows = {row["number"]: row for row in csv.DictReader(StringIO(sheet))}
    assert len(rows) == len(_numbers(owner, stage, show="open"))
    one = rows["INV-1001"]
    assert (one["customer"], one["due_amount"], one["disputed"], one["days_late"], one["last_state"]) == (
        "Bellwether Books", "1842.00", "400.00", "45", "delivered",
    )  # fmt: skip
    book = load_workbook(BytesIO(owner.get(f"{stage.home}/invoices?format=xlsx").data))
    assert book.active is not None and book.active.max_row == len(rows) + 1


def test_what_cannot_be_asked_is_said(owner: Member, stage: Cast) -> None:
    for wrong in ("show=gossip", "sort=colour", "how=gold", "page=0"):
        assert owner.get(f"{stage.home}/invoices?{wrong}").status_code == 400
    assert "A day looks like" in owner.words(f"{stage.home}/invoices?since=soon")
    assert "No invoice here" in owner.words(f"{stage.home}/invoices?q=zebra")


# How a customer stands


def test_the_head_of_a_customer_says_how_it_stands_and_as_of_when(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    _dispute(dunnock, stage, "400.00")
    _promise(dunnock, stage, "500.00")
    with dunnock.database.write(stage.organisation_id) as session:
        paid = session.query(Invoice).filter_by(number="INV-1002").one()
        paid.status, paid.amount_due, paid.fully_paid_on = (
            "PAID",
            Decimal(0),
            paid.due_on + timedelta(days=12),
        )
    page = owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    assert "Owed £1,842.00 Overdue £1,842.00 Disputed £400.00 Promised £500.00" in page
    assert "12 days late on average, by the last 1 paid invoice; no promise has come to its day yet" in page
    assert (
        "Amounts and payments as of" in page and "disputes, promises, holds and what comes next as of" in page
    )


@pytest.mark.parametrize("role", ["owner", "caller", "read_only"])
def test_whoever_looks_a_customer_up_sees_red_and_the_amount(
    visitor: Visitor, stage: Cast, dunnock: App, role: str
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        account_stops.stop(
            session,
            stage.organisation_id,
            stage.contact_id,
            reason="Not paid",
            by="Anna Hale",
            now=clock.now(),
        )
    with dunnock.database.write_across() as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = role
    colleague = visitor.signed_in_as(stage.colleague_id)
    found = colleague.get(f"{stage.home}/contacts?show=all&q=bellwether")
    assert "Bellwether Books On stop" in words(found) and "£2,152.50" in words(found)
    assert 'class="amount text-bad fw-medium"' in found.text
    head = colleague.get(f"{stage.home}/contacts/{stage.contact_id}")
    assert "On stop" in words(head) and 'text-bad" href="#invoices">£2,152.50' in head.text
