"""Invoices, payments and credits, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sandbox.accounting.contact_shapes import contact_full, contact_stub
from sandbox.accounting.wire import Json, dated, money, ms_date, updated
from sandbox.ledger import CREDIT_TYPE
from sandbox.records import ZERO, Allocation, Credit, CreditKind, Invoice, Line, Payment
from sandbox.world import Organisation

BANK_ACCOUNT = {"AccountID": "6f7594f2-f059-4d56-9e67-47ac9733bfe9", "Code": "090"}
CREDIT_NAME = {
    CreditKind.CREDIT_NOTE: "CreditNote",
    CreditKind.OVERPAYMENT: "Overpayment",
    CreditKind.PREPAYMENT: "Prepayment",
}


def invoice_summary(org: Organisation, invoice: Invoice) -> Json:
    """What `summaryOnly` leaves: no payments, no lines, no attachment flag."""
    shape: Json = {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Reference": invoice.reference,
        "AmountDue": money(invoice.amount_due),
        "AmountPaid": money(invoice.amount_paid),
        "AmountCredited": money(invoice.amount_credited),
        "CurrencyRate": float(invoice.currency_rate),
        "IsDiscounted": False,
        "HasErrors": False,
        "SentToContact": invoice.sent_to_contact,
        "Contact": contact_stub(org.contacts.get(invoice.contact_id), invoice.contact_id),
        **dated("Date", invoice.date),
        **dated("DueDate", invoice.due_date),
        "Status": invoice.status,
        "LineAmountTypes": _amount_types(invoice.lines),
        "SubTotal": money(invoice.sub_total),
        "TotalTax": money(invoice.total_tax),
        "Total": money(invoice.total),
        **updated(invoice.updated_utc),
        "CurrencyCode": invoice.currency,
    }
    if invoice.branding_theme_id:
        shape["BrandingThemeID"] = invoice.branding_theme_id
    if invoice.fully_paid_on:
        shape["FullyPaidOnDate"] = ms_date(invoice.fully_paid_on)
    return {**shape, **dated("ExpectedPaymentDate", invoice.expected_payment_date)}


def invoice_listed(org: Organisation, invoice: Invoice) -> Json:
    """An entry of an unpaged list: payments and credits, but no lines."""
    shape = invoice_summary(org, invoice)
    payments = (org.payments.get(payment_id) for payment_id in invoice.payment_ids)
    shape["Payments"] = [_payment_stub(p) for p in payments if p is not None]
    for name in CREDIT_NAME.values():
        shape[f"{name}s"] = []
    for allocation in invoice.allocations:
        kind, entry = _applied_credit(org, allocation)
        shape[f"{CREDIT_NAME[kind]}s"].append(entry)
    shape["HasAttachments"] = False
    shape["LineItems"] = []
    return shape


def invoice_paged(org: Organisation, invoice: Invoice) -> Json:
    """An entry of a paged list: with lines, the contact still by id and name only."""
    return {**invoice_listed(org, invoice), "LineItems": [line_shape(line) for line in invoice.lines]}


def invoice_full(org: Organisation, invoice: Invoice, today: date) -> Json:
    """The invoice by its id, with the whole contact."""
    shape = invoice_paged(org, invoice)
    contact = org.contacts.get(invoice.contact_id)
    if contact is not None:
        shape["Contact"] = contact_full(org, contact, today)
    return shape


def payment_shape(org: Organisation, payment: Payment) -> Json:
    """A payment with the head of the invoice it settles."""
    invoice = org.invoices.get(payment.invoice_id)
    rate = invoice.currency_rate if invoice else Decimal(1)
    shape: Json = {
        "PaymentID": payment.id,
        "Date": ms_date(payment.date),
        "BankAmount": money(payment.amount),
        "Amount": money(payment.amount),
        "Reference": payment.reference,
        "CurrencyRate": float(rate),
        "PaymentType": payment.type,
        "Status": payment.status,
        **updated(payment.updated_utc),
        "HasAccount": True,
        "IsReconciled": payment.is_reconciled,
        "Account": BANK_ACCOUNT,
        "HasValidationErrors": False,
    }
    if invoice is not None:
        shape["Invoice"] = _invoice_head(org, invoice)
    return shape


def credit_shape(org: Organisation, credit: Credit, *, lines: bool) -> Json:
    """A credit note, overpayment or prepayment with its allocations; `lines` for paged lists and by id."""
    name = CREDIT_NAME[credit.kind]
    shape: Json = {
        f"{name}ID": credit.id,
        "ID": credit.id,
        "Type": CREDIT_TYPE[credit.kind],
        "Reference": credit.reference,
        "RemainingCredit": money(credit.remaining),
        "Allocations": [_allocation(org, allocation) for allocation in credit.allocations],
        "Payments": [],
        "HasAttachments": False,
        "CurrencyRate": float(credit.currency_rate),
        "Contact": contact_stub(org.contacts.get(credit.contact_id), credit.contact_id),
        **dated("Date", credit.date),
        "Status": credit.status,
        "LineAmountTypes": _amount_types(credit.lines),
        "LineItems": [line_shape(line) for line in credit.lines] if lines else [],
        "SubTotal": money(credit.sub_total),
        "TotalTax": money(credit.total_tax),
        "Total": money(credit.total),
        **updated(credit.updated_utc),
        "CurrencyCode": credit.currency,
    }
    if credit.kind is CreditKind.CREDIT_NOTE:
        shape["CreditNoteNumber"] = credit.number
    if credit.fully_paid_on:
        shape["FullyPaidOnDate"] = ms_date(credit.fully_paid_on)
    return shape


def _invoice_head(org: Organisation, invoice: Invoice) -> Json:
    return {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "HasErrors": False,
        "IsDiscounted": False,
        "Contact": contact_stub(org.contacts.get(invoice.contact_id), invoice.contact_id),
        "LineItems": [],
        "CurrencyCode": invoice.currency,
    }


def _payment_stub(payment: Payment) -> Json:
    return {
        "PaymentID": payment.id,
        "Date": ms_date(payment.date),
        "Amount": money(payment.amount),
        "Reference": payment.reference,
        "CurrencyRate": 1.0,
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def _applied_credit(org: Organisation, allocation: Allocation) -> tuple[CreditKind, Json]:
    found = (org.credits(kind).get(allocation.credit_id) for kind in CreditKind)
    credit = next(credit for credit in found if credit is not None)
    name = CREDIT_NAME[credit.kind]
    entry: Json = {
        f"{name}ID": credit.id,
        "ID": credit.id,
        "AppliedAmount": money(allocation.amount),
        **dated("Date", allocation.date),
        "Total": money(credit.total),
        "LineItems": [],
    }
    if credit.kind is CreditKind.CREDIT_NOTE:
        entry.update(CreditNoteNumber=credit.number, HasErrors=False)
    return credit.kind, entry


def _allocation(org: Organisation, allocation: Allocation) -> Json:
    invoice = org.invoices.get(allocation.invoice_id)
    return {
        "AllocationID": allocation.id,
        "Amount": money(allocation.amount),
        "Date": ms_date(allocation.date),
        "Invoice": {
            "InvoiceID": allocation.invoice_id,
            "InvoiceNumber": invoice.number if invoice else "",
            "Payments": [],
            "LineItems": [],
            "HasErrors": False,
            "IsDiscounted": False,
        },
        "IsDeleted": False,
    }


def line_shape(line: Line) -> Json:
    """One line of a document."""
    return {
        "Description": line.description,
        "UnitAmount": money(line.unit_amount),
        "TaxType": line.tax_type,
        "TaxAmount": money(line.tax_amount),
        "LineAmount": money(line.amount),
        "AccountCode": line.account_code,
        "Tracking": [{"Name": name, "Option": option} for name, option in line.tracking],
        "Quantity": float(line.quantity),
        "LineItemID": line.id,
        "ValidationErrors": [],
    }


def _amount_types(lines: Sequence[Line]) -> str:
    """Amounts are before tax, or there is no tax at all."""
    return "Exclusive" if any(line.tax_amount != ZERO for line in lines) else "NoTax"
