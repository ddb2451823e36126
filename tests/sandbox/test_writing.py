"""Writing into an organisation's ledger as the app does it: notes, dates, and each thing once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from sandbox.ledger import (
    add_credit_note,
    add_note,
    add_overpayment,
    add_prepayment,
    pay_invoice,
    void_invoice,
)
from tests.sandbox.app_side import Side

# -- notes ------------------------------------------------------------------------------------------------------


def test_a_note_is_kept_for_ever_newest_first_and_without_the_apps_name(side: Side) -> None:
    contact = side.contact()
    side.put(f"Contacts/{contact.id}/History", {"HistoryRecords": [{"Details": "Called"}]})
    side.advance(timedelta(seconds=5))
    written = side.post(f"Contacts/{contact.id}/History", {"HistoryRecords": [{"Details": "Wrote"}]})
    assert written.get_json()["HistoryRecords"][0]["Details"] == "Wrote"
    records = side.get(f"Contacts/{contact.id}/History").get_json()["HistoryRecords"]
    notes = [r for r in records if r["Changes"] == "Note"]
    assert [n["Details"] for n in notes] == ["Wrote", "Called"]
    assert {n["User"] for n in notes} == {"System Generated"}


def test_every_kind_of_document_takes_notes(side: Side) -> None:
    contact = side.contact()
    invoice = side.invoice(contact)
    payment = pay_invoice(side.world, side.org, invoice, amount=Decimal("1.00"))
    day, total = date(2026, 11, 1), Decimal("5.00")
    kept = {
        "Contacts": contact.id,
        "Invoices": invoice.id,
        "Payments": payment.id,
        "CreditNotes": add_credit_note(side.world, side.org, contact, number="C", date=day, total=total).id,
        "Overpayments": add_overpayment(side.world, side.org, contact, date=day, total=total).id,
        "Prepayments": add_prepayment(side.world, side.org, contact, date=day, total=total).id,
    }
    for endpoint, record_id in kept.items():
        path = f"{endpoint}/{record_id}/History"
        assert side.put(path, {"HistoryRecords": [{"Details": f"on {endpoint}"}]}).status_code == 200
        assert side.get(path).get_json()["HistoryRecords"][0]["Details"] == f"on {endpoint}"


@pytest.mark.parametrize(("length", "status"), [(2500, 200), (2501, 400)])
def test_a_note_holds_2500_characters(side: Side, length: int, status: int) -> None:
    path = f"Contacts/{side.contact().id}/History"
    answer = side.put(path, {"HistoryRecords": [{"Details": "é" * length}]})
    assert answer.status_code == status
    if status == 400:
        assert answer.get_json()["Type"] == "ValidationException"
        assert "2500" in answer.get_json()["Elements"][0]["ValidationErrors"][0]["Message"]


def test_one_bad_note_keeps_all_of_them_out(side: Side) -> None:
    contact = side.contact()
    body = {"HistoryRecords": [{"Details": "fine"}, {"Details": ""}]}
    assert side.put(f"Contacts/{contact.id}/History", body).status_code == 400
    assert [r.changes for r in side.org.history_of(contact.id)] == ["Created"]


@pytest.mark.parametrize("body", [[], "text", {"HistoryRecords": []}, {"HistoryRecords": ["x"]}])
def test_a_body_of_the_wrong_shape_is_a_400(side: Side, body: object) -> None:
    assert side.put(f"Contacts/{side.contact().id}/History", body).status_code == 400


# -- doing things once ------------------------------------------------------------------------------------------


def test_a_repeated_key_writes_one_note_and_gets_the_same_answer(side: Side) -> None:
    contact = side.contact()
    path, body = f"Contacts/{contact.id}/History", {"HistoryRecords": [{"Details": "Called"}]}
    answers = [side.put(path, body, Idempotency_Key="k-1") for _ in range(3)]
    assert len({answer.data for answer in answers}) == 1
    assert len([r for r in side.org.history_of(contact.id) if r.changes == "Note"]) == 1


def test_a_key_is_forgotten_after_six_minutes(side: Side) -> None:
    contact = side.contact()
    path, body = f"Contacts/{contact.id}/History", {"HistoryRecords": [{"Details": "Called"}]}
    side.put(path, body, Idempotency_Key="k-1")
    side.advance(timedelta(minutes=6, seconds=1))
    side.put(path, body, Idempotency_Key="k-1")
    assert len([r for r in side.org.history_of(contact.id) if r.changes == "Note"]) == 2


def test_a_key_cannot_be_used_for_another_request(side: Side) -> None:
    path = f"Contacts/{side.contact().id}/History"
    side.put(path, {"HistoryRecords": [{"Details": "one"}]}, Idempotency_Key="k-1")
    other = side.put(path, {"HistoryRecords": [{"Details": "two"}]}, Idempotency_Key="k-1")
    assert other.status_code == 400
    assert "different request" in other.get_json()["Message"]


def test_errors_are_repeated_too(side: Side) -> None:
    contact = side.contact()
    path, body = f"Contacts/{contact.id}/History", {"HistoryRecords": [{"Details": "x" * 2501}]}
    answers = [side.put(path, body, Idempotency_Key="k-1") for _ in range(2)]
    assert [a.status_code for a in answers] == [400, 400]
    assert answers[0].data == answers[1].data


def test_a_key_of_more_than_128_characters_is_refused(side: Side) -> None:
    path = f"Contacts/{side.contact().id}/History"
    body = {"HistoryRecords": [{"Details": "x"}]}
    assert side.put(path, body, Idempotency_Key="k" * 129).status_code == 400


# -- editing ----------------------------------------------------------------------------------------------------


def test_an_expected_payment_date_can_be_set_in_either_form(side: Side) -> None:
    invoice = side.invoice(side.contact())
    stamp = int(datetime(2026, 11, 27, tzinfo=UTC).timestamp() * 1000)
    for value in (f"/Date({stamp})/", "2026-11-27"):
        body = {"Invoices": [{"InvoiceID": invoice.id, "ExpectedPaymentDate": value, "HasErrors": False}]}
        (shape,) = side.post(f"Invoices/{invoice.id}", body).get_json()["Invoices"]
        assert shape["ExpectedPaymentDateString"] == "2026-11-27T00:00:00"


def test_a_part_paid_invoice_refuses_an_expected_date_but_takes_a_due_date(side: Side) -> None:
    invoice = side.invoice(side.contact())
    pay_invoice(side.world, side.org, invoice, amount=Decimal("1.00"))
    refused = side.post(f"Invoices/{invoice.id}", {"ExpectedPaymentDate": "2026-11-27"})
    assert refused.status_code == 400
    assert "payment or credit note" in refused.get_json()["Elements"][0]["ValidationErrors"][0]["Message"]
    assert side.post(f"Invoices/{invoice.id}", {"DueDate": "2026-12-27"}).status_code == 200


def test_a_voided_invoice_cannot_be_edited(side: Side) -> None:
    invoice = side.invoice(side.contact())
    void_invoice(side.world, side.org, invoice)
    assert side.post(f"Invoices/{invoice.id}", {"DueDate": "2026-12-27"}).status_code == 400


def test_a_draft_cannot_be_marked_as_sent(side: Side) -> None:
    invoice = side.invoice(side.contact(), status="DRAFT")
    (shape,) = side.post(f"Invoices/{invoice.id}", {"SentToContact": True}).get_json()["Invoices"]
    assert shape["SentToContact"] is False
    assert shape["Warnings"]


def test_other_edits_are_refused_by_name(side: Side) -> None:
    invoice = side.invoice(side.contact())
    answer = side.post(f"Invoices/{invoice.id}", {"LineItems": []})
    assert answer.status_code == 400
    assert "LineItems" in answer.get_data(as_text=True)


def test_a_note_made_in_the_ledger_itself_shows_in_the_api(side: Side) -> None:
    invoice = side.invoice(side.contact())
    add_note(side.world, side.org, invoice.id, "By hand")
    assert side.get(f"Invoices/{invoice.id}/History").get_json()["HistoryRecords"][0]["Details"] == "By hand"
