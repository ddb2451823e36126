"""Reading and writing an organisation's ledger as the app does it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.ledger import (
    add_contact_group,
    add_credit_note,
    add_note,
    add_organisation,
    add_overpayment,
    add_prepayment,
    allocate,
    archive_contact,
    change_due_date,
    delete_payment,
    pay_invoice,
    void_invoice,
)
from sandbox.records import ContactPerson, Line, Phone, Terms
from tests.sandbox.app_side import Side, a_side, numbers


@pytest.fixture
def side(tmp_path: Path) -> Side:
    side = a_side(tmp_path, minute_limit=10_000)
    side.sign_in()
    return side


# -- who may ask ------------------------------------------------------------------------------------------------


def test_an_expired_token_is_told_so(side: Side) -> None:
    side.advance(timedelta(minutes=31))
    answer = side.get("Organisation")
    assert answer.status_code == 401
    problem = answer.get_json()
    assert (problem["Type"], problem["Title"], problem["Status"]) == (None, "Unauthorized", 401)
    assert problem["Detail"].startswith("TokenExpired")


def test_an_unknown_token_is_refused(side: Side) -> None:
    assert side.get("Organisation", Authorization="Bearer x").status_code == 401


def test_an_organisation_that_is_not_connected_is_forbidden(side: Side) -> None:
    other = add_organisation(side.world, name="Second Ltd")
    answer = side.get("Organisation", xero_tenant_id=other.tenant_id)
    assert answer.status_code == 403
    assert answer.get_json()["Detail"] == "AuthenticationUnsuccessful"


def test_a_removed_connection_is_forbidden_from_then_on(side: Side) -> None:
    side.world.access.connections.clear()
    assert side.get("Organisation").status_code == 403


def test_a_missing_scope_is_named_as_authorization(tmp_path: Path) -> None:
    side = a_side(tmp_path)
    side.sign_in(scope="openid accounting.invoices.read")
    contact = side.contact()
    assert side.get("Invoices").status_code == 200
    refused = side.get("Contacts")
    assert (refused.status_code, refused.get_json()["Detail"]) == (401, "AuthorizationUnsuccessful")
    note = {"HistoryRecords": [{"Details": "x"}]}
    invoice = side.invoice(contact)
    assert side.put(f"Invoices/{invoice.id}/History", note).status_code == 401


def test_whoever_forgets_to_ask_for_json_gets_xml(side: Side) -> None:
    answer = side.get("Organisation", Accept="*/*")
    assert answer.content_type.startswith("text/xml")
    assert b"<Name>Hedgerow Joinery Ltd</Name>" in answer.data


def test_what_does_not_exist_is_not_found(side: Side) -> None:
    missing = "00000000-0000-0000-0000-000000000000"
    for path in ("Invoices", "Contacts", "Payments", "CreditNotes", "Overpayments", "Prepayments"):
        assert side.get(f"{path}/{missing}").status_code == 404
    assert side.get("TaxRates").status_code == 404


# -- the organisation -------------------------------------------------------------------------------------------


def test_the_organisation_says_who_and_where_it_is(side: Side) -> None:
    (shape,) = side.get("Organisation").get_json()["Organisations"]
    assert shape["OrganisationID"] == side.org.tenant_id
    assert (shape["BaseCurrency"], shape["Timezone"]) == ("GBP", "GMTSTANDARDTIME")
    assert shape["ShortCode"].startswith("!")


def test_reminders_tell_whether_the_ledger_itself_is_chasing(side: Side) -> None:
    assert side.get("InvoiceReminders/Settings").get_json()["InvoiceReminders"] == [{"Enabled": False}]
    side.org.reminders_enabled = True
    assert side.get("InvoiceReminders/Settings").get_json()["InvoiceReminders"] == [{"Enabled": True}]


def test_users_and_themes_are_listed(side: Side) -> None:
    (user,) = side.get("Users").get_json()["Users"]
    assert user["EmailAddress"] == "robin.ashdown@hedgerow.example"
    assert side.names("BrandingThemes", "Name") == ["Standard"]


# -- contacts ---------------------------------------------------------------------------------------------------


def test_only_paged_contacts_carry_persons_terms_and_balances(side: Side) -> None:
    contact = side.contact(
        email="office@alder.example",
        persons=[ContactPerson("Ann", "Alder", "ann@alder.example")],
        phones=[Phone("555 0100", "MOBILE")],
        terms=Terms(14),
    )
    side.invoice(contact, due_date=date(2020, 1, 1))
    (unpaged,) = side.get("Contacts").get_json()["Contacts"]
    (paged,) = side.get("Contacts", {"page": 1}).get_json()["Contacts"]
    assert unpaged["ContactPersons"] == []
    assert "Balances" not in unpaged
    assert paged["ContactPersons"][0]["EmailAddress"] == "ann@alder.example"
    assert paged["PaymentTerms"]["Sales"] == {"Day": 14, "Type": "DAYSAFTERBILLDATE"}
    assert paged["Balances"]["AccountsReceivable"] == {"Outstanding": 120.0, "Overdue": 120.0}
    assert next(p for p in paged["Phones"] if p["PhoneType"] == "MOBILE")["PhoneNumber"] == "555 0100"


def test_summary_contacts_are_paged_and_bare(side: Side) -> None:
    side.contact()
    answer = side.get("Contacts", {"summaryOnly": "True"}).get_json()
    assert answer["pagination"]["itemCount"] == 1
    assert not {"Addresses", "ContactPersons", "Balances", "IsCustomer"} & set(answer["Contacts"][0])


def test_archived_contacts_show_only_when_asked_for(side: Side) -> None:
    archive_contact(side.world, side.org, side.contact("Gone Ltd"))
    side.contact("Here Ltd")
    assert side.names("Contacts", "Name") == ["Here Ltd"]
    assert set(side.names("Contacts", "Name", includeArchived="true")) == {"Gone Ltd", "Here Ltd"}


def test_contacts_are_found_by_name_address_and_term(side: Side) -> None:
    side.contact("Alder & Sons", email="Office@Alder.example")
    side.contact("Birch AG", email="buero@birch.example")
    assert side.names("Contacts", "Name", where='Name=="alder & sons"') == ["Alder & Sons"]
    assert side.names("Contacts", "Name", where='EmailAddress="office@alder.example"') == ["Alder & Sons"]
    assert side.names("Contacts", "Name", searchTerm="buero") == ["Birch AG"]
    assert side.names("Contacts", "Name", order="Name DESC") == ["Birch AG", "Alder & Sons"]


def test_groups_tell_their_members(side: Side) -> None:
    contact = side.contact()
    group = add_contact_group(side.world, side.org, "On stop", [contact])
    assert side.names("ContactGroups", "Name") == ["On stop"]
    (shape,) = side.get(f"ContactGroups/{group.id}").get_json()["ContactGroups"]
    assert [c["ContactID"] for c in shape["Contacts"]] == [contact.id]


# -- invoices ---------------------------------------------------------------------------------------------------


def test_an_invoice_is_written_the_ledgers_way(side: Side) -> None:
    invoice = side.invoice(
        side.contact(),
        lines=[Line("Oak door", Decimal("100.00"), tax_amount=Decimal("20.00"), tax_type="OUTPUT2")],
        total=None,
        reference="PO 7",
    )
    pay_invoice(side.world, side.org, invoice, amount=Decimal("20.00"), on=date(2026, 11, 2))
    answer = side.get(f"Invoices/{invoice.id}").get_json()
    assert answer["Status"] == "OK"
    (shape,) = answer["Invoices"]
    assert shape["Date"] == "/Date(1790812800000+0000)/"
    assert shape["DateString"] == "2026-10-01T00:00:00"
    assert (shape["SubTotal"], shape["TotalTax"], shape["Total"]) == (100.0, 20.0, 120.0)
    assert (shape["AmountPaid"], shape["AmountDue"]) == (20.0, 100.0)
    assert shape["Payments"][0]["Amount"] == 20.0
    assert shape["LineItems"][0]["Description"] == "Oak door"
    assert shape["Contact"]["ContactStatus"] == "ACTIVE"
    assert "FullyPaidOnDate" not in shape
    assert "ExpectedPaymentDate" not in shape


def test_unpaged_lists_have_no_lines_and_paged_lists_do(side: Side) -> None:
    side.invoice(side.contact())
    (unpaged,) = side.get("Invoices").get_json()["Invoices"]
    (paged,) = side.get("Invoices", {"page": 1}).get_json()["Invoices"]
    (summary,) = side.get("Invoices", {"summaryOnly": "true"}).get_json()["Invoices"]
    assert unpaged["LineItems"] == []
    assert len(paged["LineItems"]) == 1
    assert not {"LineItems", "Payments", "HasAttachments"} & set(summary)


def test_asking_for_statuses_forces_paging(side: Side) -> None:
    contact = side.contact()
    side.invoice(contact, "INV-1")
    void_invoice(side.world, side.org, side.invoice(contact, "INV-2"))
    answer = side.get("Invoices", {"Statuses": "AUTHORISED,DRAFT"})
    assert numbers(answer) == ["INV-1"]
    assert answer.get_json()["pagination"] == {"page": 1, "pageSize": 100, "pageCount": 1, "itemCount": 1}


@pytest.mark.parametrize(("asked", "size"), [("5000", 1000), ("0", 1), ("-3", 1), ("250", 250), (None, 100)])
def test_page_sizes_out_of_range_are_clamped_in_silence(side: Side, asked: str | None, size: int) -> None:
    params = {"page": "1"} | ({"pageSize": asked} if asked else {})
    assert side.get("Invoices", params).get_json()["pagination"]["pageSize"] == size


def test_pages_together_show_every_invoice_once(side: Side) -> None:
    contact = side.contact()
    expected = {side.invoice(contact, f"INV-{n}").number for n in range(25)}
    pages = [side.get("Invoices", {"page": n, "pageSize": 10}) for n in (1, 2, 3, 4)]
    shown = [number for page in pages for number in numbers(page)]
    assert sorted(shown) == sorted(expected)
    assert numbers(pages[3]) == []


def test_the_default_order_is_by_last_change(side: Side) -> None:
    contact = side.contact()
    first = side.invoice(contact, "INV-1")
    side.advance(timedelta(seconds=1))
    side.invoice(contact, "INV-2")
    assert numbers(side.get("Invoices")) == ["INV-1", "INV-2"]
    side.advance(timedelta(seconds=1))
    pay_invoice(side.world, side.org, first)
    assert numbers(side.get("Invoices")) == ["INV-2", "INV-1"]


def test_a_good_overdue_query_finds_what_is_overdue(side: Side) -> None:
    contact = side.contact()
    side.invoice(contact, "LATE", due_date=date(2026, 11, 20))
    side.invoice(contact, "TODAY", due_date=date(2026, 11, 21))
    side.invoice(contact, "BILL", due_date=date(2026, 11, 1), type="ACCPAY")
    pay_invoice(side.world, side.org, side.invoice(contact, "PAID", due_date=date(2026, 11, 1)))
    where = 'Type=="ACCREC" AND DueDate<DateTime(2026,11,21) AND AmountDue>0'
    assert numbers(side.get("Invoices", {"where": where, "page": 1})) == ["LATE"]


@pytest.mark.parametrize(
    "where",
    [
        'InvoiceNumber=="inv-1"',
        'Reference=="PO 7" && AmountPaid=0',
        "Date>=DateTime(2026, 10, 1) AND Date<=DateTime(2026,10,1)",
        '(Status=="AUTHORISED" OR Status=="DRAFT") AND AmountDue==120.00',
        "ExpectedPaymentDate==null and AmountDue!=7",
        "SentToContact==true",
    ],
)
def test_the_where_language_is_understood(side: Side, where: str) -> None:
    side.invoice(side.contact(), reference="PO 7")
    assert numbers(side.get("Invoices", {"where": where})) == ["INV-1"]
    assert numbers(side.get("Invoices", {"where": f'{where} AND InvoiceNumber=="other"'})) == []


def test_where_finds_a_contacts_invoices(side: Side) -> None:
    contact = side.contact()
    side.invoice(contact, "INV-1")
    side.invoice(side.contact("Birch AG"), "INV-2")
    where = f'Contact.ContactID==Guid("{contact.id}")'
    assert numbers(side.get("Invoices", {"where": where})) == ["INV-1"]
    assert numbers(side.get("Invoices", {"ContactIDs": contact.id})) == ["INV-1"]


@pytest.mark.parametrize(
    "where",
    [
        "Colour==1",
        "AmountDue>",
        'DueDate<"x"',
        "DueDate<DateTime(2026,13,1)",
        "AmountDue ~ 1",
        "((((",
        "a" * 9000,
    ],
)
def test_a_where_that_cannot_be_read_is_a_400_with_the_reason(side: Side, where: str) -> None:
    answer = side.get("Invoices", {"where": where})
    assert answer.status_code == 400
    assert answer.get_json()["Type"] == "QueryParseException"


def test_ids_and_numbers_pick_single_invoices(side: Side) -> None:
    contact = side.contact()
    made = [side.invoice(contact, f"INV-{n}") for n in range(4)]
    wanted = ",".join([made[1].id.upper(), made[3].id, "unknown"])
    answer = side.get("Invoices", {"IDs": wanted})
    assert sorted(numbers(answer)) == ["INV-1", "INV-3"]
    assert "pagination" not in answer.get_json()
    assert numbers(side.get("Invoices", {"InvoiceNumbers": "INV-2"})) == ["INV-2"]


@pytest.mark.parametrize("style", ["iso", "http"])
def test_if_modified_since_shows_only_what_changed(side: Side, style: str) -> None:
    contact = side.contact()
    side.invoice(contact, "OLD")
    side.advance(timedelta(minutes=5))
    since = side.world.now()
    side.advance(timedelta(minutes=5))
    side.invoice(contact, "NEW")
    text = since.isoformat() if style == "iso" else f"{since:%a, %d %b %Y %H:%M:%S} GMT"
    assert numbers(side.get("Invoices", If_Modified_Since=text)) == ["NEW"]


def test_a_due_date_moved_on_a_part_paid_invoice_is_invisible_to_a_delta_sync(side: Side) -> None:
    invoice = side.invoice(side.contact())
    pay_invoice(side.world, side.org, invoice, amount=Decimal("1.00"))
    side.advance(timedelta(minutes=5))
    since = side.world.now().isoformat()
    change_due_date(side.world, side.org, invoice, date(2027, 1, 31))
    assert numbers(side.get("Invoices", If_Modified_Since=since)) == []
    (shape,) = side.get(f"Invoices/{invoice.id}").get_json()["Invoices"]
    assert shape["DueDateString"] == "2027-01-31T00:00:00"


def test_an_invoice_prints_as_pdf_under_its_own_name(side: Side) -> None:
    invoice = side.invoice(side.contact())
    answer = side.get(f"Invoices/{invoice.id}", Accept="application/pdf")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert "INV-1.pdf" in answer.headers["Content-Disposition"]


def test_only_approved_sales_invoices_can_be_seen_online(side: Side) -> None:
    contact = side.contact()
    sale, draft = side.invoice(contact), side.invoice(contact, "INV-2", status="DRAFT")
    (online,) = side.get(f"Invoices/{sale.id}/OnlineInvoice").get_json()["OnlineInvoices"]
    assert online["OnlineInvoiceUrl"].startswith("http://sandbox.example/")
    assert side.get(f"Invoices/{draft.id}/OnlineInvoice").status_code == 400


# -- money ------------------------------------------------------------------------------------------------------


def test_a_full_payment_settles_the_invoice_and_its_deletion_opens_it_again(side: Side) -> None:
    invoice = side.invoice(side.contact())
    payment = pay_invoice(side.world, side.org, invoice, on=date(2026, 11, 5))
    (shape,) = side.get(f"Invoices/{invoice.id}").get_json()["Invoices"]
    assert (shape["Status"], shape["AmountDue"]) == ("PAID", 0.0)
    assert shape["FullyPaidOnDate"] == "/Date(1793836800000+0000)/"
    delete_payment(side.world, side.org, payment)
    (shape,) = side.get(f"Invoices/{invoice.id}").get_json()["Invoices"]
    assert (shape["Status"], shape["AmountDue"], shape["Payments"]) == ("AUTHORISED", 120.0, [])
    assert side.names("Payments", "Status") == ["DELETED"]


def test_payments_name_their_invoice(side: Side) -> None:
    invoice = side.invoice(side.contact())
    payment = pay_invoice(side.world, side.org, invoice, reference="BACS 1")
    (shape,) = side.get("Payments", {"where": f'Invoice.InvoiceID==guid("{invoice.id}")'}).get_json()[
        "Payments"
    ]
    assert shape["PaymentID"] == payment.id
    assert shape["Invoice"]["InvoiceNumber"] == "INV-1"
    assert (shape["PaymentType"], shape["Reference"]) == ("ACCRECPAYMENT", "BACS 1")
    assert side.get(f"Payments/{payment.id}").get_json()["Payments"][0]["Amount"] == 120.0


def test_credits_show_what_remains_and_where_the_rest_went(side: Side) -> None:
    contact = side.contact()
    invoice = side.invoice(contact)
    note = add_credit_note(
        side.world, side.org, contact, number="CN-1", date=date(2026, 11, 1), total=Decimal("150.00")
    )
    allocate(side.world, side.org, note, invoice)
    (shape,) = side.get("CreditNotes", {"page": 1}).get_json()["CreditNotes"]
    assert (shape["Total"], shape["RemainingCredit"]) == (150.0, 30.0)
    assert shape["Allocations"][0]["Invoice"]["InvoiceID"] == invoice.id
    (settled,) = side.get(f"Invoices/{invoice.id}").get_json()["Invoices"]
    assert (settled["Status"], settled["AmountCredited"], settled["AmountDue"]) == ("PAID", 120.0, 0.0)
    assert settled["CreditNotes"][0]["AppliedAmount"] == 120.0


def test_overpayments_and_prepayments_have_their_own_endpoints(side: Side) -> None:
    contact = side.contact()
    over = add_overpayment(side.world, side.org, contact, date=date(2026, 11, 1), total=Decimal("5.00"))
    pre = add_prepayment(side.world, side.org, contact, date=date(2026, 11, 1), total=Decimal("6.00"))
    assert side.names("Overpayments", "OverpaymentID") == [over.id]
    assert side.names("Prepayments", "PrepaymentID") == [pre.id]
    assert side.get(f"Prepayments/{pre.id}").get_json()["Prepayments"][0]["RemainingCredit"] == 6.0


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
