"""Reading an organisation's invoices and the money that came for them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sandbox.ledger import (
    add_credit_note,
    add_overpayment,
    add_prepayment,
    allocate,
    change_due_date,
    delete_payment,
    pay_invoice,
    void_invoice,
)
from sandbox.records import Line
from tests.sandbox.app_side import Side, numbers

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
