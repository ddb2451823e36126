"""Changes to invoices that move no money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sandbox.ledger.bookkeeping import (
    LedgerError,
    emit,
    kept_lines,
    log,
    sub_total_of,
    total_tax_of,
    touch_invoice,
)
from sandbox.records import Contact, Invoice, Line
from sandbox.world import Organisation, World


def add_invoice(
    world: World,
    org: Organisation,
    contact: Contact,
    *,
    number: str,
    date: date,
    due_date: date,
    total: Decimal | None = None,
    lines: Sequence[Line] = (),
    currency: str = "",
    currency_rate: Decimal = Decimal(1),
    reference: str = "",
    type: str = "ACCREC",  # noqa: A002  # the name the ledger itself uses
    status: str = "AUTHORISED",
    sent_to_contact: bool = True,
    invoice_id: str | None = None,
) -> Invoice:
    """A new invoice (or bill, `type="ACCPAY"`); give either `lines` or one `total` without tax."""
    kept = kept_lines(world, total, lines, f"Invoice {number}")
    with world.lock:
        invoice = Invoice(
            id=invoice_id or world.new_id(),
            number=number,
            contact_id=contact.id,
            date=date,
            due_date=due_date,
            currency=currency or org.base_currency,
            currency_rate=currency_rate,
            lines=kept,
            updated_utc=world.now(),
            type=type,
            status=status,
            reference=reference,
            sub_total=sub_total_of(kept),
            total_tax=total_tax_of(kept),
            sent_to_contact=sent_to_contact and status not in ("DRAFT", "SUBMITTED"),
            branding_theme_id=org.branding_themes[0].id if org.branding_themes else None,
        )
        org.invoices.put(invoice)
        log(world, org, invoice.id, "Created", f"{number} to {contact.name} for {invoice.total:,.2f}.")
        emit(world, org, "INVOICE", "CREATE", invoice.id)
        return invoice


def approve_invoice(world: World, org: Organisation, invoice: Invoice) -> None:
    """Move a draft or submitted invoice to AUTHORISED."""
    if invoice.status not in ("DRAFT", "SUBMITTED"):
        raise LedgerError(f"Invoice {invoice.number} is {invoice.status} and cannot be approved.")
    with world.lock:
        invoice.status = "AUTHORISED"
        log(world, org, invoice.id, "Approved", f"{invoice.number} approved.")
        touch_invoice(world, org, invoice)


def void_invoice(world: World, org: Organisation, invoice: Invoice) -> None:
    """Void an approved invoice; not possible while payments or credits stand against it."""
    if invoice.status != "AUTHORISED" or invoice.amount_paid or invoice.amount_credited:
        raise LedgerError(
            f"Invoice {invoice.number} is {invoice.status} or has payments or credits; "
            "only an AUTHORISED one without them can be voided."
        )
    with world.lock:
        invoice.status = "VOIDED"
        log(world, org, invoice.id, "Voided", f"{invoice.number} voided.")
        touch_invoice(world, org, invoice)


def change_due_date(world: World, org: Organisation, invoice: Invoice, due_date: date) -> None:
    """Move the due date. On a part-paid invoice UpdatedDateUTC stays, as the ledger is known to leave it."""
    with world.lock:
        part_paid = invoice.amount_paid > 0 or invoice.amount_credited > 0
        invoice.due_date = due_date
        log(world, org, invoice.id, "Edited", f"{invoice.number} due date changed to {due_date:%d %b %Y}.")
        if part_paid:
            emit(world, org, "INVOICE", "UPDATE", invoice.id)
        else:
            touch_invoice(world, org, invoice)


def change_invoice(
    world: World,
    org: Organisation,
    invoice: Invoice,
    *,
    expected_payment_date: date | None = None,
    reference: str | None = None,
    sent_to_contact: bool | None = None,
) -> None:
    """Edit what may be edited without touching money; what is not given stays as it is."""
    with world.lock:
        invoice.expected_payment_date = expected_payment_date or invoice.expected_payment_date
        invoice.reference = invoice.reference if reference is None else reference
        invoice.sent_to_contact = invoice.sent_to_contact if sent_to_contact is None else sent_to_contact
        log(world, org, invoice.id, "Edited", f"{invoice.number} edited.")
        touch_invoice(world, org, invoice)
