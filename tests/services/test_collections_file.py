"""The file for a collections agency: complete, about one customer of one organisation alone, and on record."""

from __future__ import annotations

import csv
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from integration.ledger import RateLimited
from kit import clock
from kit.errors import UserError
from services import collections_file, presets
from services.interest import Kind
from services.mirror.write import store_contacts, store_invoices
from services.records import record
from store.ids import document_id
from store.models import Hold
from tests.services.promise_stage import keep, the_day_after
from tests.services.test_interest import mirror, rules, terms
from tests.support.chasing import Chasing
from tests.support.mirrored import add_organisation


def hand_over(org: Chasing, contact: str, agency: str = "Firm & Fair") -> ZipFile:
    with org.app.database.write(org.organisation_id) as session:
        case = collections_file.hand_over(
            session, org.organisation(), org.id_of(contact), agency=agency, by="Anna Hale", now=clock.now()
        )
    return ZipFile(BytesIO(b"".join(collections_file.stream(case, lambda: org.ledger, clock.now()))))


def table(file: ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(file.read(name).decode("utf-8-sig"))))


def owing(org: Chasing, name: str = "Bellwether Books", number: str = "INV-1") -> str:
    contact = org.customer(name, f"{number.lower()}@example.org")
    org.invoice(contact, number, 30, "1234.50")
    mirror(org)
    return contact


def everything(file: ZipFile) -> str:
    return "\n".join(
        f"{name}\n{file.read(name).decode('utf-8', errors='replace')}" for name in file.namelist()
    )


def test_the_file_holds_register_interest_people_messages_and_the_ledgers_pdfs(org: Chasing) -> None:
    contact = owing(org)
    rules(org)
    terms(org, contact, Kind.COMPANY)
    org.switch("live")
    org.send()
    file = hand_over(org, contact)
    assert file.testzip() is None
    assert file.read("cover.pdf").startswith(b"%PDF")
    (row,) = table(file, "register.csv")
    assert (row["invoice"], row["open"], row["interest"], row["compensation"]) == (
        "INV-1",
        "1234.50",
        "11.92",
        "70",
    )
    assert [line["percent_a_year"] for line in table(file, "interest.csv")] == ["11.75"]
    assert table(file, "people.csv")[0]["email"] == "inv-1@example.org"
    assert file.read("invoices/0001 INV-1.pdf") == b"%PDF-1.4 INV-1"
    messages = [name for name in file.namelist() if name.startswith("messages/")]
    assert any("Anna Hale" in file.read(name).decode() for name in messages)


def test_the_same_register_is_there_as_a_workbook_to_reckon_with(org: Chasing) -> None:
    contact = org.customer('=HYPERLINK("https://bad.example")')
    org.invoice(contact, "=1+1", 30, "1234.50")
    mirror(org)
    rules(org)
    terms(org, contact, Kind.COMPANY)
    file = hand_over(org, contact)
    book = load_workbook(BytesIO(file.read("register.xlsx")))
    assert book.sheetnames == ["register", "interest", "people", "holds"]
    heading, row = book["register"].iter_rows()
    cells: dict[Any, Any] = dict(zip((cell.value for cell in heading), row, strict=True))
    assert (cells["invoice"].value, cells["invoice"].data_type) == ("=1+1", "s")
    assert (cells["open"].value, cells["interest"].value, cells["compensation"].value) == (1234.5, 11.92, 70)
    assert cells["due"].is_date and cells["due"].value == datetime(2026, 10, 17)
    named = book["people"]["A2"]
    assert str(named.value).startswith("=HYPERLINK") and named.data_type == "s"
    in_csv = [list(one.values()) for one in table(file, "interest.csv")]
    assert len(list(book["interest"].iter_rows())) == 1 + len(in_csv)


def test_what_never_left_is_not_among_what_was_said(org: Chasing) -> None:
    contact = owing(org)
    org.switch("live")
    org.send()
    org.invoice(contact, "INV-2", 8, "80.00")
    mirror(org)
    org.plan(everything=True)
    assert len(org.chasers("planned")) == 1
    file = hand_over(org, contact)
    messages = [file.read(name).decode() for name in file.namelist() if name.startswith("messages/")]
    assert any("email, sent" in one for one in messages)
    assert not any("email, planned" in one or "email, cancelled" in one for one in messages)


def test_it_is_on_record_noted_and_chasing_stops(org: Chasing) -> None:
    contact = owing(org)
    for _ in range(2):
        hand_over(org, contact)
    with org.app.database.read(org.organisation_id) as session:
        (hold,) = session.query(Hold)
    assert (hold.reason, hold.created_by) == ("Handed over to Firm & Fair", "Anna Hale")
    org.switch("live")
    org.send()
    assert org.mailer.taken == []
    org.write_notes()
    texts = [text for found in org.ledger.notes.values() for text in found]
    assert any("handed over to Firm & Fair for collection: GBP 1,234.50" in text for text in texts)


def test_no_other_customer_and_no_other_organisation_is_in_it(org: Chasing) -> None:
    contact = owing(org)
    owing(org, "Quill Stationers", "INV-77")
    other = add_organisation(org.app, "another-tenant", name="Strange Imports")
    with org.app.database.write(other) as session:  # a tenant with the very same customer in its ledger
        presets.install(session, other, clock.now())
        store_contacts(session, other, list(org.ledger.contact_book.values()), clock.now())
        store_invoices(session, other, list(org.ledger.invoice_book.values()), clock.now())
        record(
            session, other, document_id(other, contact), [], channel="note", text="A stranger's secret", by="Sybil",
            now=clock.now(),
        )  # fmt: skip
    found = everything(hand_over(org, contact))
    for secret in ("Quill", "INV-77", "Strange Imports", "A stranger's secret", "Sybil"):
        assert secret not in found


def test_what_the_ledger_cannot_give_is_named(org: Chasing) -> None:
    contact = owing(org)
    org.ledger.failures.append(RateLimited("minute", 20))
    file = hand_over(org, contact)
    words = file.read("invoices/0001 INV-1 is missing.txt").decode()
    assert "did not give the PDF of invoice INV-1" in words and "again later" in words


def test_names_become_neither_paths_nor_formulas(org: Chasing) -> None:
    contact = org.customer("=cmd|' /C calc'!A0")
    org.invoice(contact, "../../etc/passwd", 30)
    mirror(org)
    file = hand_over(org, contact)
    assert all(".." not in name and not name.startswith("/") for name in file.namelist())
    assert table(file, "people.csv")[0]["customer"].startswith("'=")
    assert [row["invoice"] for row in table(file, "register.csv")] == ["../../etc/passwd"]


def test_nothing_is_handed_over_without_a_name_or_a_debt(org: Chasing) -> None:
    contact = owing(org)
    with pytest.raises(UserError, match="Name the agency"):
        hand_over(org, contact, " ")
    (invoice,) = org.ledger.invoice_book
    org.ledger.pay(invoice)
    mirror(org)
    with pytest.raises(UserError, match="nothing to hand over"):
        hand_over(org, contact)


def test_what_was_promised_is_in_it_with_what_came_of_it(org: Chasing) -> None:
    contact = owing(org)
    keep(org, contact, "INV-1", amount="500.00", currency="GBP")
    the_day_after(org)
    (line,) = [one for one in table(hand_over(org, contact), "holds.csv") if one["kind"] == "promise"]
    assert (line["invoice"], line["reason"], line["by"]) == (
        "INV-1",
        "GBP 500.00 by 24 November 2026: broken, GBP 0.00 came in time",
        "Anna",
    )
