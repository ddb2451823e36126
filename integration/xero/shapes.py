"""The parts of Xero's JSON that we read.

Lenient where Xero adds things: unknown fields are skipped, kinds and states are plain words, and whatever
may be missing may be null as well. Amounts are read as ``Decimal`` straight from the text.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

Flag = bool | str | None
"""The documentation's own examples write "true" as well as true."""


class Shape(msgspec.Struct, rename="pascal", gc=False):
    """An object of Xero's."""


class Pagination(msgspec.Struct, rename="camel"):
    page_count: int | None = None
    item_count: int | None = None


class PersonShape(Shape):
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    include_in_emails: Flag = None


class ContactHead(Shape):
    """The contact inside a document."""

    contact_id: str | None = msgspec.field(default=None, name="ContactID")
    name: str | None = None


class GroupShape(Shape):
    contact_group_id: str | None = msgspec.field(default=None, name="ContactGroupID")
    contacts: list[ContactHead] | None = None
    name: str | None = None
    status: str | None = None


class AddressShape(Shape):
    address_type: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    address_line4: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class PhoneShape(Shape):
    phone_type: str | None = None
    phone_country_code: str | None = None
    phone_area_code: str | None = None
    phone_number: str | None = None


class TermShape(Shape):
    day: int | None = None
    type: str | None = None


class TermsShape(Shape):
    sales: TermShape | None = None
    bills: TermShape | None = None


class ContactShape(Shape):
    contact_id: str | None = msgspec.field(default=None, name="ContactID")
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    contact_persons: list[PersonShape] | None = None
    contact_groups: list[GroupShape] | None = None
    addresses: list[AddressShape] | None = None
    phones: list[PhoneShape] | None = None
    contact_status: str | None = None
    payment_terms: TermsShape | None = None
    merged_to_contact_id: str | None = msgspec.field(default=None, name="MergedToContactID")
    updated_date_utc: str | None = msgspec.field(default=None, name="UpdatedDateUTC")


class AppliedShape(Shape):
    """A credit as it stands in the invoice to which it was allocated."""

    credit_note_id: str | None = msgspec.field(default=None, name="CreditNoteID")
    overpayment_id: str | None = msgspec.field(default=None, name="OverpaymentID")
    prepayment_id: str | None = msgspec.field(default=None, name="PrepaymentID")
    applied_amount: Decimal | None = None
    date: str | None = None
    date_string: str | None = None


class InvoiceShape(Shape):
    type: str | None = None
    invoice_id: str | None = msgspec.field(default=None, name="InvoiceID")
    invoice_number: str | None = None
    reference: str | None = None
    contact: ContactHead | None = None
    date: str | None = None
    date_string: str | None = None
    due_date: str | None = None
    due_date_string: str | None = None
    expected_payment_date: str | None = None
    fully_paid_on_date: str | None = None
    sent_to_contact: Flag = None
    currency_code: str | None = None
    total: Decimal | None = None
    amount_due: Decimal | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None
    status: str | None = None
    updated_date_utc: str | None = msgspec.field(default=None, name="UpdatedDateUTC")
    credit_notes: list[AppliedShape] | None = None
    prepayments: list[AppliedShape] | None = None
    overpayments: list[AppliedShape] | None = None


class DocumentHead(Shape):
    """The document that a payment belongs to."""

    invoice_id: str | None = msgspec.field(default=None, name="InvoiceID")
    currency_code: str | None = None
    contact: ContactHead | None = None


class PaymentShape(Shape):
    payment_id: str | None = msgspec.field(default=None, name="PaymentID")
    payment_type: str | None = None
    date: str | None = None
    amount: Decimal | None = None
    status: str | None = None
    is_reconciled: Flag = None
    currency_code: str | None = None
    invoice: DocumentHead | None = None
    credit_note: DocumentHead | None = None
    overpayment: DocumentHead | None = None
    prepayment: DocumentHead | None = None
    updated_date_utc: str | None = msgspec.field(default=None, name="UpdatedDateUTC")


