"""Xero's shapes as facts.

What a fact cannot do without (ids, dates, money and its currency) is never made up: a document that lacks
it makes its whole page unreadable, so that nobody works with half a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from integration.ledger import (
    HistoryEntry,
    LedgerAllocation,
    LedgerContact,
    LedgerCredit,
    LedgerInvoice,
    LedgerOrganisation,
    LedgerPayment,
    LedgerPerson,
    LedgerQuote,
    LedgerQuoteLine,
    LedgerTerms,
    Unreadable,
)
from integration.xero.shapes import (
    AddressShape,
    AppliedShape,
    ContactHead,
    ContactShape,
    CreditShape,
    DocumentHead,
    Flag,
    InvoiceShape,
    LineShape,
    NoteShape,
    OrganisationShape,
    PaymentShape,
    PhoneShape,
    QuoteShape,
    TermShape,
)
from integration.xero.timezones import iana_name
from kit.countries import iso_code

T = TypeVar("T")

SALES_INVOICE = "ACCREC"
CUSTOMER_CREDITS = frozenset(
    {"ACCRECCREDIT", "RECEIVE-OVERPAYMENT", "AROVERPAYMENT", "RECEIVE-PREPAYMENT", "ARPREPAYMENT"}
)
NO_CURRENCY = "XXX"
"""ISO 4217's word for none: Xero does not name the currency of refunds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_DAY_IN_MS = 86_400_000
_MS_DATE = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")


def organisation(tenant_id: str, shape: OrganisationShape) -> LedgerOrganisation:
    """The organisation; an answer about another one is refused."""
    if shape.organisation_id and shape.organisation_id.lower() != tenant_id.lower():
        raise Unreadable("The ledger answered for another organisation than the one asked for.")
    return LedgerOrganisation(
        tenant_id=tenant_id,
        name=_needed(shape.name, "organisation", "name"),
        timezone=iana_name(shape.timezone),
        base_currency=_needed(shape.base_currency, "organisation", "base currency"),
        country=shape.country_code or "",
        short_code=shape.short_code or None,
    )


def contact(shape: ContactShape) -> LedgerContact:
    own_id = _needed(shape.contact_id, "contact", "id")
    return LedgerContact(
        id=own_id,
        name=shape.name or "",
        first_name=shape.first_name or None,
        last_name=shape.last_name or None,
        email=_stripped(shape.email_address),
        persons=tuple(
            LedgerPerson(
                person.first_name or None,
                person.last_name or None,
                _stripped(person.email_address),
                is_true(person.include_in_emails),
            )
            for person in shape.contact_persons or ()
        ),
        status=_needed(shape.contact_status, "contact", "status", own_id),
        merged_into=shape.merged_to_contact_id or None,
        updated_at=_instant(shape.updated_date_utc, "contact", own_id),
        groups=tuple(
            sorted(
                {
                    one.name
                    for one in shape.contact_groups or ()
                    if one.name and one.status in (None, "ACTIVE")
                }
            )
        ),
        country=_country(shape.addresses or ()),
        address=_address(shape.addresses or ()),
        phones=_phones(shape.phones or ()),
        terms=_terms(shape.payment_terms.sales if shape.payment_terms else None),
        bill_terms=_terms(shape.payment_terms.bills if shape.payment_terms else None),
    )


def _terms(shape: TermShape | None) -> LedgerTerms | None:
    return (
        None
        if shape is None or shape.type is None or shape.day is None
        else LedgerTerms(shape.type, shape.day)
    )


_PHONES = ("MOBILE", "DEFAULT", "DDI", "OFFICE")
"""Kinds of numbers at which somebody answers, in the order in which they are wanted."""


def _phones(phones: Iterable[PhoneShape]) -> tuple[str, ...]:
    """The numbers in words: Xero keeps country, area and number as three free texts, each of them optional."""
    written = {phone.phone_type: _phone(phone) for phone in phones}
    return tuple(dict.fromkeys(found for kind in _PHONES if (found := written.get(kind))))


def _phone(phone: PhoneShape) -> str:
    """A country code makes a number international; people write it with or without its plus."""
    country = (phone.phone_country_code or "").strip().removeprefix("00").lstrip("+ ")
    parts = (f"+{country}" if country else "", phone.phone_area_code or "", phone.phone_number or "")
    number = (phone.phone_number or "").strip()
    return " ".join(part.strip() for part in parts if part.strip()) if number else ""


_CITY_FIRST = frozenset({"US", "CA", "AU", "NZ"})
_POSTCODE_BELOW = frozenset({None, "GB", "IE"})
"""Where the postal code has a line of its own; elsewhere it stands before the city."""


