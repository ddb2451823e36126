"""Control of ledger data: make organisations, and do what the people in them would do.

| call | body |
|---|---|
| `POST /sandbox/organisations` | the shape below → `{tenant_id, contacts: {name: id}, invoices, quotes: {number: id}}` |
| `GET /sandbox/organisations` | → `[{tenant_id, name, …}]` |
| `GET /sandbox/organisations/TENANT/history` | → notes `[{record_id, record, changes, details, at}]`; `?all=1` every entry |
| `POST /sandbox/organisations/TENANT/contacts` | one contact as below → `{contact_id}` |
| `POST /sandbox/organisations/TENANT/invoices` | one invoice as below → `{invoice_id}` |
| `POST /sandbox/organisations/TENANT/quotes` | one quote as below → `{quote_id}` |
| `POST /sandbox/quotes/ID/status` | `{status}`: what a person or the customer makes of it |
| `POST /sandbox/contacts/ID/credits` | `{kind, amount, date?, currency?, number?}` → `{credit_id}` |
| `POST /sandbox/contacts/ID/change` | `{name?, email?, status?}` |
| `POST /sandbox/contacts/ID/merge` | `{into: contact id}` |
| `POST /sandbox/invoices/ID/pay` | `{amount?, date?}` → `{payment_id}` |
| `POST /sandbox/invoices/ID/void`, `/approve` | nothing |
| `POST /sandbox/invoices/ID/due-date` | `{due_date}` |
| `POST /sandbox/invoices/ID/allocate` | `{credit_id, amount?}` |
| `POST /sandbox/payments/ID/delete` | nothing |

An organisation::

    {"name": "…", "legal_name": "…", "base_currency": "GBP", "country": "GB", "timezone": "GMTSTANDARDTIME",
     "is_demo": false, "reminders_enabled": false, "owners": ["XERO_USERID"],
     "contacts": [{"name": "…", "email": "…", "first_name": "…", "last_name": "…", "account_number": "…",
                   "status": "ACTIVE", "terms_days": 30, "phone": "…",
                   "persons": [{"first_name", "last_name", "email", "include_in_emails"}]}],
     "invoices": [{"contact": "name or id", "number": "INV-1", "date": "2026-10-01", "due_date": "2026-10-31",
                   "total": "120.00", "currency": "GBP", "reference": "…", "type": "ACCREC",
                   "status": "AUTHORISED", "paid": "20.00", "paid_on": "2026-11-01"}],
     "credits": [{"contact": "name or id", "kind": "credit_note", "amount": "5.00", "date": "2026-10-05",
                  "number": "CN-1", "currency": "GBP"}],
     "quotes": [{"contact": "name or id", "number": "QU-1", "date": "2026-10-05", "expiry_date": "2026-11-05",
                 "total": "900.00", "currency": "GBP", "status": "SENT", "title": "…", "reference": "…",
                 "terms": "…", "lines": [{"description": "…", "unit_amount": "450.00", "quantity": "2", "tax": "90.00"}]}]}

Only names, numbers, contacts, dates and totals are required. Making an organisation raises no webhook events;
everything else does. Amounts are in the document's currency.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import date
from typing import Any, TypeVar

from flask import Response, jsonify, request

from sandbox.access import SandboxUser
from sandbox.control_body import ControlError, amount, body, day, not_known, text
from sandbox.control_quotes import QuoteControl, contact_named
from sandbox.ledger import (
    add_contact,
    add_credit,
    add_invoice,
    add_organisation,
    allocate,
    approve_invoice,
    change_contact,
    change_due_date,
    delete_payment,
    merge_contact,
    pay_invoice,
    void_invoice,
)
from sandbox.records import Address, Contact, ContactPerson, Credit, CreditKind, Invoice, Phone, Terms
from sandbox.world import Organisation, World

Answer = Response | tuple[Response | str, int]
R = TypeVar("R")


class LedgerControl:
    """The views about ledger data."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._quotes = QuoteControl(world)

    def routes(self) -> dict[str, Callable[..., Answer]]:
        """The view for each "METHOD path", for the control blueprint."""
        return {
            "POST /organisations": self.add_organisation,
            "GET /organisations": self.organisations,
            "GET /organisations/<tenant_id>/history": self.history,
            "POST /organisations/<tenant_id>/contacts": self.add_contact,
            "POST /organisations/<tenant_id>/invoices": self.add_invoice,
            "POST /organisations/<tenant_id>/quotes": self._quotes.add,
            "POST /quotes/<quote_id>/status": self._quotes.change,
            "POST /contacts/<contact_id>/credits": self.add_credit,
            "POST /contacts/<contact_id>/change": self.change_contact,
            "POST /contacts/<contact_id>/merge": self.merge_contact,
            "POST /invoices/<invoice_id>/pay": self.pay,
            "POST /invoices/<invoice_id>/void": self.void,
            "POST /invoices/<invoice_id>/approve": self.approve,
            "POST /invoices/<invoice_id>/due-date": self.change_due_date,
            "POST /invoices/<invoice_id>/allocate": self.allocate,
            "POST /payments/<payment_id>/delete": self.delete_payment,
        }

    def organisations(self) -> Answer:
        """All organisations with what they hold."""
        with self._world.lock:
            found = [
                {
                    "tenant_id": org.tenant_id,
                    "name": org.name,
                    "base_currency": org.base_currency,
                    "connected": self._world.access.is_connected(org.tenant_id),
                    "contacts": len(org.contacts),
                    "invoices": len(org.invoices),
                }
                for org in self._world.organisations.values()
            ]
        return jsonify(found)

    def add_organisation(self) -> Answer:
        """A new organisation with everything in it, or nothing at all when one part is wrong."""
        asked = body()
        with self._world.quiet():
            org = add_organisation(self._world, **self._organisation_fields(asked))
            try:
                for item in asked.get("contacts", []):
                    self._contact(org, item)
                for item in asked.get("invoices", []):
                    self._invoice(org, item)
                for item in asked.get("credits", []):
                    self._credit(org, contact_named(org, text(item, "contact")), item)
                for item in asked.get("quotes", []):
                    self._quotes.quote(org, item)
            except ValueError:
                self._forget(org)
                raise
        return jsonify(
            tenant_id=org.tenant_id,
            contacts={contact.name: contact.id for contact in org.contacts},
            invoices={invoice.number: invoice.id for invoice in org.invoices},
            quotes={quote.number: quote.id for quote in org.quotes},
        ), 201

    def _organisation_fields(self, asked: dict[str, Any]) -> dict[str, Any]:
        flags = {name: bool(asked.get(name, False)) for name in ("is_demo", "reminders_enabled")}
        texts = ("legal_name", "base_currency", "country", "timezone", "tenant_id")
        given = {name: text(asked, name) for name in texts if name in asked}
        owners = [self._user(str(user_id)) for user_id in asked.get("owners", [])]
        return {"name": text(asked, "name"), **flags, **given, "owners": owners}

    def _user(self, user_id: str) -> SandboxUser:
        user = self._world.access.users.get(user_id)
        if user is None:
            raise not_known("user", user_id)
        return user

    def _forget(self, org: Organisation) -> None:
        del self._world.organisations[org.tenant_id]
        for user in self._world.access.users.values():
            if org.tenant_id in user.tenant_ids:
                user.tenant_ids.remove(org.tenant_id)

    def history(self, tenant_id: str) -> Answer:
        """Every note in the organisation, by document, oldest first."""
        org, everything = self._org(tenant_id), request.args.get("all") == "1"
        with self._world.lock:
            found = [
                {
                    "record_id": record_id,
                    "record": _kind_of(org, record_id),
                    "changes": entry.changes,
                    "details": entry.details,
                    "at": entry.at.isoformat(),
                }
                for record_id, entries in org.history.items()
                for entry in entries
                if everything or entry.changes == "Note"
            ]
        return jsonify(found)

    def add_contact(self, tenant_id: str) -> Answer:
        """One more contact."""
        return jsonify(contact_id=self._contact(self._org(tenant_id), body()).id), 201

    def add_invoice(self, tenant_id: str) -> Answer:
        """One more invoice, paid in part or whole when it says so."""
        with self._world.lock:
            return jsonify(invoice_id=self._invoice(self._org(tenant_id), body()).id), 201

    def add_credit(self, contact_id: str) -> Answer:
        """A credit note, overpayment or prepayment for a contact."""
        org, contact = self._find(lambda o: o.contacts.get(contact_id), "contact", contact_id)
        return jsonify(credit_id=self._credit(org, contact, body()).id), 201

    def change_contact(self, contact_id: str) -> Answer:
        """A new name, address or status."""
        org, contact = self._find(lambda o: o.contacts.get(contact_id), "contact", contact_id)
        asked = body()
        name, email, status = (text(asked, f) if f in asked else None for f in ("name", "email", "status"))
        change_contact(self._world, org, contact, name=name, email=email, status=status)
        return "", 204

    def merge_contact(self, contact_id: str) -> Answer:
        """Merge a contact into the one that ``into`` names: it is archived, and its documents are that one's."""
        org, contact = self._find(lambda o: o.contacts.get(contact_id), "contact", contact_id)
        named = text(body(), "into")
        into = org.contacts.get(named)
        if into is None:
            raise not_known("contact", named)
        merge_contact(self._world, org, contact, into)
        return "", 204

    def pay(self, invoice_id: str) -> Answer:
        """Receive money for an invoice: all that is due unless an amount is given."""
        asked = body()
        org, invoice = self._find_invoice(invoice_id)
        on = day(asked, "date", self._today())
        payment = pay_invoice(self._world, org, invoice, amount=amount(asked, "amount"), on=on)
        return jsonify(payment_id=payment.id, status=invoice.status, amount_due=str(invoice.amount_due)), 201

    def void(self, invoice_id: str) -> Answer:
        """Void an invoice."""
        void_invoice(self._world, *self._find_invoice(invoice_id))
        return "", 204

    def approve(self, invoice_id: str) -> Answer:
        """Approve a draft."""
        approve_invoice(self._world, *self._find_invoice(invoice_id))
        return "", 204

    def change_due_date(self, invoice_id: str) -> Answer:
        """Move an invoice's due date."""
        change_due_date(self._world, *self._find_invoice(invoice_id), day(body(), "due_date"))
        return "", 204

    def allocate(self, invoice_id: str) -> Answer:
        """Set a credit against an invoice."""
        asked = body()
        org, invoice = self._find_invoice(invoice_id)
        credit_id = text(asked, "credit_id")
        credit = _credit_in(org, credit_id)
        if credit is None:
            raise not_known("credit", credit_id)
        allocate(self._world, org, credit, invoice, amount=amount(asked, "amount"))
        return jsonify(status=invoice.status, amount_due=str(invoice.amount_due)), 201

    def delete_payment(self, payment_id: str) -> Answer:
        """Take a payment back."""
        org, payment = self._find(lambda o: o.payments.get(payment_id), "payment", payment_id)
        delete_payment(self._world, org, payment)
        return "", 204

    def _today(self) -> date:
        return self._world.now().date()

    def _org(self, tenant_id: str) -> Organisation:
        org = self._world.organisations.get(tenant_id)
        if org is None:
            raise not_known("organisation", tenant_id)
        return org

    def _find_invoice(self, invoice_id: str) -> tuple[Organisation, Invoice]:
        return self._find(lambda o: o.invoices.get(invoice_id), "invoice", invoice_id)

    def _find(
        self, look: Callable[[Organisation], R | None], what: str, record_id: str
    ) -> tuple[Organisation, R]:
        """The record and the organisation that holds it."""
        with self._world.lock:
            for org in self._world.organisations.values():
                record = look(org)
                if record is not None:
                    return org, record
        raise not_known(what, record_id)

    def _contact(self, org: Organisation, item: dict[str, Any]) -> Contact:
        contact = add_contact(
            self._world,
            org,
            name=text(item, "name"),
            email=text(item, "email", ""),
            first_name=text(item, "first_name", ""),
            last_name=text(item, "last_name", ""),
            account_number=text(item, "account_number", ""),
            persons=[_person(person) for person in item.get("persons", [])],
            phones=[Phone(text(item, "phone"))] if item.get("phone") else [],
            addresses=[_address(item["address"])] if item.get("address") else [],
            terms=Terms(int(item["terms_days"])) if "terms_days" in item else None,
        )
        if text(item, "status", "ACTIVE") != "ACTIVE":
            change_contact(self._world, org, contact, status=item["status"])
        return contact

    def _invoice(self, org: Organisation, item: dict[str, Any]) -> Invoice:
        contact = contact_named(org, text(item, "contact"))
        invoice = add_invoice(
            self._world,
            org,
            contact,
            number=text(item, "number"),
            date=day(item, "date"),
            due_date=day(item, "due_date"),
            total=amount(item, "total"),
            currency=text(item, "currency", ""),
            reference=text(item, "reference", ""),
            type=text(item, "type", "ACCREC"),
            status=text(item, "status", "AUTHORISED"),
            sent_to_contact=item.get("sent_to_contact", True) is not False,
        )
        paid = amount(item, "paid")
        if paid:
            pay_invoice(self._world, org, invoice, amount=paid, on=day(item, "paid_on", self._today()))
        return invoice

    def _credit(self, org: Organisation, contact: Contact, item: dict[str, Any]) -> Credit:
        try:
            kind = CreditKind(text(item, "kind"))
        except ValueError:
            raise ControlError("'kind' must be credit_note, overpayment or prepayment.") from None
        return add_credit(
            self._world,
            org,
            contact,
            kind,
            date=day(item, "date", self._today()),
            total=amount(item, "amount"),
            number=text(item, "number", ""),
            currency=text(item, "currency", ""),
        )


def _address(item: dict[str, Any]) -> Address:
    return Address(
        text(item, "line1"),
        text(item, "city", ""),
        text(item, "region", ""),
        text(item, "postal_code", ""),
        text(item, "country", ""),
    )


def _person(item: dict[str, Any]) -> ContactPerson:
    return ContactPerson(
        text(item, "first_name", ""),
        text(item, "last_name", ""),
        text(item, "email", ""),
        bool(item.get("include_in_emails", True)),
    )


def _credit_in(org: Organisation, credit_id: str) -> Credit | None:
    found = (org.credits(kind).get(credit_id) for kind in CreditKind)
    return next((credit for credit in found if credit is not None), None)


def _kind_of(org: Organisation, record_id: str) -> str:
    kept: dict[str, Container[str]] = {
        "contact": org.contacts,
        "invoice": org.invoices,
        "payment": org.payments,
        "quote": org.quotes,
        **{kind.value: org.credits(kind) for kind in CreditKind},
    }
    return next((name for name, records in kept.items() if record_id in records), "unknown")
