"""The ledger client for Xero."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from xero_python.accounting import HistoryRecord, HistoryRecords, Invoice, Invoices

from integration.ledger import (
    AnswerLost,
    HistoryEntry,
    Lane,
    LedgerContact,
    LedgerCredit,
    LedgerInvoice,
    LedgerOrganisation,
    LedgerPayment,
    NoteTarget,
    Page,
    Refused,
    Unreadable,
)
from integration.xero import mapping, shapes
from integration.xero.booking import Booking, decoded
from integration.xero.governor import Governor
from integration.xero.quotes import Quoting
from integration.xero.transport import TIMEOUTS, Refusals, Tokens, Transport, since
from kit.wording import N_

PAGE_SIZE = 1000
IDS_A_CALL = 40
"""Xero's own advice; the limit is the length of the address."""

E = TypeVar("E", bound=shapes.Envelope)
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]{1,2000}")
"""An address that can stand in a mail; it is never fetched."""
_CREDITS: dict[str, tuple[str, type[shapes.Credits]]] = {
    "credit_note": ("get_credit_notes", shapes.CreditNotes),
    "overpayment": ("get_overpayments", shapes.Overpayments),
    "prepayment": ("get_prepayments", shapes.Prepayments),
}
_HISTORY = {
    NoteTarget.CONTACT: ("get_contact_history", "create_contact_history"),
    NoteTarget.INVOICE: ("get_invoice_history", "create_invoice_history"),
    NoteTarget.QUOTE: ("get_quote_history", "create_quote_history"),
}


