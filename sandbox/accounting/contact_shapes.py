"""Contacts and what belongs to them, as JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sandbox.accounting.wire import Json, money, ms_instant
from sandbox.records import ZERO, Address, Contact, ContactGroup, Phone
from sandbox.world import Organisation

PHONE_KINDS = ("DDI", "DEFAULT", "FAX", "MOBILE")
ADDRESS_KINDS = ("STREET", "POBOX")


def contact_stub(contact: Contact | None, contact_id: str) -> Json:
    """The contact inside a listed document: id and name, everything else empty."""
    return {
        "ContactID": contact_id,
        "Name": contact.name if contact else "",
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def contact_basic(contact: Contact) -> Json:
    """What an unpaged or summary list says of a contact."""
    shape: Json = {
        "ContactID": contact.id,
        "ContactStatus": contact.status,
        "Name": contact.name,
        "FirstName": contact.first_name,
        "LastName": contact.last_name,
        "EmailAddress": contact.email,
        "BankAccountDetails": "",
        "Phones": [_phone(contact, kind) for kind in PHONE_KINDS],
        "UpdatedDateUTC": ms_instant(contact.updated_utc),
        "HasAttachments": False,
        "HasValidationErrors": False,
    }
    if contact.account_number:
        shape["AccountNumber"] = contact.account_number
    return shape


def contact_listed(contact: Contact) -> Json:
    """An entry of an unpaged list: no persons, groups, terms or balances."""
    return {
        **contact_basic(contact),
        "Addresses": [_address(contact, kind) for kind in ADDRESS_KINDS],
        "ContactGroups": [],
        "ContactPersons": [],
        "IsSupplier": contact.is_supplier,
        "IsCustomer": contact.is_customer,
    }


def contact_full(org: Organisation, contact: Contact, today: date) -> Json:
    """An entry of a paged list, or the contact by its id."""
    shape = contact_listed(contact)
    groups = (g for g in org.contact_groups if g.id in contact.group_ids)
    shape["ContactGroups"] = [group_shape(g) for g in groups]
    shape["SalesTrackingCategories"] = []
    shape["PurchasesTrackingCategories"] = []
    shape["ContactPersons"] = [
        {
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "EmailAddress": person.email,
            "IncludeInEmails": person.include_in_emails,
        }
        for person in contact.persons
    ]
    if contact.default_currency:
        shape["DefaultCurrency"] = contact.default_currency
    if contact.terms or contact.bill_terms:
        both = {"Bills": contact.bill_terms, "Sales": contact.terms}
        shape["PaymentTerms"] = {
            name: {"Day": terms.days, "Type": terms.kind} for name, terms in both.items() if terms
        }
    if contact.merged_into:
        shape["MergedToContactID"] = contact.merged_into
    return {**shape, **_balances(org, contact, today)}


def group_shape(group: ContactGroup, members: list[Json] | None = None) -> Json:
    """A contact group; members only when it is asked for by its id."""
    return {
        "ContactGroupID": group.id,
        "Name": group.name,
        "Status": "ACTIVE",
        "Contacts": members or [],
        "HasValidationErrors": False,
    }


def _balances(org: Organisation, contact: Contact, today: date) -> Json:
    """Open and overdue amounts in the base currency, left out when the contact owes and is owed nothing."""
    sums: dict[str, list[Decimal]] = {"ACCREC": [ZERO, ZERO], "ACCPAY": [ZERO, ZERO]}
    for invoice in org.invoices.of_contact(contact.id):
        if invoice.status == "AUTHORISED":
            base = (invoice.amount_due / invoice.currency_rate).quantize(Decimal("0.01"))
            sums[invoice.type][0] += base
            sums[invoice.type][1] += base if invoice.due_date < today else ZERO
    if not any(part for pair in sums.values() for part in pair):
        return {}
    names = {"ACCREC": "AccountsReceivable", "ACCPAY": "AccountsPayable"}
    shape = {names[t]: {"Outstanding": money(o), "Overdue": money(d)} for t, (o, d) in sums.items()}
    return {"Balances": shape}


def _phone(contact: Contact, kind: str) -> Json:
    phone = next((p for p in contact.phones if p.kind == kind), Phone("", kind))
    return {
        "PhoneType": kind,
        "PhoneNumber": phone.number,
        "PhoneAreaCode": phone.area,
        "PhoneCountryCode": phone.country,
    }


def _address(contact: Contact, kind: str) -> Json:
    address = next((a for a in contact.addresses if a.kind == kind), Address("", kind=kind))
    shape = {
        "AddressType": kind,
        "City": address.city,
        "Region": address.region,
        "PostalCode": address.postal_code,
        "Country": address.country,
    }
    return {**shape, "AddressLine1": address.line1} if address.line1 else shape
