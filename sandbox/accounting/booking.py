"""What the app may add: sales invoices, contact groups and their members. And what can be booked on, to choose from."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response, jsonify

from sandbox.accounting.bodies import day_of, elements
from sandbox.accounting.chart import (
    ACCOUNTS,
    TAX_RATES,
    TRACKING,
    account_shapes,
    tax_rate_shapes,
    tracking_shapes,
)
from sandbox.accounting.contact_shapes import group_shape
from sandbox.accounting.document_shapes import invoice_full
from sandbox.accounting.errors import invalid, not_found
from sandbox.accounting.session import current_org
from sandbox.accounting.wire import Json, envelope
from sandbox.ledger import add_contact_group, add_invoice
from sandbox.records import Contact, ContactGroup, Line
from sandbox.world import Organisation, World

MOST_GROUPS = 100
_CENT = Decimal("0.01")


class BookingViews:
    """Adding to the ledger."""

    def __init__(self, world: World) -> None:
        self._world = world

    def accounts(self) -> Response:
        """The chart of accounts."""
        return self._answer("Accounts", account_shapes())

    def tax_rates(self) -> Response:
        """The tax rates."""
        return self._answer("TaxRates", tax_rate_shapes())

    def tracking_categories(self) -> Response:
        """The tracking categories in use."""
        return self._answer("TrackingCategories", tracking_shapes())

    def add_invoices(self) -> Response:
        """`PUT /Invoices`: new sales invoices, drafts unless they say otherwise."""
        org = current_org()
        with self._world.lock:
            checked = [_Checked(org, body) for body in elements("Invoices")]
            made = [one.add(self._world) for one in checked]
            shapes = [invoice_full(org, invoice, self._world.now().date()) for invoice in made]
        return self._answer("Invoices", shapes)

    def add_groups(self) -> Response:
        """`PUT /ContactGroups`: new groups, each with a name of its own."""
        org = current_org()
        with self._world.lock:
            made = [
                self._group(org, str(body.get("Name") or "").strip()) for body in elements("ContactGroups")
            ]
        return self._answer("ContactGroups", [group_shape(group) for group in made])

    def add_members(self, group_id: str) -> Response:
        """`PUT /ContactGroups/{id}/Contacts`: who is in the group already stays."""
        org = current_org()
        with self._world.lock:
            group = _known_group(org, group_id)
            members = [_known_contact(org, body.get("ContactID")) for body in elements("Contacts")]
            for contact in members:
                if group.id not in contact.group_ids:
                    contact.group_ids.append(group.id)
        return self._answer("Contacts", [{"ContactID": one.id, "Name": one.name} for one in members])

    def remove_member(self, group_id: str, contact_id: str) -> Response:
        """`DELETE /ContactGroups/{id}/Contacts/{contact}`."""
        org = current_org()
        with self._world.lock:
            group = _known_group(org, group_id)
            contact = org.contacts.get(contact_id.lower())
            if contact is None or group.id not in contact.group_ids:
                raise not_found()
            contact.group_ids.remove(group.id)
        return Response(status=204)

    def _group(self, org: Organisation, name: str) -> ContactGroup:
        if not name:
            raise invalid("The Contact Group Name must be specified.")
        if any(group.name == name for group in org.contact_groups):
            raise invalid("The Contact Group name must be unique.", {"Name": name})
        if len(org.contact_groups) >= MOST_GROUPS:
            raise invalid("You've reached the limit of 100 contact groups.", {"Name": name})
        return add_contact_group(self._world, org, name)

    def _answer(self, name: str, items: list[Json]) -> Response:
        return jsonify(envelope(name, items, self._world.now()))


class _Checked:
    """An invoice that may be added: everything it names is there."""

    def __init__(self, org: Organisation, body: Json) -> None:
        if body.get("InvoiceID"):
            raise invalid("The sandbox adds invoices here; it edits them at /Invoices/{id}.")
        if body.get("Type") != "ACCREC" or body.get("Status", "DRAFT") not in (
            "DRAFT",
            "SUBMITTED",
            "AUTHORISED",
        ):
            raise invalid("The sandbox adds sales invoices (ACCREC) that are drafts, submitted or approved.")
        self._org, self._body = org, body
        self._contact = _known_contact(org, (body.get("Contact") or {}).get("ContactID"))
        self._lines = tuple(_line(one) for one in body.get("LineItems") or ())
        if not self._lines:
            raise invalid("One or more line items must be specified.")

    def add(self, world: World) -> Any:
        body = self._body
        today = world.now().date()
        issued = day_of(body["Date"], "Date") if body.get("Date") else today
        return add_invoice(
            world,
            self._org,
            self._contact,
            number=str(body.get("InvoiceNumber") or f"INV-{len(self._org.invoices) + 5001}"),
            date=issued,
            due_date=day_of(body["DueDate"], "DueDate") if body.get("DueDate") else issued,
            lines=self._lines,
            currency=str(body.get("CurrencyCode") or ""),
            reference=str(body.get("Reference") or ""),
            status=str(body.get("Status") or "DRAFT"),
            sent_to_contact=False,
        )


def _line(body: Json) -> Line:
    account, tax = str(body.get("AccountCode") or ""), str(body.get("TaxType") or "NONE")
    if account not in ACCOUNTS:
        raise invalid(f"Account code '{account}' is not a valid code for this document.")
    if tax not in TAX_RATES or not TAX_RATES[tax][2]:
        raise invalid(
            f"The TaxType code '{tax}' does not exist or cannot be used for this type of transaction."
        )
    tracking = tuple((str(one.get("Name")), str(one.get("Option"))) for one in body.get("Tracking") or ())
    for name, option in tracking:
        if option not in TRACKING.get(name, ()):
            raise invalid(f"The tracking option '{option}' of '{name}' could not be found.")
    try:
        amount, quantity = Decimal(str(body["UnitAmount"])), Decimal(str(body.get("Quantity", 1)))
    except (KeyError, InvalidOperation):
        raise invalid("UnitAmount must be a number.") from None
    rate = TAX_RATES[tax][1]
    tax_amount = (amount * quantity * rate / 100).quantize(_CENT)
    return Line(
        str(body.get("Description") or ""), amount, quantity, tax_amount, account, tax, tracking=tracking
    )


def _known_group(org: Organisation, group_id: str) -> ContactGroup:
    for group in org.contact_groups:
        if group.id == group_id.lower():
            return group
    raise not_found()


def _known_contact(org: Organisation, contact_id: Any) -> Contact:
    contact = org.contacts.get(str(contact_id or "").lower())
    if contact is None:
        raise invalid("The Contact could not be found.", {"ContactID": contact_id})
    return contact
