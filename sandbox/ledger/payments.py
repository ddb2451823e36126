"""Money received against an invoice, and taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sandbox.ledger.bookkeeping import LedgerError, check_settles, log, settle
from sandbox.records import Invoice, Payment
from sandbox.world import Organisation, World


def pay_invoice(
    world: World,
    org: Organisation,
    invoice: Invoice,
    *,
    amount: Decimal | None = None,
    on: date | None = None,
    reference: str = "",
    is_reconciled: bool = True,
) -> Payment:
    """Receive money in the invoice's currency: all that is due unless told, on the UTC day unless told."""
    with world.lock:
        paid = invoice.amount_due if amount is None else amount
        check_settles(invoice, paid, "A payment")
        payment = Payment(
            id=world.new_id(),
            invoice_id=invoice.id,
            contact_id=invoice.contact_id,
            amount=paid,
            date=on or world.now().date(),
            updated_utc=world.now(),
            reference=reference,
            type="ACCRECPAYMENT" if invoice.type == "ACCREC" else "ACCPAYPAYMENT",
            is_reconciled=is_reconciled,
        )
        org.payments.put(payment)
        invoice.payment_ids.append(payment.id)
        invoice.amount_paid += paid
        log(world, org, invoice.id, "Paid", f"Payment of {paid:,.2f} received on {payment.date:%d %b %Y}.")
        settle(world, org, invoice, payment.date)
        return payment


def delete_payment(world: World, org: Organisation, payment: Payment) -> None:
    """Take a payment back; a paid invoice opens again."""
    if payment.status == "DELETED":
        raise LedgerError("This payment is already deleted.")
    invoice = org.invoices.get(payment.invoice_id)
    if invoice is None:
        raise LedgerError("This payment belongs to no known invoice.")
    with world.lock:
        payment.status = "DELETED"
        payment.updated_utc = world.now()
        org.payments.put(payment)
        invoice.payment_ids.remove(payment.id)
        invoice.amount_paid -= payment.amount
        log(world, org, invoice.id, "Payment Deleted", f"Payment of {payment.amount:,.2f} deleted.")
        settle(world, org, invoice, payment.date)
