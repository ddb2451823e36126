"""A ledger in memory that keeps the promises of ``integration.ledger.Ledger``.

``due`` follows from total, paid and credited, statuses follow from what is due, each change moves the time of
change, and lists come by time of change. ``failures`` are raised one by one before the next calls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from integration.ledger import (
    BookingChoices,
    Choice,
    Drafted,
    HistoryEntry,
    InvoiceDraft,
    LedgerAllocation,
    LedgerContact,
    LedgerCredit,
    LedgerError,
    LedgerInvoice,
    LedgerOrganisation,
    LedgerPayment,
    LedgerQuote,
    LedgerQuoteLine,
    LedgerTerms,
    NoteTarget,
    NotFound,
    Page,
)
from kit import clock
from kit.ids import derived_id

T = TypeVar("T", LedgerContact, LedgerInvoice, LedgerPayment, LedgerCredit, LedgerQuote)


def guid(*parts: str) -> str:
    """An identifier as ledgers have them, the same for the same parts."""
    plain = derived_id("fake ledger", *parts)
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


@dataclass
class FakeLedger:
    """One organisation's ledger. Change it with the methods below; read it as the product does."""

    page_size: int = 100
    now: datetime = field(default_factory=lambda: clock.now().replace(microsecond=0) - timedelta(minutes=30))
    """The ledger's own clock."""
    tick: timedelta = timedelta(seconds=1)
    """How far the ledger's clock moves with each change."""
    calls: list[str] = field(default_factory=list)
    failures: deque[LedgerError] = field(default_factory=deque)
    without_pdf: dict[str, LedgerError] = field(default_factory=dict)
    """Raised instead of an invoice's PDF, however often it is asked for."""
    before_call: Callable[[str], None] = field(default=lambda _name: None)
    """Called before each answer, with the name of the call; for changes and deaths in mid-reading."""
    contact_book: dict[str, LedgerContact] = field(default_factory=dict)
    invoice_book: dict[str, LedgerInvoice] = field(default_factory=dict)
    payment_book: dict[str, LedgerPayment] = field(default_factory=dict)
    credit_book: dict[str, LedgerCredit] = field(default_factory=dict)
    quote_book: dict[str, LedgerQuote] = field(default_factory=dict)
    notes: dict[tuple[NoteTarget, str], list[str]] = field(default_factory=dict)
    noted_at: dict[str, datetime] = field(default_factory=dict)
    entries: dict[tuple[NoteTarget, str], list[HistoryEntry]] = field(default_factory=dict)
    """What people note in the ledger, and what it notes itself."""
    """When each text was written."""
    note_keys: set[str] = field(default_factory=set)
    reminders: bool = False
    drafts: dict[str, InvoiceDraft] = field(default_factory=dict)
    """Drafts by the id of the invoice that they became."""
    keys: set[str] = field(default_factory=set)
    """Idempotency keys of writes other than notes."""
    groups: dict[str, set[str]] = field(default_factory=dict)
    """The contacts in each group, by its name; a group's id is its name."""

    # -- what people do in the ledger ------------------------------------------------------------------

    def add_contact(self, name: str, email: str | None = "accounts@example.com", **fields: Any) -> str:
        values: dict[str, Any] = {
            "first_name": None,
            "last_name": None,
            "persons": (),
            "status": "ACTIVE",
            "merged_into": None,
        }
        contact = LedgerContact(
            guid("contact", name), name, email=email, updated_at=self._moment(), **values | fields
        )
        self.contact_book[contact.id] = contact
        return contact.id

    def change_contact(self, contact_id: str, **fields: Any) -> None:
        self.contact_book[contact_id] = replace(
            self.contact_book[contact_id], updated_at=self._moment(), **fields
        )

    def add_invoice(
        self,
        contact_id: str,
        number: str,
        total: str | Decimal = "100.00",
        *,
        due_on: date = date(2026, 10, 31),
        currency: str = "GBP",
        status: str = "AUTHORISED",
        **fields: Any,
    ) -> str:
        values: dict[str, Any] = {
            "reference": None,
            "issued_on": due_on - timedelta(days=30),
            "amount_paid": Decimal(0),
            "amount_credited": Decimal(0),
            "expected_on": None,
            "fully_paid_on": None,
        }
        contact = self.contact_book[contact_id]
        invoice = LedgerInvoice(
            id=guid("invoice", number),
            contact_id=contact_id,
            contact_name=contact.name,
            number=number,
            due_on=due_on,
            currency=currency,
            total=Decimal(total),
            amount_due=Decimal(total),
            status=status,
            updated_at=self._moment(),
            **values | fields,
        )
        self.invoice_book[invoice.id] = invoice
        return invoice.id

    def change_invoice(self, invoice_id: str, *, silently: bool = False, **fields: Any) -> None:
        """``silently``: without moving the time of change, as ledgers do for some fields."""
        invoice = self.invoice_book[invoice_id]
        moment = invoice.updated_at if silently else self._moment()
        self.invoice_book[invoice_id] = replace(invoice, updated_at=moment, **fields)

    def pay(self, invoice_id: str, amount: str | Decimal | None = None) -> str:
        """Record a payment, of all that is due unless an amount is given."""
        invoice = self.invoice_book[invoice_id]
        paid = invoice.amount_due if amount is None else Decimal(amount)
        payment = LedgerPayment(
            id=guid("payment", invoice_id, str(len(self.payment_book))),
            kind="ACCRECPAYMENT",
            invoice_id=invoice_id,
            contact_id=invoice.contact_id,
            paid_on=self.now.date(),
            currency=invoice.currency,
            amount=paid,
            status="AUTHORISED",
            is_reconciled=False,
            updated_at=self._moment(),
        )
        self.payment_book[payment.id] = payment
        self._settle(invoice_id, amount_paid=invoice.amount_paid + paid)
        return payment.id

    def delete_payment(self, payment_id: str) -> None:
        """The invoice is open again."""
        payment = self.payment_book[payment_id]
        self.payment_book[payment_id] = replace(payment, status="DELETED", updated_at=self._moment())
        assert payment.invoice_id is not None
        invoice = self.invoice_book[payment.invoice_id]
        self._settle(invoice.id, amount_paid=invoice.amount_paid - payment.amount)

    def void(self, invoice_id: str) -> None:
        self.change_invoice(invoice_id, status="VOIDED", amount_due=Decimal(0))

    def add_credit(
        self,
        contact_id: str,
        number: str,
        total: str | Decimal = "50.00",
        *,
        kind: str = "credit_note",
        currency: str = "GBP",
    ) -> str:
        credit = LedgerCredit(
            id=guid(kind, number),
            kind=kind,
            contact_id=contact_id,
            contact_name=self.contact_book[contact_id].name,
            number=number,
            issued_on=self.now.date(),
            currency=currency,
            total=Decimal(total),
            remaining=Decimal(total),
            status="AUTHORISED",
            updated_at=self._moment(),
        )
        self.credit_book[credit.id] = credit
        return credit.id

    def allocate(self, credit_id: str, invoice_id: str, amount: str | Decimal) -> None:
        """Set a credit off against an invoice."""
        credit = self.credit_book[credit_id]
        left = credit.remaining - Decimal(amount)
        status = "AUTHORISED" if left else "PAID"
        self.credit_book[credit_id] = replace(
            credit, remaining=left, status=status, updated_at=self._moment()
        )
        invoice = self.invoice_book[invoice_id]
        applied = LedgerAllocation(credit.kind, credit_id, Decimal(amount), self.now.date())
        self.invoice_book[invoice_id] = replace(invoice, allocations=(*invoice.allocations, applied))
        self._settle(invoice_id, amount_credited=invoice.amount_credited + Decimal(amount))

    def add_quote(
        self, contact_id: str, number: str, total: str = "240.00", *, status: str = "SENT", **fields: Any
    ) -> str:
        """A quote with one line over all of it; its ledger id."""
        values: dict[str, Any] = {
            "reference": None,
            "title": None,
            "terms": None,
            "issued_on": self.now.date(),
            "currency": "GBP",
            "total_tax": Decimal(0),
            "tax_included": False,
            "lines": (LedgerQuoteLine("Oak door", Decimal(1), Decimal(total)),),
        }
        quote = LedgerQuote(
            id=guid("quote", number),
            contact_id=contact_id,
            contact_name=self.contact_book[contact_id].name,
            number=number,
            total=Decimal(total),
            status=status,
            updated_at=self._moment(),
            **values | fields,
        )
        self.quote_book[quote.id] = quote
        return quote.id

    def change_quote(self, quote_id: str, status: str, **fields: Any) -> None:
        """What a person or the customer makes of a quote."""
        quote = self.quote_book[quote_id]
        self.quote_book[quote_id] = replace(quote, status=status, updated_at=self._moment(), **fields)

    def open_totals(self) -> dict[str, Decimal]:
        """What is due on open invoices, by currency."""
        totals: dict[str, Decimal] = {}
        for invoice in self.invoice_book.values():
            if invoice.status == "AUTHORISED" and invoice.amount_due:
                totals[invoice.currency] = totals.get(invoice.currency, Decimal(0)) + invoice.amount_due
        return totals

    # -- what the product reads and writes -------------------------------------------------------------

    def organisation(self) -> LedgerOrganisation:
        self._call("organisation")
        return LedgerOrganisation("fake-tenant", "Fake Ltd", "Europe/London", "GBP", "GB", "!fake")

    def own_reminders(self) -> bool:
        self._call("own_reminders")
        return self.reminders

    def contacts_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerContact]:
        self._call("contacts_page")
        return self._page(self.contact_book.values(), page, changed_since)

    def contacts(self, ids: Sequence[str]) -> list[LedgerContact]:
        self._call("contacts")
        return [self.contact_book[each] for each in ids if each in self.contact_book]

    def invoices_page(
        self, page: int, *, statuses: Sequence[str] = (), changed_since: datetime | None = None
    ) -> Page[LedgerInvoice]:
        self._call("invoices_page")
        found = (each for each in self.invoice_book.values() if not statuses or each.status in statuses)
        return self._page(found, page, changed_since)

    def invoices(self, ids: Sequence[str]) -> list[LedgerInvoice]:
        self._call("invoices")
        return [self.invoice_book[each] for each in ids if each in self.invoice_book]

    def payments_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerPayment]:
        self._call("payments_page")
        return self._page(self.payment_book.values(), page, changed_since)

    def credits_page(
        self, kind: str, page: int, *, changed_since: datetime | None = None
    ) -> Page[LedgerCredit]:
        self._call("credits_page")
        return self._page(
            (each for each in self.credit_book.values() if each.kind == kind), page, changed_since
        )

    def open_credits(self) -> list[LedgerCredit]:
        self._call("open_credits")
        return [each for each in self.credit_book.values() if each.status == "AUTHORISED" and each.remaining]

    def quotes_page(
        self, page: int, *, status: str = "", changed_since: datetime | None = None
    ) -> Page[LedgerQuote]:
        self._call("quotes_page")
        found = (each for each in self.quote_book.values() if status in ("", each.status))
        return self._page(found, page, changed_since)

    def quote(self, quote_id: str) -> LedgerQuote:
        self._call("quote")
        return self._quote(quote_id)

    def quote_pdf(self, quote_id: str) -> bytes:
        self._call("quote_pdf")
        quote = self._quote(quote_id)
        return f"%PDF-1.4 {quote.number} {quote.total}".encode()

    def invoice_pdf(self, invoice_id: str) -> bytes:
        self._call("invoice_pdf")
        if invoice_id in self.without_pdf:
            raise self.without_pdf[invoice_id]
        return f"%PDF-1.4 {self._invoice(invoice_id).number}".encode()

    def online_invoice_url(self, invoice_id: str) -> str | None:
        self._call("online_invoice_url")
        return f"https://in.example.com/{self._invoice(invoice_id).number}"

    def history(self, target: NoteTarget, document_id: str) -> list[HistoryEntry]:
        self._call("history")
        texts = self.notes.get((target, document_id), [])
        ours = [HistoryEntry(text, self.noted_at.get(text), "System Generated") for text in texts]
        return [*ours, *self.entries.get((target, document_id), [])]

    def write_note(self, target: NoteTarget, document_id: str, text: str, *, idempotency_key: str) -> None:
        """One note, as another program might write it."""
        self.write_notes(target, document_id, [text], idempotency_key=idempotency_key)

    def write_notes(
        self, target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        self._call("write_note")
        if idempotency_key not in self.note_keys:
            self.note_keys.add(idempotency_key)
            self.notes.setdefault((target, document_id), []).extend(texts)
            self.noted_at.update(dict.fromkeys(texts, clock.now()))

    def booking_choices(self) -> BookingChoices:
        self._call("booking_choices")
        return BookingChoices(
            (Choice("200", "Sales"), Choice("270", "Interest income")),
            (Choice("NONE", "No VAT"), Choice("OUTPUT2", "20% (VAT on income)")),
            (("Region", ("North", "South")),),
        )

    def invoice_with_reference(self, contact_id: str, reference: str) -> Drafted | None:
        self._call("invoice_with_reference")
        for invoice_id, draft in self.drafts.items():
            if (draft.contact_id, draft.reference) == (contact_id, reference):
                return Drafted(invoice_id, self.invoice_book[invoice_id].number)
        return None

    def draft_invoice(self, draft: InvoiceDraft, *, idempotency_key: str) -> Drafted:
        self._call("draft_invoice")
        number = f"FEE-{len(self.drafts) + 1}"
        if idempotency_key not in self.keys:
            self.keys.add(idempotency_key)
            total = sum((line.amount for line in draft.lines), Decimal(0))
            made = self.add_invoice(
                draft.contact_id, number, total, due_on=draft.due_on, currency=draft.currency, status="DRAFT",
                reference=draft.reference, issued_on=draft.issued_on,
            )  # fmt: skip
            self.drafts[made] = draft
        invoice_id = list(self.drafts)[-1]
        return Drafted(invoice_id, self.invoice_book[invoice_id].number)

    def group_named(self, name: str) -> str | None:
        self._call("group_named")
        return name if name in self.groups else None

    def add_group(self, name: str, *, idempotency_key: str) -> str:
        self._call("add_group")
        self.groups.setdefault(name, set())
        return name

    def group_members(self, group_id: str) -> frozenset[str]:
        self._call("group_members")
        return frozenset(self.groups[group_id])

    def put_into_group(self, group_id: str, contact_id: str, *, idempotency_key: str) -> None:
        self._call("put_into_group")
        self.groups[group_id].add(contact_id)

    def take_from_group(self, group_id: str, contact_id: str) -> None:
        self._call("take_from_group")
        self.groups[group_id].discard(contact_id)

    def set_terms(
        self,
        contact_id: str,
        terms: LedgerTerms,
        *,
        bill_terms: LedgerTerms | None,
        idempotency_key: str,
    ) -> None:
        self._call("set_terms")
        if idempotency_key not in self.keys:
            self.keys.add(idempotency_key)
            self.change_contact(contact_id, terms=terms, bill_terms=bill_terms)

    def mark_as_sent(self, invoice_id: str, *, idempotency_key: str) -> None:
        self._call("mark_as_sent")
        if idempotency_key not in self.note_keys:
            self.note_keys.add(idempotency_key)
            self.change_invoice(invoice_id, sent=True)

    def expect_payment(self, invoice_id: str, on: date, *, idempotency_key: str) -> None:
        self._call("expect_payment")
        if idempotency_key not in self.note_keys:
            self.note_keys.add(idempotency_key)
            self.change_invoice(invoice_id, expected_on=on)

    # -- how it works ----------------------------------------------------------------------------------

    def _moment(self) -> datetime:
        self.now += self.tick
        return self.now

    def _settle(self, invoice_id: str, **amounts: Decimal) -> None:
        invoice = replace(self.invoice_book[invoice_id], **amounts, updated_at=self._moment())  # type: ignore[arg-type]  # amounts only
        due = invoice.total - invoice.amount_paid - invoice.amount_credited
        self.invoice_book[invoice_id] = replace(
            invoice,
            amount_due=due,
            status="AUTHORISED" if due else "PAID",
            fully_paid_on=None if due else self.now.date(),
        )

    def _call(self, name: str) -> None:
        self.before_call(name)
        self.calls.append(name)
        if self.failures:
            raise self.failures.popleft()

    def _page(self, documents: Iterable[T], page: int, changed_since: datetime | None) -> Page[T]:
        floor = changed_since.replace(microsecond=0) if changed_since else None
        found = sorted(
            (each for each in documents if floor is None or each.updated_at >= floor),
            key=lambda each: (each.updated_at, each.id),
        )
        start = (page - 1) * self.page_size
        items = tuple(found[start : start + self.page_size])
        return Page(items, page, last=start + self.page_size >= len(found), total=len(found))

    def _quote(self, quote_id: str) -> LedgerQuote:
        if quote_id not in self.quote_book:
            raise NotFound("The ledger does not know this quote.")
        return self.quote_book[quote_id]

    def _invoice(self, invoice_id: str) -> LedgerInvoice:
        if invoice_id not in self.invoice_book:
            raise NotFound("The ledger does not know this invoice.")
        return self.invoice_book[invoice_id]
