"""Credit notes, overpayments and prepayments, and setting them against invoices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sandbox.ledger.bookkeeping import (
    LedgerError,
    check_settles,
    emit,
    kept_lines,
    log,
    settle,
    sub_total_of,
    total_tax_of,
)
from sandbox.records import ZERO, Allocation, Contact, Credit, CreditKind, Invoice, Line
from sandbox.world import Organisation, World

CATEGORY = {
    CreditKind.CREDIT_NOTE: "CREDITNOTE",
    CreditKind.OVERPAYMENT: "OVERPAYMENT",
    CreditKind.PREPAYMENT: "PREPAYMENT",
}
CREDIT_TYPE = {
    CreditKind.CREDIT_NOTE: "ACCRECCREDIT",
    CreditKind.OVERPAYMENT: "RECEIVE-OVERPAYMENT",
    CreditKind.PREPAYMENT: "RECEIVE-PREPAYMENT",
}


def add_credit(
    world: World,
    org: Organisation,
    contact: Contact,
    kind: CreditKind,
    *,
    date: date,
    total: Decimal | None = None,
    lines: Sequence[Line] = (),
    number: str = "",
    currency: str = "",
    currency_rate: Decimal = Decimal(1),
    reference: str = "",
) -> Credit:
    """Money the customer has with us: a credit note, overpayment or prepayment, unallocated at first."""
    kept = kept_lines(world, total, lines, kind.value.replace("_", " ").capitalize())
    with world.lock:
        credit = Credit(
            id=world.new_id(),
            kind=kind,
            contact_id=contact.id,
            currency=currency or org.base_currency,
            currency_rate=currency_rate,
            date=date,
            updated_utc=world.now(),
            lines=kept,
            number=number,
            reference=reference,
            sub_total=sub_total_of(kept),
            total_tax=total_tax_of(kept),
        )
        org.credits(kind).put(credit)
        log(world, org, credit.id, "Created", f"{number or kind.value} for {credit.total:,.2f}.")
        _credit_event(world, org, credit, "CREATE")
        return credit


def add_credit_note(
    world: World,
    org: Organisation,
    contact: Contact,
    *,
    number: str,
    date: date,
    total: Decimal,
    currency: str = "",
) -> Credit:
    """A sales credit note; `allocate` sets it against invoices."""
    kind = CreditKind.CREDIT_NOTE
    return add_credit(world, org, contact, kind, number=number, date=date, total=total, currency=currency)


def add_overpayment(
    world: World, org: Organisation, contact: Contact, *, date: date, total: Decimal, currency: str = ""
) -> Credit:
    """Money received beyond what was due."""
    return add_credit(world, org, contact, CreditKind.OVERPAYMENT, date=date, total=total, currency=currency)


def add_prepayment(
    world: World, org: Organisation, contact: Contact, *, date: date, total: Decimal, currency: str = ""
) -> Credit:
    """Money received before there was an invoice."""
    return add_credit(world, org, contact, CreditKind.PREPAYMENT, date=date, total=total, currency=currency)


def allocate(
    world: World,
    org: Organisation,
    credit: Credit,
    invoice: Invoice,
    *,
    amount: Decimal | None = None,
    on: date | None = None,
) -> Allocation:
    """Set a credit, as much as fits unless told, against an invoice of the same contact and currency."""
    with world.lock:
        used = min(credit.remaining, invoice.amount_due) if amount is None else amount
        _check_allocates(credit, invoice, used)
        allocation = Allocation(world.new_id(), credit.id, invoice.id, used, on or world.now().date())
        credit.allocations.append(allocation)
        invoice.allocations.append(allocation)
        invoice.amount_credited += used
        log(world, org, invoice.id, "Credit Applied", f"{used:,.2f} credited.")
        if credit.remaining == ZERO:
            credit.status = "PAID"
            credit.fully_paid_on = allocation.date
        credit.updated_utc = world.now()
        org.credits(credit.kind).put(credit)
        _credit_event(world, org, credit, "UPDATE")
        settle(world, org, invoice, allocation.date)
        return allocation


def _check_allocates(credit: Credit, invoice: Invoice, amount: Decimal) -> None:
    check_settles(invoice, amount, "An allocation")
    if (credit.contact_id, credit.currency) != (invoice.contact_id, invoice.currency):
        raise LedgerError("A credit can only be set against an invoice of the same contact and currency.")
    if amount > credit.remaining:
        raise LedgerError(f"Only {credit.remaining} {credit.currency} of this credit remain, not {amount}.")


def _credit_event(world: World, org: Organisation, credit: Credit, change: str) -> None:
    data = {"Type": CREDIT_TYPE[credit.kind], "Status": credit.status}
    emit(world, org, CATEGORY[credit.kind], change, credit.id, data)