def _address(addresses: Iterable[AddressShape]) -> tuple[str, ...]:
    """The postal address, else another one that says something, in lines as they are written in its country."""
    postal_first = sorted(addresses, key=lambda address: address.address_type != "POBOX")
    return next((lines for address in postal_first if (lines := _lines(address))), ())


def _lines(address: AddressShape) -> tuple[str, ...]:
    street = (address.address_line1, address.address_line2, address.address_line3, address.address_line4)
    city, region, code = (
        " ".join((text or "").split()) for text in (address.city, address.region, address.postal_code)
    )
    country = iso_code(address.country)
    if country in _CITY_FIRST:
        place = [" ".join(part for part in (city, region, code) if part)]
    elif country in _POSTCODE_BELOW:
        place = [city, region, code]
    else:
        place = [" ".join(part for part in (code, city) if part), region]
    found = [" ".join(line.split()) for text in street for line in (text or "").splitlines()]
    return tuple(line for line in (*found, *place) if line)


def _country(addresses: Iterable[AddressShape]) -> str | None:
    """The country of the postal address, else of another one: Xero has it as free text."""
    postal_first = sorted(addresses, key=lambda address: address.address_type != "POBOX")
    return next((code for address in postal_first if (code := iso_code(address.country))), None)


def invoice(shape: InvoiceShape) -> LedgerInvoice:
    """A sales invoice. A draft may have no due date yet; then it is due when it is issued."""
    own_id = _needed(shape.invoice_id, "invoice", "id")
    head = shape.contact or ContactHead()
    issued_on = _needed(_day(shape.date_string or shape.date), "invoice", "date", own_id)
    return LedgerInvoice(
        id=own_id,
        contact_id=_needed(head.contact_id, "invoice", "contact", own_id),
        contact_name=head.name or "",
        number=shape.invoice_number or "",
        reference=shape.reference or None,
        issued_on=issued_on,
        due_on=_day(shape.due_date_string or shape.due_date) or issued_on,
        currency=_needed(shape.currency_code, "invoice", "currency", own_id),
        total=_money(shape.total, "invoice", own_id),
        amount_due=_money(shape.amount_due, "invoice", own_id),
        amount_paid=shape.amount_paid or Decimal(0),
        amount_credited=shape.amount_credited or Decimal(0),
        status=_needed(shape.status, "invoice", "status", own_id),
        expected_on=_day(shape.expected_payment_date),
        fully_paid_on=_day(shape.fully_paid_on_date),
        updated_at=_instant(shape.updated_date_utc, "invoice", own_id),
        sent=None if shape.sent_to_contact is None else is_true(shape.sent_to_contact),
        allocations=_allocations(shape),
    )


def _allocations(shape: InvoiceShape) -> tuple[LedgerAllocation, ...]:
    """In the ledger's order; what it gives no amount or no day for is left to what it says is settled in all."""
    applied = (
        ("credit_note", shape.credit_notes),
        ("prepayment", shape.prepayments),
        ("overpayment", shape.overpayments),
    )
    return tuple(found for kind, each in applied for one in each or () if (found := _allocation(kind, one)))


def _allocation(kind: str, shape: AppliedShape) -> LedgerAllocation | None:
    own_id = shape.credit_note_id or shape.overpayment_id or shape.prepayment_id
    on = _day(shape.date_string or shape.date)
    amount = shape.applied_amount
    if not own_id or on is None or not amount or not amount.is_finite():
        return None
    return LedgerAllocation(kind, own_id, amount, on)


def is_of_a_customer(shape: PaymentShape) -> bool:
    """Whether a payment belongs to sales. Payments of bills have kinds that begin with ACCPAY or AP."""
    return not (shape.payment_type or "").upper().startswith(("ACCPAY", "AP"))


def payment(shape: PaymentShape) -> LedgerPayment:
    """Money on an invoice; on a credit (a refund) there is no invoice and often no currency named."""
    own_id = _needed(shape.payment_id, "payment", "id")
    document = shape.invoice or shape.credit_note or shape.overpayment or shape.prepayment or DocumentHead()
    head = document.contact or ContactHead()
    return LedgerPayment(
        id=own_id,
        kind=shape.payment_type or "",
        invoice_id=document.invoice_id or None,
        contact_id=head.contact_id or None,
        paid_on=_needed(_day(shape.date), "payment", "date", own_id),
        currency=document.currency_code or shape.currency_code or NO_CURRENCY,
        amount=_money(shape.amount, "payment", own_id),
        status=_needed(shape.status, "payment", "status", own_id),
        is_reconciled=is_true(shape.is_reconciled),
        updated_at=_instant(shape.updated_date_utc, "payment", own_id),
    )


