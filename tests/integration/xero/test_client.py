"""The client against the sandbox ledger, over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from integration.ledger import Lane, LedgerQuoteLine, MissingScope, NoteTarget, NotFound, Refused
from integration.xero.client import XeroLedger
from integration.xero.governor import Governor
from kit import clock
from tests.integration.xero.conftest import GivenTokens, Open
from tests.integration.xero.consent import allow, new_organisation
from tests.support.sandbox import RunningSandbox

ANNA = {
    "name": "Anna's Bakery",
    "email": "anna@bakery.example",
    "first_name": "Anna",
    "persons": [
        {"first_name": "Ben", "last_name": "Roe", "email": "ben@bakery.example", "include_in_emails": True},
        {"first_name": "Cy", "last_name": "Poe", "email": "cy@bakery.example", "include_in_emails": False},
    ],
}


def invoice(number: str, **more: object) -> dict[str, object]:
    return {
        "contact": "Anna's Bakery",
        "number": number,
        "date": "2026-10-01",
        "due_date": "2026-10-31",
        "total": "120.00",
        **more,
    }


def quote(number: str, **more: object) -> dict[str, object]:
    return {
        "contact": "Anna's Bakery",
        "number": number,
        "date": "2026-11-01",
        "total": "120.00",
        "status": "ACCEPTED",
        **more,
    }


def test_the_organisation_comes_with_an_iana_time_zone(connected: Open) -> None:
    ledger = connected(name="Kiwi", base_currency="NZD", country="NZ", timezone="NEWZEALANDSTANDARDTIME")

    told = ledger.organisation()

    assert (told.name, told.timezone, told.base_currency, told.country) == (
        "Kiwi",
        "Pacific/Auckland",
        "NZD",
        "NZ",
    )


@pytest.mark.parametrize("enabled", [True, False])
def test_it_is_known_whether_the_ledger_itself_reminds(connected: Open, enabled: bool) -> None:
    assert connected(reminders_enabled=enabled).own_reminders() is enabled


def test_contacts_come_with_all_their_persons(connected: Open) -> None:
    (anna,) = connected(contacts=[ANNA]).contacts_page(1).items

    assert (anna.name, anna.email, anna.status) == ("Anna's Bakery", "anna@bakery.example", "ACTIVE")
    assert [(one.email, one.include_in_emails) for one in anna.persons] == [
        ("ben@bakery.example", True),
        ("cy@bakery.example", False),
    ]


def test_archived_contacts_are_seen_so_that_they_are_not_chased(connected: Open) -> None:
    ledger = connected(contacts=[{**ANNA, "status": "ARCHIVED"}])

    page = ledger.contacts_page(1).items
    assert [contact.status for contact in page] == ["ARCHIVED"]
    assert [contact.status for contact in ledger.contacts([page[0].id])] == ["ARCHIVED"]


def test_an_invoice_comes_with_its_amounts_and_calendar_dates(connected: Open) -> None:
    ledger = connected(
        timezone="NEWZEALANDSTANDARDTIME",
        contacts=[ANNA],
        invoices=[invoice("INV-1", total="120.50", paid="20.25", paid_on="2026-11-01", reference="PO 7")],
    )

    (read,) = ledger.invoices_page(1).items

    assert (read.number, read.reference, read.status) == ("INV-1", "PO 7", "AUTHORISED")
    assert (read.issued_on, read.due_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (read.total, read.amount_due, read.amount_paid) == (
        Decimal("120.5"),
        Decimal("100.25"),
        Decimal("20.25"),
    )
    assert read.updated_at.tzinfo is UTC


def test_bills_never_come_through(connected: Open) -> None:
    ledger = connected(contacts=[ANNA], invoices=[invoice("INV-1"), invoice("BILL-1", type="ACCPAY")])
    sales = ledger.invoices_page(1).items

    assert [one.number for one in sales] == ["INV-1"]


def test_a_bill_that_is_asked_for_by_its_id_is_dropped(box: RunningSandbox, governor: Governor) -> None:
    made = new_organisation(box, contacts=[ANNA], invoices=[invoice("INV-1"), invoice("B-1", type="ACCPAY")])
    ledger = XeroLedger(
        api_url=box.url,
        tenant_id=made["tenant_id"],
        tokens=GivenTokens(allow(box, made["tenant_id"])["access_token"]),
        governor=governor,
    )

    assert [one.number for one in ledger.invoices(list(made["invoices"].values()))] == ["INV-1"]


def test_invoices_can_be_read_by_status(connected: Open) -> None:
    paid = invoice("INV-2", paid="120.00", paid_on="2026-11-02")
    ledger = connected(contacts=[ANNA], invoices=[invoice("INV-1"), paid])

    assert [one.number for one in ledger.invoices_page(1, statuses=["AUTHORISED"]).items] == ["INV-1"]
    (settled,) = ledger.invoices_page(1, statuses=["PAID"]).items
    assert (settled.number, settled.fully_paid_on) == ("INV-2", date(2026, 11, 2))


def test_only_what_changed_since_is_read(connected: Open) -> None:
    ledger = connected(contacts=[ANNA], invoices=[invoice("INV-1")])
    now = datetime.now(UTC)

    assert len(ledger.invoices_page(1, changed_since=now - timedelta(minutes=1)).items) == 1
    assert ledger.invoices_page(1, changed_since=now + timedelta(minutes=1)).items == ()


def test_pages_are_walked_to_the_last(connected: Open) -> None:
    ledger = connected(contacts=[ANNA], invoices=[invoice(f"INV-{n}") for n in range(1_050)])

    first, second = ledger.invoices_page(1), ledger.invoices_page(2)

    assert (len(first.items), first.last, first.total) == (1_000, False, 1_050)
    assert (len(second.items), second.last) == (50, True)
    assert len({one.id for one in first.items + second.items}) == 1_050


def test_many_ids_are_asked_for_forty_at_a_time(box: RunningSandbox, connected: Open) -> None:
    ledger = connected(contacts=[ANNA], invoices=[invoice(f"INV-{n}") for n in range(45)])
    ids = [one.id for one in ledger.invoices_page(1).items]
    box.world.requests.clear()

    assert {one.id for one in ledger.invoices([*ids, ids[0]])} == set(ids)
    assert len(box.get("/sandbox/requests").json()) == 2


def test_asking_for_nothing_costs_no_call(box: RunningSandbox, connected: Open) -> None:
    ledger = connected()
    assert ledger.invoices([]) == []
    assert ledger.contacts([]) == []
    assert not any("/api.xro/" in request["path"] for request in box.get("/sandbox/requests").json())


def test_ids_that_the_ledger_does_not_know_are_just_not_answered(connected: Open) -> None:
    assert connected().invoices(["00000000-0000-4000-8000-000000000000"]) == []


def test_payments_name_their_invoice_and_currency(connected: Open) -> None:
    ledger = connected(
        contacts=[ANNA], invoices=[invoice("INV-1", currency="EUR", paid="20.00", paid_on="2026-11-01")]
    )

    (payment,) = ledger.payments_page(1).items

    assert (payment.amount, payment.currency, payment.paid_on) == (
        Decimal(20),
        "EUR",
        date(2026, 11, 1),
    )
    assert payment.invoice_id == ledger.invoices_page(1).items[0].id


@pytest.mark.parametrize("kind", ["credit_note", "overpayment", "prepayment"])
def test_open_credits_of_every_kind_are_found(connected: Open, kind: str) -> None:
    credit = {"contact": "Anna's Bakery", "kind": kind, "amount": "15.00", "date": "2026-10-05"}
    ledger = connected(contacts=[ANNA], credits=[credit])

    (found,) = ledger.open_credits()

    assert (found.kind, found.remaining, found.currency) == (kind, Decimal(15), "GBP")
    assert [one.id for one in ledger.credits_page(kind, 1).items] == [found.id]


def test_a_pdf_and_the_online_page_of_an_invoice_can_be_had(connected: Open) -> None:
    ledger = connected(contacts=[ANNA], invoices=[invoice("INV-1"), invoice("INV-2", status="DRAFT")])
    by_number = {one.number: one.id for one in ledger.invoices_page(1).items}

    assert ledger.invoice_pdf(by_number["INV-1"]).startswith(b"%PDF")
    assert str(ledger.online_invoice_url(by_number["INV-1"])).startswith("http")
    assert ledger.online_invoice_url(by_number["INV-2"]) is None


def test_a_pdf_of_an_unknown_invoice_is_not_found(connected: Open) -> None:
    with pytest.raises(NotFound):
        connected().invoice_pdf("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize("target", list(NoteTarget))
def test_a_note_can_be_written_and_read_back(connected: Open, target: NoteTarget) -> None:
    ledger = connected(contacts=[ANNA], invoices=[invoice("INV-1")], quotes=[quote("QU-1")])
    (read,), (offered,) = ledger.invoices_page(1).items, ledger.quotes_page(1).items
    document = {
        NoteTarget.CONTACT: read.contact_id,
        NoteTarget.INVOICE: read.id,
        NoteTarget.QUOTE: offered.id,
    }[target]

    ledger.write_notes(
        target, document, ["Dunnock: “Erinnerung” gesendet. [dk-1]\nZweite Zeile"], idempotency_key="k-1"
    )
    ledger.write_notes(
        target, document, ["Dunnock: “Erinnerung” gesendet. [dk-1]\nZweite Zeile"], idempotency_key="k-1"
    )

    notes = [one for one in ledger.history(target, document) if one.text.startswith("Dunnock")]
    assert all(one.at and abs(clock.now() - one.at) < timedelta(hours=1) for one in notes)
    assert {(one.by, one.is_note) for one in notes} == {("System Generated", True)}
    assert [one.text for one in notes] == ["Dunnock: “Erinnerung” gesendet. [dk-1]\nZweite Zeile"]


def test_a_quote_comes_with_its_lines_and_terms_and_can_be_printed(connected: Open) -> None:
    lines = [{"description": "Ten loaves", "unit_amount": "3.50", "quantity": "10", "tax": "7.00"}]
    ledger = connected(
        contacts=[ANNA],
        quotes=[
            quote("QU-1", title="Bread", terms="On delivery", total=None, lines=lines),
            quote("QU-2", status="SENT", currency="EUR"),
        ],
    )
    (found,) = ledger.quotes_page(1, status="ACCEPTED").items
    assert (found.number, found.title, found.terms) == ("QU-1", "Bread", "On delivery")
    assert (found.currency, found.total_tax, found.total) == ("GBP", Decimal("7.00"), Decimal("42.00"))
    assert not found.tax_included
    assert found.lines == (LedgerQuoteLine("Ten loaves", Decimal(10), Decimal("35.00")),)
    assert found.issued_on == date(2026, 11, 1)
    assert ledger.quote(found.id) == found
    assert ledger.quote_pdf(found.id).startswith(b"%PDF")
    with pytest.raises(NotFound):
        ledger.quote("00000000-0000-4000-8000-000000000000")


def test_quotes_that_changed_are_read_a_hundred_at_a_time(box: RunningSandbox, connected: Open) -> None:
    now = box.world.now()
    ledger = connected(contacts=[ANNA], quotes=[quote(f"QU-{number:03}") for number in range(101)])
    first, second = (ledger.quotes_page(page, changed_since=now) for page in (1, 2))
    assert (len(first.items), first.last, len(second.items), second.last) == (100, False, 1, True)
    assert ledger.quotes_page(1, changed_since=now + timedelta(minutes=1)).items == ()


def test_an_invoice_can_be_marked_as_sent_unless_something_is_paid_on_it(connected: Open) -> None:
    unsent = {**invoice("INV-1"), "sent_to_contact": False}
    part_paid = {**invoice("INV-2"), "sent_to_contact": False, "paid": "1.00", "paid_on": "2026-10-05"}
    ledger = connected(contacts=[ANNA], invoices=[unsent, part_paid])
    before = {one.number: one for one in ledger.invoices_page(1).items}
    assert before["INV-1"].sent is False
    ledger.mark_as_sent(before["INV-1"].id, idempotency_key="s-1")
    ledger.mark_as_sent(before["INV-1"].id, idempotency_key="s-1")
    (after,) = ledger.invoices([before["INV-1"].id])
    assert after.sent is True
    with pytest.raises(Refused, match="payment or credit note"):
        ledger.mark_as_sent(before["INV-2"].id, idempotency_key="s-2")


def test_a_promised_day_is_expected_unless_something_is_paid_on_the_invoice(connected: Open) -> None:
    part_paid = {**invoice("INV-2"), "paid": "1.00", "paid_on": "2026-10-05"}
    ledger = connected(contacts=[ANNA], invoices=[invoice("INV-1"), part_paid])
    before = {one.number: one for one in ledger.invoices_page(1).items}
    promised = date(2026, 11, 27)
    ledger.expect_payment(before["INV-1"].id, promised, idempotency_key="e-1")
    ledger.expect_payment(before["INV-1"].id, promised, idempotency_key="e-1")
    (after,) = ledger.invoices([before["INV-1"].id])
    assert after.expected_on == promised
    with pytest.raises(Refused, match="payment or credit note"):
        ledger.expect_payment(before["INV-2"].id, promised, idempotency_key="e-2")


def test_several_notes_are_written_in_one_call_and_a_repeat_of_it_adds_none(connected: Open) -> None:
    ledger = connected(contacts=[ANNA], invoices=[invoice("INV-1")])
    (read,) = ledger.invoices_page(1).items
    texts = [f"Dunnock: note {number} [dk-0000000{number}]" for number in range(3)]
    for _ in range(2):
        ledger.write_notes(NoteTarget.INVOICE, read.id, texts, idempotency_key="several")
    said = [one.text for one in ledger.history(NoteTarget.INVOICE, read.id) if one.text in texts]
    assert sorted(said) == texts


def test_a_note_that_is_too_long_is_refused_in_the_ledgers_words(connected: Open) -> None:
    ledger = connected(contacts=[ANNA])
    (anna,) = ledger.contacts_page(1).items

    with pytest.raises(Refused, match=r"2,?500"):
        ledger.write_notes(NoteTarget.CONTACT, anna.id, ["x" * 2_501], idempotency_key="k-1")


def test_a_missing_scope_is_told_apart_from_a_dead_token(box: RunningSandbox, governor: Governor) -> None:
    tenant_id = new_organisation(box)["tenant_id"]
    token = allow(box, tenant_id, scope="openid offline_access accounting.contacts")["access_token"]
    tokens = GivenTokens(token)
    ledger = XeroLedger(
        api_url=box.url, tenant_id=tenant_id, tokens=tokens, governor=governor, lane=Lane.CHECK
    )

    with pytest.raises(MissingScope):
        ledger.invoices_page(1)
    assert tokens.renewals == 1
