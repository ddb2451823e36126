"""What every change to a ledger shares: sums, checks, history and webhook events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sandbox.records import ZERO, HistoryRecord, Invoice, Line
from sandbox.world import LedgerEvent, Organisation, World


class LedgerError(ValueError):
    """The ledger refuses this change; the text says why."""


def kept_lines(
    world: World, total: Decimal | None, lines: Sequence[Line], description: str
) -> tuple[Line, ...]:
    if (total is None) == (not lines):
        raise LedgerError("Give either lines or one total, not both and not neither.")
    drafts = lines or (Line(description, total or ZERO),)
    return tuple(line if line.id else replace(line, id=world.new_id()) for line in drafts)


def sub_total_of(lines: Sequence[Line]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def total_tax_of(lines: Sequence[Line]) -> Decimal:
    return sum((line.tax_amount for line in lines), ZERO)


def check_settles(invoice: Invoice, amount: Decimal, what: str) -> None:
    if invoice.status != "AUTHORISED":
        raise LedgerError(f"{what} needs an AUTHORISED invoice; {invoice.number} is {invoice.status}.")
    if not ZERO < amount <= invoice.amount_due:
        raise LedgerError(
            f"{what} on {invoice.number} must be more than 0 and at most the {invoice.amount_due} "
            f"{invoice.currency} due, not {amount}."
        )


def settle(world: World, org: Organisation, invoice: Invoice, on: date) -> None:
    """Set PAID or reopen after money moved, then bump and announce the invoice."""
    if invoice.status in ("AUTHORISED", "PAID"):
        paid = invoice.amount_due == ZERO
        invoice.status = "PAID" if paid else "AUTHORISED"
        invoice.fully_paid_on = on if paid else None
    touch_invoice(world, org, invoice)


def touch_invoice(world: World, org: Organisation, invoice: Invoice) -> None:
    invoice.updated_utc = world.now()
    org.invoices.put(invoice)
    emit(world, org, "INVOICE", "UPDATE", invoice.id)


def log(
    world: World,
    org: Organisation,
    record_id: str,
    changes: str,
    details: str,
    user: str = "System Generated",
) -> HistoryRecord:
    record = HistoryRecord(changes, details, world.now(), user)
    org.history.setdefault(record_id, []).append(record)
    return record


def emit(
    world: World,
    org: Organisation,
    category: str,
    change: str,
    record_id: str,
    data: dict[str, str] | None = None,
) -> None:
    world.emit(LedgerEvent(org.tenant_id, category, change, record_id, world.now(), data))
