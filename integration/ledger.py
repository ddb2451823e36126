"""What Dunnock needs of a ledger, whatever its make.

Amounts are ``Decimal`` in the document's own currency, dates are calendar dates, instants aware UTC.
Every method may raise a ``LedgerError``; nothing else escapes. Identifiers are the ledger's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from kit.wording import N_

T = TypeVar("T")


class LedgerError(Exception):
    """The ledger could not be asked, or did not do what was asked. The message is fit to be shown to a person."""


class NeedsReconnect(LedgerError):
    """The authorisation is no longer valid; a person must connect again."""


class Disconnected(LedgerError):
    """The organisation no longer lets us in, for example because the app was removed in the ledger."""


class MissingScope(LedgerError):
    """The authorisation does not cover this."""


class RateLimited(LedgerError):
    """A limit is reached, ours or the ledger's. ``retry_after`` in seconds; ``kind`` is minute, day, concurrent or app."""

    def __init__(self, kind: str, retry_after: float) -> None:
        super().__init__(
            N_(f"The ledger's {kind} limit is reached; to be tried again in {retry_after:.0f} seconds.")
        )
        self.kind = kind
        self.retry_after = retry_after


class Unreachable(LedgerError):
    """No answer, or an answer that says the ledger is out of order. A read may be repeated; a write surely did not happen."""


class AnswerLost(LedgerError):
    """A write was handed over and its answer never came: it may have happened. Read before writing again."""


class Refused(LedgerError):
    """The ledger will not do this; the message is its own explanation."""


class NotFound(LedgerError):
    """The ledger does not know this document."""


class Unreadable(LedgerError):
    """An answer that cannot be understood (cut short, not JSON). Nothing in it was used."""


class Lane(StrEnum):
    """Who goes first when calls are scarce."""

    CHECK = "check"
    """Looks just before sending; keeps a share of the day for itself."""
    NEWS = "news"
    """What webhooks told of."""
    NOTES = "notes"
    """Notes to be written."""
    SWEEP = "sweep"
    """Imports, polls and sweeps; the first to wait."""


@dataclass(frozen=True, slots=True)
class LedgerOrganisation:
    tenant_id: str
    name: str
    timezone: str
    """An IANA name; UTC when the ledger's word is unknown."""
    base_currency: str
    country: str
    short_code: str | None


@dataclass(frozen=True, slots=True)
class LedgerPerson:
    first_name: str | None
    last_name: str | None
    email: str | None
    include_in_emails: bool


@dataclass(frozen=True, slots=True)
class LedgerTerms:
    """When invoices fall due, in the ledger's words: ``kind`` is one of Xero's, such as DAYSAFTERBILLDATE."""

    kind: str
    days: int


@dataclass(frozen=True, slots=True)
class LedgerContact:
    id: str
    name: str
    first_name: str | None
    last_name: str | None
    email: str | None
    persons: tuple[LedgerPerson, ...]
    status: str
    merged_into: str | None
    updated_at: datetime
    groups: tuple[str, ...] = ()
    """Names, in their order."""
    country: str | None = None
    """ISO 3166, of its address; None where the ledger has none, or a word that is no country's."""
    address: tuple[str, ...] = ()
    """The lines of its postal address below the name, without the country."""
    phones: tuple[str, ...] = ()
    """As they stand in the ledger, the one that is marked as mobile first."""
    terms: LedgerTerms | None = None
    """Its own for sales; None: the organisation's hold."""
    bill_terms: LedgerTerms | None = None
    """Its own for bills; only to be written back as they are."""


@dataclass(frozen=True, slots=True)
class LedgerAllocation:
    """What of a credit was allocated to an invoice. ``kind`` is that of ``LedgerCredit``."""

    kind: str
    credit_id: str
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class LedgerInvoice:
    """A sales invoice; bills never come through this interface."""

    id: str
    contact_id: str
    contact_name: str
    number: str
    reference: str | None
    issued_on: date
    due_on: date
    currency: str
    total: Decimal
    amount_due: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    status: str
    expected_on: date | None
    fully_paid_on: date | None
    updated_at: datetime
    sent: bool | None = None
    """Whether the ledger has it as sent to the customer; None: it does not say. To which address, no ledger of ours tells."""
    allocations: tuple[LedgerAllocation, ...] = ()
    """The credits that were allocated to it, in so far as the ledger dates them."""


@dataclass(frozen=True, slots=True)
class LedgerPayment:
    id: str
    kind: str
    invoice_id: str | None
    contact_id: str | None
    paid_on: date
    currency: str
    amount: Decimal
    status: str
    is_reconciled: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerCredit:
    """``kind`` is credit_note, overpayment or prepayment."""

    id: str
    kind: str
    contact_id: str
    contact_name: str
    number: str | None
    issued_on: date
    currency: str
    total: Decimal
    remaining: Decimal
    status: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerQuoteLine:
    """One line of a quote. ``quantity`` and ``amount`` are None on a line that only says something."""

    description: str
    quantity: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class LedgerQuote:
    """An offer to a customer. ``tax_included``: the amounts of its lines hold the tax already."""

    id: str
    contact_id: str
    contact_name: str
    number: str
    reference: str | None
    title: str | None
    terms: str | None
    issued_on: date
    currency: str
    total_tax: Decimal
    total: Decimal
    tax_included: bool
    lines: tuple[LedgerQuoteLine, ...]
    status: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. ``total`` counts all pages' items, where the ledger says so."""

    items: tuple[T, ...]
    page: int
    last: bool
    total: int | None


