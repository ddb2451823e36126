"""The past behind a ledger: invoices that were paid; reminders of a year that left, or were rightly kept back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from integration.ledger import LedgerInvoice, LedgerPayment
from kit.ids import derived_id
from services.app import App
from services.mirror import rows
from store.ids import document_id
from store.models import Communication, CommunicationInvoice, Invoice, Payment, ScheduleVersion
from tests.bench import seed
from tests.bench.book import A_CONTACT, MORNING, TODAY, Book

DAYS = 365
_KEPT_BACK = 10
"""Of so many reminders that left, one more did not."""
_EACH_INVOICE = 3
"""Reminders before it was paid."""
_CHUNK = 20_000
_WHY = (
    "Nothing is left to pay on this invoice.", "The invoice is in dispute.", "The contact has answered.",
    "The sending window closed.", "Payment is promised by 12 October 2026.",
)  # fmt: skip

_TEXT = "Please pay the invoices below. " * 20

Row = dict[str, Any]


def paid(app: App, key: str, book: Book, each: int) -> None:
    """So many invoices of each customer, of three years, each paid by one payment some days before or after it was due."""
    for start in range(0, book.customers * each, _CHUNK):
        numbers = range(start, min(start + _CHUNK, book.customers * each))
        ours = [_settled(book, one, one // each) for one in numbers]
        seed.put(app, key, Invoice.__table__, (rows.invoice_row(key, one) for one in ours))
        seed.put(app, key, Payment.__table__, (rows.payment_row(key, _payment(one)) for one in ours))


def _settled(book: Book, number: int, customer: int) -> LedgerInvoice:
    ours = book.invoice(customer * A_CONTACT)
    due_on = TODAY - timedelta(40 + number * 7919 % (3 * DAYS))
    return replace(
        ours, id=f"settled-{number}", number=f"SETTLED-{number}", status="PAID", issued_on=due_on - timedelta(30),
        due_on=due_on, amount_due=Decimal(0), amount_paid=ours.total, updated_at=MORNING - timedelta(39),
        fully_paid_on=due_on + timedelta(customer % 23 + number % 17 - 5),
    )  # fmt: skip


def _payment(invoice: LedgerInvoice) -> LedgerPayment:
    return LedgerPayment(
        f"payment of {invoice.id}", "ACCRECPAYMENT", invoice.id, invoice.contact_id, invoice.fully_paid_on or TODAY,
        invoice.currency, invoice.total, "AUTHORISED", True, invoice.updated_at,
    )  # fmt: skip


def fill(app: App, key: str, book: Book, reminders: int) -> None:
    """So many that left, each about an invoice that is paid since."""
    with app.database.read(key) as session:
        version = session.scalars(
            select(ScheduleVersion)
            .where(ScheduleVersion.organisation_id == key)
            .order_by(ScheduleVersion.id)
            .limit(1)
        ).one()
    positions = [one["position"] for one in version.steps if one.get("position")] or [1]
    for start in range(0, reminders, _CHUNK):
        numbers = range(start, min(start + _CHUNK, reminders))
        its = [one for one in numbers if one % _EACH_INVOICE == 0 or one == start]
        if start % _EACH_INVOICE:
            its.remove(start)
        seed.put(app, key, Invoice.__table__, (_invoice(key, book, one) for one in its))
        seed.put(app, key, Communication.__table__, _messages(key, book, numbers, version.id))
        seed.put(app, key, CommunicationInvoice.__table__, (
            _about(key, one, version.id, positions[one % _EACH_INVOICE % len(positions)]) for one in numbers
        ))  # fmt: skip


def _invoice(key: str, book: Book, number: int) -> Row:
    """The one that this reminder and the next ones were about; paid a fortnight after the last of them."""
    ours = book.invoice(number // _EACH_INVOICE % book.customers * A_CONTACT)
    sent_on = _at(number).date()
    return rows.invoice_row(key, replace(
        ours, id=f"past-{number // _EACH_INVOICE}", number=f"PAST-{number // _EACH_INVOICE}", status="PAID",
        issued_on=sent_on - timedelta(40), due_on=sent_on - timedelta(10), amount_due=Decimal(0), amount_paid=ours.total,
        fully_paid_on=min(sent_on + timedelta(number % 40), MORNING.date()),
    ))  # fmt: skip


def _messages(key: str, book: Book, numbers: range, version_id: str) -> Iterator[Row]:
    for number in numbers:
        yield _message(key, book, number, version_id)
        if number % _KEPT_BACK == 0:
            yield _kept_back(key, book, number, version_id)


def _message(key: str, book: Book, number: int, version_id: str) -> Row:
    at, contact = _at(number), number // _EACH_INVOICE % book.customers
    return {
        "organisation_id": key, "id": derived_id("past", str(number)), "direction": "out", "channel": "email",
        "kind": "chaser", "status": "sent", "reason": None, "contact_id": document_id(key, f"contact-{contact}"),
        "schedule_version_id": version_id, "step_name": "Reminder", "reasons": [], "to": [], "attached": [],
        "subject": f"Invoice PAST-{number // _EACH_INVOICE}", "body_text": _TEXT, "planned_for": at, "created_at": at,
        "sent_at": at, "checked_at": at,
    }  # fmt: skip


def _kept_back(key: str, book: Book, number: int, version_id: str) -> Row:
    return _message(key, book, number, version_id) | {
        "id": derived_id("kept back", str(number)), "status": "cancelled", "sent_at": None,
        "reason": _WHY[number // _KEPT_BACK % len(_WHY)], "checked_at": _at(number) if number % 4 else None,
    }  # fmt: skip


def _about(key: str, number: int, version_id: str, position: int) -> Row:
    return {
        "organisation_id": key, "communication_id": derived_id("past", str(number)),
        "invoice_id": document_id(key, f"past-{number // _EACH_INVOICE}"), "position": position,
        "schedule_version_id": version_id, "currency": "GBP", "amount_due": Decimal("120.00"),
    }  # fmt: skip


def _at(number: int) -> datetime:
    """Spread over the year; the reminders of one invoice a week apart."""
    spread = timedelta(minutes=number // _EACH_INVOICE * 7919 % ((DAYS - 30) * 24 * 60))
    return MORNING - timedelta(days=DAYS - 1) + spread + timedelta(days=7 * (number % _EACH_INVOICE))
