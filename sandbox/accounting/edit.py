"""The few edits of an invoice that credit control makes: due date, expected payment date, reference, sent."""

from __future__ import annotations

from flask import Response, jsonify

from sandbox.accounting.bodies import day_of, elements
from sandbox.accounting.document_shapes import invoice_full
from sandbox.accounting.errors import invalid, not_found
from sandbox.accounting.session import current_org
from sandbox.accounting.wire import Json, envelope
from sandbox.ledger import change_due_date, change_invoice
from sandbox.records import Invoice
from sandbox.world import World

EDITABLE = frozenset({"DueDate", "ExpectedPaymentDate", "Reference", "SentToContact"})
HARMLESS = frozenset(
    {"InvoiceID", "InvoiceNumber", "Type", "Status", "Contact", "HasAttachments", "HasErrors"}
)
"""Fields the official client sends along with every update; they change nothing here."""
NOT_SENT = "Only AUTHORISED invoices may have SentToContact updated."


class EditViews:
    """Updating one invoice."""

    def __init__(self, world: World) -> None:
        self._world = world

    def update_invoice(self, invoice_id: str) -> Response:
        """`POST /Invoices/{id}` with some of the editable fields; nulls are passed over."""
        org = current_org()
        with self._world.lock:
            invoice = org.invoices.get(invoice_id.lower())
            if invoice is None:
                raise not_found()
            asked = {k: v for k, v in elements("Invoices")[0].items() if v is not None}
            _check(invoice, asked)
            warnings = self._apply(invoice, asked)
            shape = invoice_full(org, invoice, self._world.now().date())
        return jsonify(envelope("Invoices", [{**shape, **warnings}], self._world.now()))

    def _apply(self, invoice: Invoice, asked: Json) -> Json:
        world, org = self._world, current_org()
        due = day_of(asked["DueDate"], "DueDate") if "DueDate" in asked else None
        expected = asked.get("ExpectedPaymentDate")
        expected_on = day_of(expected, "ExpectedPaymentDate") if expected else None
        sent = bool(asked["SentToContact"]) if "SentToContact" in asked else None
        unsent = sent is not None and invoice.status in ("DRAFT", "SUBMITTED")
        if due is not None:
            change_due_date(world, org, invoice, due)
        if expected_on or "Reference" in asked or (sent is not None and not unsent):
            change_invoice(
                world,
                org,
                invoice,
                expected_payment_date=expected_on,
                reference=asked.get("Reference"),
                sent_to_contact=None if unsent else sent,
            )
        return {"Warnings": [{"Message": NOT_SENT}]} if unsent else {}


def _check(invoice: Invoice, asked: Json) -> None:
    about = {"InvoiceID": invoice.id}
    unknown = sorted(set(asked) - EDITABLE - HARMLESS)
    if unknown:
        raise invalid(f"The sandbox cannot edit {', '.join(unknown)}.", about)
    if not EDITABLE & set(asked):
        return
    if invoice.status in ("VOIDED", "DELETED"):
        raise invalid("Invoice not of valid status for modification", about)
    settled = invoice.amount_paid > 0 or invoice.amount_credited > 0
    if settled and {"ExpectedPaymentDate", "SentToContact"} & set(asked):
        raise invalid(
            "This document cannot be edited as it has a payment or credit note allocated to it.", about
        )