class NoteTarget(StrEnum):
    CONTACT = "contact"
    INVOICE = "invoice"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of a document's history. ``at`` is when it was made, by the ledger's clock; None: it did not say.

    ``is_note``: somebody wrote it, where other entries tell what the ledger did by itself; ``by`` is who.
    """

    text: str
    at: datetime | None
    by: str = ""
    is_note: bool = True


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of an invoice to be drafted; ``tracking`` are categories with their options, by name."""

    description: str
    amount: Decimal
    account_code: str
    tax_type: str
    tracking: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """A sales invoice to be made as a draft: it owes nothing until a person approves it in the ledger."""

    contact_id: str
    issued_on: date
    due_on: date
    currency: str
    reference: str
    lines: tuple[DraftLine, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """An invoice that stands in the ledger."""

    id: str
    number: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that the ledger knows by a code, and people by a name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class BookingChoices:
    """What a line of an invoice can be booked on; ``tracking`` are the options of each category."""

    accounts: tuple[Choice, ...]
    tax_rates: tuple[Choice, ...]
    tracking: tuple[tuple[str, tuple[str, ...]], ...]


class Ledger(Protocol):
    """One organisation in one ledger. Pages count from 1; ``changed_since`` means changed at or after that second."""

    def organisation(self) -> LedgerOrganisation: ...
    def own_reminders(self) -> bool: ...
    def contacts_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerContact]: ...
    def contacts(self, ids: Sequence[str]) -> list[LedgerContact]: ...
    def invoices_page(
        self, page: int, *, statuses: Sequence[str] = (), changed_since: datetime | None = None
    ) -> Page[LedgerInvoice]: ...
    def invoices(self, ids: Sequence[str]) -> list[LedgerInvoice]: ...
    def payments_page(self, page: int, *, changed_since: datetime | None = None) -> Page[LedgerPayment]: ...
    def credits_page(
        self, kind: str, page: int, *, changed_since: datetime | None = None
    ) -> Page[LedgerCredit]: ...
    def open_credits(self) -> list[LedgerCredit]:
        """All credit notes, overpayments and prepayments of customers that still have something left."""
        ...

    def quotes_page(
        self, page: int, *, status: str = "", changed_since: datetime | None = None
    ) -> Page[LedgerQuote]: ...
    def quote(self, quote_id: str) -> LedgerQuote:
        """One quote. ``NotFound`` when the ledger has it no more."""
        ...

    def quote_pdf(self, quote_id: str) -> bytes: ...
    def invoice_pdf(self, invoice_id: str) -> bytes: ...
    def online_invoice_url(self, invoice_id: str) -> str | None: ...
    def history(self, target: NoteTarget, document_id: str) -> list[HistoryEntry]:
        """All that the ledger's history of a document says, notes included."""
        ...

    def write_notes(
        self, target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        """Add notes that can never be changed, in one call. ``AnswerLost`` when some of them may have been added."""
        ...

    def mark_as_sent(self, invoice_id: str, *, idempotency_key: str) -> None:
        """Have the ledger take an approved invoice as sent. ``AnswerLost`` when it may have done so."""
        ...

    def expect_payment(self, invoice_id: str, on: date, *, idempotency_key: str) -> None:
        """Have the ledger expect the payment of an invoice on a day. ``AnswerLost`` when it may do so by now."""
        ...


class BookingLedger(Ledger, Protocol):
    """A ledger in which we also make something: drafts of invoices, groups, and terms of contacts."""

    def booking_choices(self) -> BookingChoices:
        """Income accounts, tax rates for sales, and tracking categories that are in use; three calls."""
        ...

    def invoice_with_reference(self, contact_id: str, reference: str) -> Drafted | None:
        """The sales invoice of this contact with just this reference, of whatever status; None: there is none."""
        ...

    def draft_invoice(self, draft: InvoiceDraft, *, idempotency_key: str) -> Drafted:
        """Make a draft. ``AnswerLost`` when it may have been made."""
        ...

    def group_named(self, name: str) -> str | None:
        """The id of the contact group with this name; None: there is none."""
        ...

    def add_group(self, name: str, *, idempotency_key: str) -> str:
        """Make a contact group; its id. ``AnswerLost`` when it may have been made."""
        ...

    def group_members(self, group_id: str) -> frozenset[str]:
        """The contacts that are in a group."""
        ...

    def put_into_group(self, group_id: str, contact_id: str, *, idempotency_key: str) -> None:
        """Put a contact into a group; one that is in it stays. ``AnswerLost`` when it may have happened."""
        ...

    def take_from_group(self, group_id: str, contact_id: str) -> None:
        """Take a contact out of a group. ``AnswerLost`` when it may have happened."""
        ...

    def set_terms(
        self,
        contact_id: str,
        terms: LedgerTerms,
        *,
        bill_terms: LedgerTerms | None,
        idempotency_key: str,
    ) -> None:
        """Give a contact other terms for sales; those for bills are written as they are. ``AnswerLost`` when it may be so."""
        ...
