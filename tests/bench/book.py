"""A made-up ledger of any size: nothing of it is stored, everything follows from numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from integration.ledger import (
    HistoryEntry,
    LedgerContact,
    LedgerCredit,
    LedgerInvoice,
    LedgerOrganisation,
    LedgerPayment,
    LedgerQuote,
    NoteTarget,
    NotFound,
    Page,
)

TODAY = date(2026, 10, 14)
"""A Wednesday."""
MORNING = datetime.combine(TODAY, time(10, 30), UTC)
LAST_EVENING = MORNING - timedelta(hours=14)
A_CONTACT = 5
"""Open invoices of each customer."""
_A_PAGE = 1_000

T = TypeVar("T", LedgerContact, LedgerInvoice)


def due_on(contact: int) -> date:
    """All invoices of a customer are due on one day, from sixty days ago to sixty days ahead."""
    return TODAY + timedelta(contact * 37 % 121 - 60)


@dataclass
class Book:
    """One organisation's ledger, read as the product reads it. ``calls`` counts; ``paid`` is what was paid since."""

    invoices_open: int
    calls: int = 0
    paid: dict[int, LedgerPayment] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        return self.invoices_open // A_CONTACT

    def contact(self, number: int) -> LedgerContact:
        return LedgerContact(
            f"contact-{number}", f"Contact {number}", None, None, f"accounts@c{number}.example", (), "ACTIVE",
            None, LAST_EVENING,
        )  # fmt: skip

    def invoice(self, number: int) -> LedgerInvoice:
        contact, total, paid = number // A_CONTACT, Decimal("120.00"), number in self.paid
        return LedgerInvoice(
            id=f"invoice-{number}",
            contact_id=f"contact-{contact}",
            contact_name=f"Contact {contact}",
            number=f"INV-{number}",
            reference=None,
            issued_on=due_on(contact) - timedelta(30),
            due_on=due_on(contact),
            currency="GBP",
            total=total,
            amount_due=Decimal(0) if paid else total,
            amount_paid=total if paid else Decimal(0),
            amount_credited=Decimal(0),
            status="PAID" if paid else "AUTHORISED",
            expected_on=None,
            fully_paid_on=TODAY if paid else None,
            updated_at=MORNING if paid else LAST_EVENING,
        )

    def pay(self, number: int) -> str:
        """Somebody enters a payment; its id."""
        invoice = self.invoice(number)
        payment = LedgerPayment(
            f"payment-{number}", "ACCRECPAYMENT", invoice.id, invoice.contact_id, TODAY, "GBP",
            invoice.total, "AUTHORISED", False, MORNING,
        )  # fmt: skip
        self.paid[number] = payment
        return payment.id

    # -- what the product reads ------------------------------------------------------------------------

    def organisation(self) -> LedgerOrganisation:
        return LedgerOrganisation("bench", "Bench", "Europe/London", "GBP", "GB", "!bench")

    def own_reminders(self) -> bool:
        return False

    def contacts_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerContact]:
        count = 0 if _later(changed_since) else self.customers
        return self._page([self.contact(number) for number in _numbers(page, count)], page, count)

    def contacts(self, ids: Sequence[str]) -> list[LedgerContact]:
        self.calls += 1
        return [self.contact(_number(one)) for one in ids]

    def invoices_page(
        self, page: int, *, statuses: Sequence[str] = (), changed_since: datetime | None = None
    ) -> Page[LedgerInvoice]:
        if _later(changed_since):
            return self._page([self.invoice(number) for number in self.paid], page, len(self.paid))
        count = 0 if statuses and "AUTHORISED" not in statuses else self.invoices_open
        return self._page([self.invoice(number) for number in _numbers(page, count)], page, count)

    def invoices(self, ids: Sequence[str]) -> list[LedgerInvoice]:
        self.calls += 1
        return [self.invoice(_number(one)) for one in ids]

    def payments_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerPayment]:
        self.calls += 1
        return Page(tuple(self.paid.values()), page, last=True, total=len(self.paid))

    def credits_page(
        self, kind: str, page: int, *, changed_since: datetime | None = None
    ) -> Page[LedgerCredit]:
        self.calls += 1
        return Page((), page, last=True, total=0)

    def open_credits(self) -> list[LedgerCredit]:
        self.calls += 1
        return []

    def quotes_page(
        self, page: int, *, status: str = "", changed_since: datetime | None = None
    ) -> Page[LedgerQuote]:
        self.calls += 1
        return Page((), page, last=True, total=None)

    def quote(self, quote_id: str) -> LedgerQuote:
        raise NotFound("The ledger does not know this quote.")

    def quote_pdf(self, quote_id: str) -> bytes:
        raise NotFound("The ledger does not know this quote.")

    def invoice_pdf(self, invoice_id: str) -> bytes:
        self.calls += 1
        return b"%PDF-1.4 " + invoice_id.encode() + b" " * 20_000

    def online_invoice_url(self, invoice_id: str) -> str | None:
        self.calls += 1
        return f"https://in.example.com/{invoice_id}"

    def history(self, target: NoteTarget, document_id: str) -> list[HistoryEntry]:
        self.calls += 1
        return []

    def mark_as_sent(self, invoice_id: str, *, idempotency_key: str) -> None: ...

    def expect_payment(self, invoice_id: str, on: date, *, idempotency_key: str) -> None: ...

    def write_notes(
        self, target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        self.calls += 1

    def _page(self, items: Sequence[T], page: int, count: int) -> Page[T]:
        self.calls += 1
        return Page(tuple(items), page, last=page * _A_PAGE >= count, total=count)


def _later(changed_since: datetime | None) -> bool:
    return changed_since is not None and changed_since > LAST_EVENING


def _numbers(page: int, count: int) -> range:
    return range((page - 1) * _A_PAGE, min(page * _A_PAGE, count))


def _number(ledger_id: str) -> int:
    return int(ledger_id.rpartition("-")[2])