class CreditShape(Shape):
    """A credit note, overpayment or prepayment; only the name of the id differs."""

    type: str | None = None
    credit_note_id: str | None = msgspec.field(default=None, name="CreditNoteID")
    overpayment_id: str | None = msgspec.field(default=None, name="OverpaymentID")
    prepayment_id: str | None = msgspec.field(default=None, name="PrepaymentID")
    credit_note_number: str | None = None
    contact: ContactHead | None = None
    date: str | None = None
    date_string: str | None = None
    currency_code: str | None = None
    total: Decimal | None = None
    remaining_credit: Decimal | None = None
    status: str | None = None
    updated_date_utc: str | None = msgspec.field(default=None, name="UpdatedDateUTC")


class LineShape(Shape):
    description: str | None = None
    quantity: Decimal | None = None
    line_amount: Decimal | None = None


class QuoteShape(Shape):
    quote_id: str | None = msgspec.field(default=None, name="QuoteID")
    quote_number: str | None = None
    reference: str | None = None
    title: str | None = None
    terms: str | None = None
    contact: ContactHead | None = None
    line_items: list[LineShape] | None = None
    line_amount_types: str | None = None
    date: str | None = None
    date_string: str | None = None
    currency_code: str | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    status: str | None = None
    updated_date_utc: str | None = msgspec.field(default=None, name="UpdatedDateUTC")


class OrganisationShape(Shape):
    organisation_id: str | None = msgspec.field(default=None, name="OrganisationID")
    name: str | None = None
    timezone: str | None = None
    base_currency: str | None = None
    country_code: str | None = None
    short_code: str | None = None


class ReminderShape(Shape):
    enabled: Flag = None


class OnlineInvoiceShape(Shape):
    online_invoice_url: str | None = None


class NoteShape(Shape):
    changes: str | None = None
    user: str | None = None
    details: str | None = None
    date_utc: str | None = msgspec.field(default=None, name="DateUTC")


class AccountShape(Shape):
    code: str | None = None
    name: str | None = None
    status: str | None = None
    class_: str | None = msgspec.field(default=None, name="Class")
    system_account: str | None = None


class TaxRateShape(Shape):
    name: str | None = None
    tax_type: str | None = None
    status: str | None = None
    can_apply_to_revenue: Flag = None


class TrackingOptionShape(Shape):
    name: str | None = None
    status: str | None = None


class TrackingCategoryShape(Shape):
    name: str | None = None
    status: str | None = None
    options: list[TrackingOptionShape] | None = None


class Envelope(msgspec.Struct, kw_only=True):
    """What is around every list."""

    pagination: Pagination | None = None


class Contacts(Envelope):
    items: list[ContactShape] = msgspec.field(name="Contacts")


class Invoices(Envelope):
    items: list[InvoiceShape] = msgspec.field(name="Invoices")


class Payments(Envelope):
    items: list[PaymentShape] = msgspec.field(name="Payments")


class CreditNotes(Envelope):
    items: list[CreditShape] = msgspec.field(name="CreditNotes")


class Overpayments(Envelope):
    items: list[CreditShape] = msgspec.field(name="Overpayments")


class Prepayments(Envelope):
    items: list[CreditShape] = msgspec.field(name="Prepayments")


class Quotes(Envelope):
    items: list[QuoteShape] = msgspec.field(name="Quotes")


Credits = CreditNotes | Overpayments | Prepayments


class Organisations(Envelope):
    items: list[OrganisationShape] = msgspec.field(name="Organisations")


class Reminders(Envelope):
    items: list[ReminderShape] = msgspec.field(name="InvoiceReminders")


class OnlineInvoices(Envelope):
    items: list[OnlineInvoiceShape] = msgspec.field(name="OnlineInvoices")


class Notes(Envelope):
    items: list[NoteShape] = msgspec.field(name="HistoryRecords")


class Groups(Envelope):
    items: list[GroupShape] = msgspec.field(name="ContactGroups")


class Accounts(Envelope):
    items: list[AccountShape] = msgspec.field(name="Accounts")


class TaxRates(Envelope):
    items: list[TaxRateShape] = msgspec.field(name="TaxRates")


class TrackingCategories(Envelope):
    items: list[TrackingCategoryShape] = msgspec.field(name="TrackingCategories")
