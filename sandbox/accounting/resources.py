"""The kinds of record the Accounting API lists, with the fields that `where` and `order` may name."""

from __future__ import annotations

from sandbox.accounting.filters import Field, Fields, Kind
from sandbox.accounting.lists import Resource
from sandbox.ledger import CREDIT_TYPE
from sandbox.records import Contact, Credit, CreditKind, Invoice, Payment, Quote

CONTACTS = Resource[Contact](
    "Contacts",
    "Contact",
    {
        "ContactID": Field(Kind.ID, lambda c: c.id),
        "Name": Field(Kind.TEXT, lambda c: c.name),
        "FirstName": Field(Kind.TEXT, lambda c: c.first_name),
        "LastName": Field(Kind.TEXT, lambda c: c.last_name),
        "EmailAddress": Field(Kind.TEXT, lambda c: c.email),
        "AccountNumber": Field(Kind.TEXT, lambda c: c.account_number),
        "ContactStatus": Field(Kind.CODE, lambda c: c.status),
        "IsCustomer": Field(Kind.FLAG, lambda c: c.is_customer),
        "IsSupplier": Field(Kind.FLAG, lambda c: c.is_supplier),
        "UpdatedDateUTC": Field(Kind.INSTANT, lambda c: c.updated_utc),
    },
    lambda org: org.contacts,
)

INVOICES = Resource[Invoice](
    "Invoices",
    "Invoice",
    {
        "InvoiceID": Field(Kind.ID, lambda i: i.id),
        "Type": Field(Kind.CODE, lambda i: i.type),
        "Status": Field(Kind.CODE, lambda i: i.status),
        "Contact.ContactID": Field(Kind.ID, lambda i: i.contact_id),
        "InvoiceNumber": Field(Kind.TEXT, lambda i: i.number),
        "Reference": Field(Kind.TEXT, lambda i: i.reference),
        "CurrencyCode": Field(Kind.CODE, lambda i: i.currency),
        "Total": Field(Kind.MONEY, lambda i: i.total),
        "AmountDue": Field(Kind.MONEY, lambda i: i.amount_due),
        "AmountPaid": Field(Kind.MONEY, lambda i: i.amount_paid),
        "AmountCredited": Field(Kind.MONEY, lambda i: i.amount_credited),
        "Date": Field(Kind.DATE, lambda i: i.date),
        "DueDate": Field(Kind.DATE, lambda i: i.due_date),
        "ExpectedPaymentDate": Field(Kind.DATE, lambda i: i.expected_payment_date),
        "FullyPaidOnDate": Field(Kind.DATE, lambda i: i.fully_paid_on),
        "SentToContact": Field(Kind.FLAG, lambda i: i.sent_to_contact),
        "UpdatedDateUTC": Field(Kind.INSTANT, lambda i: i.updated_utc),
    },
    lambda org: org.invoices,
)

PAYMENTS = Resource[Payment](
    "Payments",
    "Payment",
    {
        "PaymentID": Field(Kind.ID, lambda p: p.id),
        "PaymentType": Field(Kind.CODE, lambda p: p.type),
        "Status": Field(Kind.CODE, lambda p: p.status),
        "Invoice.InvoiceID": Field(Kind.ID, lambda p: p.invoice_id),
        "Date": Field(Kind.DATE, lambda p: p.date),
        "Amount": Field(Kind.MONEY, lambda p: p.amount),
        "Reference": Field(Kind.TEXT, lambda p: p.reference),
        "IsReconciled": Field(Kind.FLAG, lambda p: p.is_reconciled),
        "UpdatedDateUTC": Field(Kind.INSTANT, lambda p: p.updated_utc),
    },
    lambda org: org.payments,
)

QUOTES = Resource[Quote](
    "Quotes",
    "Quote",
    {
        "QuoteID": Field(Kind.ID, lambda q: q.id),
        "QuoteNumber": Field(Kind.TEXT, lambda q: q.number),
        "Status": Field(Kind.CODE, lambda q: q.status),
        "Reference": Field(Kind.TEXT, lambda q: q.reference),
        "CurrencyCode": Field(Kind.CODE, lambda q: q.currency),
        "Total": Field(Kind.MONEY, lambda q: q.total),
        "Date": Field(Kind.DATE, lambda q: q.date),
        "ExpiryDate": Field(Kind.DATE, lambda q: q.expiry_date),
        "UpdatedDateUTC": Field(Kind.INSTANT, lambda q: q.updated_utc),
    },
    lambda org: org.quotes,
)


_CREDIT_FIELDS: Fields[Credit] = {
    "Type": Field(Kind.CODE, lambda c: CREDIT_TYPE[c.kind]),
    "Status": Field(Kind.CODE, lambda c: c.status),
    "Contact.ContactID": Field(Kind.ID, lambda c: c.contact_id),
    "Reference": Field(Kind.TEXT, lambda c: c.reference),
    "CurrencyCode": Field(Kind.CODE, lambda c: c.currency),
    "Date": Field(Kind.DATE, lambda c: c.date),
    "Total": Field(Kind.MONEY, lambda c: c.total),
    "RemainingCredit": Field(Kind.MONEY, lambda c: c.remaining),
    "UpdatedDateUTC": Field(Kind.INSTANT, lambda c: c.updated_utc),
}


def _credits(kind: CreditKind, singular: str, **more: Field[Credit]) -> Resource[Credit]:
    fields = {f"{singular}ID": Field[Credit](Kind.ID, lambda c: c.id), **_CREDIT_FIELDS, **more}
    return Resource[Credit](f"{singular}s", singular, fields, lambda org: org.credits(kind))


CREDITS = {
    CreditKind.CREDIT_NOTE: _credits(
        CreditKind.CREDIT_NOTE, "CreditNote", CreditNoteNumber=Field(Kind.TEXT, lambda c: c.number)
    ),
    CreditKind.OVERPAYMENT: _credits(CreditKind.OVERPAYMENT, "Overpayment"),
    CreditKind.PREPAYMENT: _credits(CreditKind.PREPAYMENT, "Prepayment"),
}