def credit(kind: str, shape: CreditShape) -> LedgerCredit:
    own_id = _needed(shape.credit_note_id or shape.overpayment_id or shape.prepayment_id, kind, "id")
    head = shape.contact or ContactHead()
    return LedgerCredit(
        id=own_id,
        kind=kind,
        contact_id=_needed(head.contact_id, kind, "contact", own_id),
        contact_name=head.name or "",
        number=shape.credit_note_number or None,
        issued_on=_needed(_day(shape.date_string or shape.date), kind, "date", own_id),
        currency=_needed(shape.currency_code, kind, "currency", own_id),
        total=_money(shape.total, kind, own_id),
        remaining=shape.remaining_credit or Decimal(0),
        status=_needed(shape.status, kind, "status", own_id),
        updated_at=_instant(shape.updated_date_utc, kind, own_id),
    )


def quote(shape: QuoteShape) -> LedgerQuote:
    """A quote with its lines; Xero writes of its amounts as it does of those of invoices, but in capitals."""
    own_id = _needed(shape.quote_id, "quote", "id")
    head = shape.contact or ContactHead()
    return LedgerQuote(
        id=own_id,
        contact_id=_needed(head.contact_id, "quote", "contact", own_id),
        contact_name=head.name or "",
        number=shape.quote_number or "",
        reference=shape.reference or None,
        title=shape.title or None,
        terms=shape.terms or None,
        issued_on=_needed(_day(shape.date_string or shape.date), "quote", "date", own_id),
        currency=_needed(shape.currency_code, "quote", "currency", own_id),
        total_tax=shape.total_tax or Decimal(0),
        total=_money(shape.total, "quote", own_id),
        tax_included=(shape.line_amount_types or "").upper() == "INCLUSIVE",
        lines=tuple(_quote_line(line) for line in shape.line_items or ()),
        status=_needed(shape.status, "quote", "status", own_id),
        updated_at=_instant(shape.updated_date_utc, "quote", own_id),
    )


def _quote_line(shape: LineShape) -> LedgerQuoteLine:
    """A line without a quantity only says something, and Xero gives it an amount of 0."""
    amount = shape.line_amount if shape.quantity is not None or shape.line_amount else None
    return LedgerQuoteLine(shape.description or "", shape.quantity, amount)


def is_true(flag: Flag) -> bool:
    """A flag that may come as text."""
    return flag is True or (isinstance(flag, str) and flag.strip().lower() == "true")


def _needed(value: T | None, document: str, field: str, own_id: str = "") -> T:
    if value is None or value == "":
        raise Unreadable(
            f"The ledger sent a {document} ({own_id or 'no id'}) without its {field}: page not used."
        )
    return value


def _money(value: Decimal | None, document: str, own_id: str) -> Decimal:
    amount = _needed(value, document, "amount", own_id)
    if not amount.is_finite():
        raise Unreadable(f"The ledger sent a {document} ({own_id}) whose amount is no number: page not used.")
    return amount


def _stripped(text: str | None) -> str | None:
    return (text or "").strip() or None


@lru_cache(maxsize=8192)
def _day(text: str | None) -> date | None:
    """A calendar day from ``/Date(…)/`` (midnight UTC of that day, never to be shifted) or ISO text."""
    if not text:
        return None
    found = _MS_DATE.fullmatch(text)
    try:
        if found:
            return date.fromordinal(_EPOCH_DAY + int(found[1]) // _DAY_IN_MS)
        return date.fromisoformat(text[:10])
    except (ValueError, OverflowError):
        raise Unreadable("The ledger sent a date that cannot be understood: page not used.") from None


def history_entry(shape: NoteShape) -> HistoryEntry | None:
    """An entry of a history; None when it says nothing."""
    if not shape.details:
        return None
    at = _instant(shape.date_utc, "note", "") if shape.date_utc else None
    return HistoryEntry(shape.details, at, shape.user or "", shape.changes == "Note")


def _instant(text: str | None, document: str, own_id: str) -> datetime:
    """A moment from ``/Date(…)/`` or ISO text, which is UTC where it names no zone."""
    found = _MS_DATE.fullmatch(_needed(text, document, "time of change", own_id))
    try:
        if found:
            return _EPOCH + timedelta(milliseconds=int(found[1]))
        moment = datetime.fromisoformat(text or "")
    except (ValueError, OverflowError):
        raise Unreadable("The ledger sent a time that cannot be understood: page not used.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
