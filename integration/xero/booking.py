"""What Dunnock makes in Xero besides notes: drafts of invoices, groups of contacts, and their payment terms."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from integration.ledger import (
    AnswerLost,
    BookingChoices,
    Choice,
    Drafted,
    InvoiceDraft,
    LedgerTerms,
    NotFound,
    Unreadable,
)
from integration.xero import mapping, shapes
from integration.xero.transport import Transport
from kit.wording import N_

E = TypeVar("E", bound=shapes.Envelope)
_ACTIVE = (None, "ACTIVE")
_INCOME = ("REVENUE", None)


def decoded(envelope: type[E], body: bytes) -> E:
    """The answer of a reading call; ``Unreadable`` when it is not what it should be."""
    problem = ""
    try:
        return msgspec.json.decode(body, type=envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = type(error).__name__
    raise Unreadable(N_(f"The ledger's answer cannot be understood ({problem}); nothing of it was used."))


class Booking:
    """The part of ``XeroLedger`` that drafts invoices, keeps groups and sets payment terms."""

    _transport: Transport

    def booking_choices(self) -> BookingChoices:
        """Income accounts but the ledger's own, tax rates for sales, and tracking categories that are in use; three calls."""
        accounts = self._read(shapes.Accounts, "get_accounts").items
        rates = self._read(shapes.TaxRates, "get_tax_rates").items
        categories = self._read(shapes.TrackingCategories, "get_tracking_categories").items
        return BookingChoices(
            tuple(
                Choice(one.code, one.name or one.code)
                for one in accounts
                if one.code and one.status in _ACTIVE and one.class_ in _INCOME and not one.system_account
            ),
            tuple(
                Choice(one.tax_type, one.name or one.tax_type)
                for one in rates
                if one.tax_type and one.status in _ACTIVE and mapping.is_true(one.can_apply_to_revenue)
            ),
            tuple((one.name, _options(one)) for one in categories if one.name and one.status in _ACTIVE),
        )

    def invoice_with_reference(self, contact_id: str, reference: str) -> Drafted | None:
        """The sales invoice of this contact with just this reference, of whatever status; None: there is none."""
        where = (
            f'Type=="{mapping.SALES_INVOICE}" AND Contact.ContactID==guid("{_guid(contact_id)}")'
            f' AND Reference=="{_quoted(reference)}"'
        )
        for shape in self._read(shapes.Invoices, "get_invoices", where=where, page=1, page_size=100).items:
            if shape.invoice_id and shape.reference == reference:
                return Drafted(shape.invoice_id, shape.invoice_number or "")
        return None

    def draft_invoice(self, draft: InvoiceDraft, *, idempotency_key: str) -> Drafted:
        """Make a draft. Amounts are without tax; the tax is what the user's tax rate makes of them."""
        body = self._transport.write(
            "create_invoices", {"Invoices": [_invoice(draft)]}, idempotency_key=idempotency_key
        )
        try:
            made = msgspec.json.decode(body, type=shapes.Invoices).items
        except (msgspec.DecodeError, UnicodeDecodeError):
            made = []
        if not made or not made[0].invoice_id:
            raise AnswerLost(
                N_("The ledger's answer to a draft cannot be understood; it may have been made.")
            )
        return Drafted(made[0].invoice_id, made[0].invoice_number or "")

    def group_named(self, name: str) -> str | None:
        """The id of the contact group with this name; None: there is none."""
        for one in self._read(shapes.Groups, "get_contact_groups").items:
            if one.contact_group_id and one.status in _ACTIVE and (one.name or "").strip() == name:
                return one.contact_group_id
        return None

    def add_group(self, name: str, *, idempotency_key: str) -> str:
        """Make a contact group; its id."""
        body = self._transport.write(
            "create_contact_group", {"ContactGroups": [{"Name": name}]}, idempotency_key=idempotency_key
        )
        try:
            made = msgspec.json.decode(body, type=shapes.Groups).items
        except (msgspec.DecodeError, UnicodeDecodeError):
            made = []
        if not made or not made[0].contact_group_id:
            raise AnswerLost(
                N_("The ledger's answer to a group cannot be understood; it may have been made.")
            )
        return made[0].contact_group_id

    def group_members(self, group_id: str) -> frozenset[str]:
        """The contacts that are in a group."""
        found = self._read(shapes.Groups, "get_contact_group", group_id).items
        return frozenset(one.contact_id for group in found for one in group.contacts or () if one.contact_id)

    def put_into_group(self, group_id: str, contact_id: str, *, idempotency_key: str) -> None:
        """Put a contact into a group; one that is in it stays."""
        self._transport.write(
            "create_contact_group_contacts",
            group_id,
            {"Contacts": [{"ContactID": contact_id}]},
            idempotency_key=idempotency_key,
        )

    def take_from_group(self, group_id: str, contact_id: str) -> None:
        """Take a contact out of a group; one that is not in it stays out."""
        try:
            self._transport.write("delete_contact_group_contact", group_id, contact_id)
        except NotFound:
            return

    def set_terms(
        self,
        contact_id: str,
        terms: LedgerTerms,
        *,
        bill_terms: LedgerTerms | None,
        idempotency_key: str,
    ) -> None:
        """Give a contact other terms for sales. Those for bills go along, so that they stay whatever Xero does without."""
        both = {"Sales": _term(terms)} | ({"Bills": _term(bill_terms)} if bill_terms else {})
        self._transport.write(
            "update_contact",
            contact_id,
            {"Contacts": [{"ContactID": contact_id, "PaymentTerms": both}]},
            idempotency_key=idempotency_key,
        )

    def _read(self, envelope: type[E], operation: str, *arguments: str, **options: object) -> E:
        return decoded(envelope, self._transport.read(operation, *arguments, **options))


def _term(terms: LedgerTerms) -> dict[str, Any]:
    return {"Day": terms.days, "Type": terms.kind}


def _options(category: shapes.TrackingCategoryShape) -> tuple[str, ...]:
    return tuple(one.name for one in category.options or () if one.name and one.status in _ACTIVE)


def _invoice(draft: InvoiceDraft) -> dict[str, Any]:
    return {
        "Type": mapping.SALES_INVOICE,
        "Status": "DRAFT",
        "Contact": {"ContactID": draft.contact_id},
        "Date": draft.issued_on.isoformat(),
        "DueDate": draft.due_on.isoformat(),
        "CurrencyCode": draft.currency,
        "Reference": draft.reference,
        "LineAmountTypes": "Exclusive",
        "LineItems": [
            {
                "Description": line.description,
                "Quantity": 1,
                "UnitAmount": line.amount,
                "AccountCode": line.account_code,
                "TaxType": line.tax_type,
                "Tracking": [{"Name": name, "Option": option} for name, option in line.tracking],
            }
            for line in draft.lines
        ],
    }


def _guid(text: str) -> str:
    """An id as a filter may hold it: nothing in it can end the quotation."""
    return "".join(sign for sign in text if sign.isalnum() or sign == "-")


def _quoted(text: str) -> str:
    return text.replace("\\", "").replace('"', "")