class XeroLedger(Booking, Quoting):
    """One organisation in Xero (a ``Ledger``). Bills and what belongs to them never come through."""

    def __init__(
        self,
        *,
        api_url: str,
        tenant_id: str,
        tokens: Tokens,
        governor: Governor,
        lane: Lane = Lane.SWEEP,
        timeouts: tuple[int, int] = TIMEOUTS,
        refusals: Refusals | None = None,
    ) -> None:
        self._tenant_id = tenant_id
        self._transport = Transport(api_url, tenant_id, tokens, governor, lane, timeouts, refusals)

    def organisation(self) -> LedgerOrganisation:
        found = self._list(shapes.Organisations, "get_organisations").items
        if not found:
            raise Unreadable(N_("The ledger did not say which organisation this is."))
        return mapping.organisation(self._tenant_id, found[0])

    def own_reminders(self) -> bool:
        """Whether Xero itself sends reminders for this organisation."""
        return any(
            mapping.is_true(one.enabled)
            for one in self._list(shapes.Reminders, "get_invoice_reminders").items
        )

    def contacts_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerContact]:
        """One page of all contacts, archived ones too."""
        answer = self._list(
            shapes.Contacts, "get_contacts", include_archived=True, **_paged(page), **since(changed_since)
        )
        return _page(page, answer, len(answer.items), [mapping.contact(shape) for shape in answer.items])

    def contacts(self, ids: Sequence[str]) -> list[LedgerContact]:
        """Those of the contacts that the ledger knows. Paged, because only then do their persons come."""
        found: list[LedgerContact] = []
        for some in _in_lots(ids):
            answer = self._list(
                shapes.Contacts, "get_contacts", i_ds=some, include_archived=True, **_paged(1)
            )
            found += [mapping.contact(shape) for shape in answer.items if _is_among(shape.contact_id, some)]
        return found

    def invoices_page(
        self, page: int, *, statuses: Sequence[str] = (), changed_since: datetime | None = None
    ) -> Page[LedgerInvoice]:
        """One page of the sales invoices, of all statuses where none are named."""
        wanted = {"statuses": list(statuses)} if statuses else {}
        answer = self._list(
            shapes.Invoices,
            "get_invoices",
            where=f'Type=="{mapping.SALES_INVOICE}"',
            **wanted,
            **_paged(page),
            **since(changed_since),
        )
        return _page(page, answer, len(answer.items), _sales(answer.items))

    def invoices(self, ids: Sequence[str]) -> list[LedgerInvoice]:
        """Those of the invoices that the ledger knows and that are sales invoices."""
        found: list[LedgerInvoice] = []
        for some in _in_lots(ids):
            answer = self._list(shapes.Invoices, "get_invoices", i_ds=some, **_paged(1))
            found += _sales([shape for shape in answer.items if _is_among(shape.invoice_id, some)])
        return found

    def payments_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerPayment]:
        answer = self._list(shapes.Payments, "get_payments", **_paged(page), **since(changed_since))
        ours = [mapping.payment(shape) for shape in answer.items if mapping.is_of_a_customer(shape)]
        return _page(page, answer, len(answer.items), ours)

    def credits_page(
        self, kind: str, page: int, *, changed_since: datetime | None = None
    ) -> Page[LedgerCredit]:
        """One page of ``credit_note``, ``overpayment`` or ``prepayment``."""
        return self._credits(kind, page, **since(changed_since))

    def open_credits(self) -> list[LedgerCredit]:
        """Everything of customers that has something left: a call for each kind and each further 1,000."""
        found: list[LedgerCredit] = []
        for kind in _CREDITS:
            page, last = 0, False
            while not last:
                page += 1
                answer = self._credits(kind, page, where='Status=="AUTHORISED"')
                found += [credit for credit in answer.items if credit.remaining > 0]
                last = answer.last
        return found

    def invoice_pdf(self, invoice_id: str) -> bytes:
        """The invoice as Xero prints it. Never through the SDK's file, which organisations would share."""
        body = self._transport.read("get_invoice_as_pdf", invoice_id)
        if not body.startswith(b"%PDF"):
            raise Unreadable(N_("The ledger sent something else than a PDF of the invoice."))
        return body

    def online_invoice_url(self, invoice_id: str) -> str | None:
        """Where the customer can see and pay the invoice; None where there is no such page (drafts)."""
        try:
            found = self._list(shapes.OnlineInvoices, "get_online_invoice", invoice_id).items
        except Refused:
            return None
        url = (found[0].online_invoice_url or "") if found else ""
        return url if _ADDRESS.fullmatch(url) else None

    def history(self, target: NoteTarget, document_id: str) -> list[HistoryEntry]:
        records = self._list(shapes.Notes, _HISTORY[target][0], document_id).items
        return [entry for record in records if (entry := mapping.history_entry(record))]

    def write_notes(
        self, target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        """Add notes in one call. Xero keeps the key for six minutes, so for so long a repeat is harmless."""
        asked = HistoryRecords(history_records=[HistoryRecord(details=text) for text in texts])
        body = self._transport.write(_HISTORY[target][1], document_id, asked, idempotency_key=idempotency_key)
        try:
            added = len(msgspec.json.decode(body, type=shapes.Notes).items)
        except (msgspec.DecodeError, UnicodeDecodeError):
            added = -1
        if added < 0 or added < len(texts) > 1:  # of several, some may be missing
            raise AnswerLost(
                N_("The ledger's answer to a note cannot be understood; it may have been added.")
            )

    def mark_as_sent(self, invoice_id: str, *, idempotency_key: str) -> None:
        """Mark an invoice as sent. Xero takes it of approved invoices on which nothing has been paid."""
        asked = Invoices(invoices=[Invoice(invoice_id=invoice_id, sent_to_contact=True)])
        body = self._transport.write("update_invoice", invoice_id, asked, idempotency_key=idempotency_key)
        try:
            found = msgspec.json.decode(body, type=shapes.Invoices).items
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = []
        if not found:
            raise AnswerLost(N_("The ledger's answer cannot be understood; it may have marked the invoice."))
        if not mapping.is_true(found[0].sent_to_contact):
            raise Refused(
                N_("The ledger did not mark the invoice as sent; it does so of approved ones only.")
            )

    def expect_payment(self, invoice_id: str, on: date, *, idempotency_key: str) -> None:
        """Set the expected payment date. Xero takes it of approved invoices on which nothing has been paid."""
        asked = Invoices(invoices=[Invoice(invoice_id=invoice_id, expected_payment_date=on)])
        body = self._transport.write("update_invoice", invoice_id, asked, idempotency_key=idempotency_key)
        try:
            found = msgspec.json.decode(body, type=shapes.Invoices).items
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = []
        if not found:
            raise AnswerLost(N_("The ledger's answer cannot be understood; it may have taken the date."))
        if mapping.invoice(found[0]).expected_on != on:
            raise Refused(N_("The ledger did not take the expected payment date."))

    def _credits(self, kind: str, page: int, **options: Any) -> Page[LedgerCredit]:
        operation, envelope = _CREDITS[kind]
        answer = self._list(envelope, operation, **_paged(page), **options)
        ours = [
            mapping.credit(kind, shape) for shape in answer.items if shape.type in mapping.CUSTOMER_CREDITS
        ]
        return _page(page, answer, len(answer.items), ours)

    def _list(self, envelope: type[E], operation: str, *arguments: str, **options: object) -> E:
        """The decoded answer of a reading call; ``Unreadable`` when it is not what it should be."""
        return decoded(envelope, self._transport.read(operation, *arguments, **options))


def _paged(page: int) -> dict[str, int]:
    return {"page": page, "page_size": PAGE_SIZE}


def _in_lots(ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids, each once, so many at a time as one call may carry."""
    once = list(dict.fromkeys(ids))
    for start in range(0, len(once), IDS_A_CALL):
        yield once[start : start + IDS_A_CALL]


def _is_among(found: str | None, asked: Sequence[str]) -> bool:
    return (found or "").lower() in {one.lower() for one in asked}


def _sales(found: Sequence[shapes.InvoiceShape]) -> list[LedgerInvoice]:
    return [mapping.invoice(shape) for shape in found if shape.type == mapping.SALES_INVOICE]


T = TypeVar("T")


def _page(number: int, answer: shapes.Envelope, count: int, items: Sequence[T]) -> Page[T]:
    """A page; the last is known by Xero's count of pages, or by not being full."""
    told = answer.pagination
    if told is None or told.page_count is None:
        return Page(tuple(items), number, count < PAGE_SIZE, None)
    return Page(tuple(items), number, number >= told.page_count, told.item_count)
