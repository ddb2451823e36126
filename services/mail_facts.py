"""What a chaser says and to whom: frozen facts in, a finished mail out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_control.facts import Invoice
from credit_control.late_payment.claim import Claim


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice that the mail is about. ``amount_due`` is what is asked for of it, in ``currency``."""

    number: str
    issued_on: date
    due_on: date
    currency: str
    amount_due: Decimal
    online_url: str | None = None
    """Where the invoice can be seen, given only when its PDF is not attached."""
    claim: Claim | None = None
    """Interest and compensation as of the day of the mail, given only where the customer is to be told."""
    disputed: Decimal = Decimal(0)
    """What of the invoice is in dispute, and so not in ``amount_due``."""
    credit_is_due: bool = False
    """The customer was right about that, and is to be credited."""
    until: date | None = None
    """The last day on which ``amount_due`` is enough, because a discount was agreed; None: it is all there is …"""
    afterwards: Decimal = Decimal(0)
    """… and what is asked for after it."""


def line_of(invoice: Invoice, online_url: str | None = None, claim: Claim | None = None) -> InvoiceLine:
    """An invoice as a mail names it: with what is asked for of it, and what is not."""
    return InvoiceLine(
        invoice.number,
        invoice.issued_on,
        invoice.due_on,
        invoice.currency,
        invoice.asked_for,
        online_url,
        claim,
        invoice.in_dispute,
        invoice.credit_is_due,
        invoice.offered_until,
        invoice.special.afterwards or Decimal(0) if invoice.special else Decimal(0),
    )


@dataclass(frozen=True, slots=True)
class CreditLine:
    """Money of the customer that is not allocated to an invoice; ``kind`` is credit_note, overpayment or prepayment."""

    kind: str
    number: str | None
    issued_on: date
    currency: str
    remaining: Decimal


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a quote. ``quantity`` and ``amount`` are None on a line that only says something."""

    description: str
    quantity: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """The quote that a mail confirms, in its own ``currency``. ``tax_included``: its lines hold the tax already."""

    number: str
    title: str | None
    reference: str | None
    terms: str | None
    issued_on: date
    currency: str
    total_tax: Decimal
    total: Decimal
    tax_included: bool
    lines: tuple[QuoteLine, ...]
    attached: bool
    """Its PDF travels along."""


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What a customer disputed of an invoice, and what it is answered."""

    amount: Decimal | None
    """None: all of the invoice."""
    currency: str
    answer: str
    credited: Decimal | None
    """None: nothing is."""


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """The promise that a mail is about. ``paid``: what has come of it."""

    promised_on: date
    currency: str
    amount: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class MailFacts:
    """Everything that a text may mention. ``earlier_dates``: when we wrote about these invoices before."""

    contact_name: str
    first_name: str | None
    organisation_name: str
    sender_name: str
    signature: str | None
    invoices: tuple[InvoiceLine, ...]
    today: date
    earlier_dates: tuple[date, ...] = ()
    disputed: tuple[InvoiceLine, ...] = ()
    """Those of which a part, or all, is in dispute; of the last kind are only some of a statement."""
    on_account: tuple[tuple[str, Decimal], ...] = ()
    """The customer's money that is not allocated to an invoice, by currency."""
    books_in_doubt: bool = False
    """The ledger may lack payments that were made, so the letter says so …"""
    books_until: date | None = None
    """… with the day up to which it seems complete, where that is known."""
    account_stops_on: date | None = None
    """From which day nothing is delivered any more, where the mail warns of that."""
    encloses: bool = True
    """Copies of the invoices travel along."""
    credits: tuple[CreditLine, ...] | None = None
    """In a statement: the credits that it lists. None: it is none."""
    quote: QuoteFacts | None = None
    """In an order confirmation: what is confirmed. None: it is none."""
    answers: AnswerFacts | None = None
    """In the answer to a dispute: what it was about. None: it is none."""
    promise: PromiseFacts | None = None
    """In a mail about a promise: what was promised. None: it is about none."""
    account_link: str | None = None
    """Where this customer sees its account and answers. None: it is given no such link."""
    locale: str = "en_GB"
    """The language of the letter, and how amounts and dates are written: ``de_AT``, a name that Babel knows."""


KINDS = {
    "email": "Mail",
    "sms": "Text message",
    "call": "What to say on the phone",
    "letter": "Letter",
    "thanks": "Thank-you",
    "statement": "Statement",
    "invoice": "Unsent invoice",
    "confirmation": "Order confirmation",
    "campaign": "Campaign",
    "broken_promise": "Broken promise",
    "promise_due": "Promise due",
    "instalment_due": "Instalment due",
    "dispute_resolved": "Answer to a dispute",
}
"""What texts are for, in words, by the kinds of steps that use them, or of mails that no step sends."""
MAILS = frozenset(KINDS) - {"sms", "call", "letter"}
"""What leaves by mail."""
MANY = frozenset({"email", "sms", "call", "letter", "campaign"})
"""Of these there can be several texts; of the others there is the one that came with Dunnock, to be changed."""
LINKED = MAILS | {"sms"}
"""What may carry the customer's own link; a letter on paper cannot be clicked on."""
_WITHOUT_SUBJECT = frozenset({"sms", "call"})
MAY_LACK_INVOICES = frozenset({"statement", "confirmation"})
"""They can be written to a customer with nothing open."""
NOTHING_ENCLOSED = frozenset(
    {"thanks", "statement", "confirmation", "promise_due", "instalment_due", "dispute_resolved"}
)
"""With these no copies of the invoices travel along."""


def has_subject(kind: str) -> bool:
    """Whether texts of this kind have a subject."""
    return kind not in _WITHOUT_SUBJECT


@dataclass(frozen=True, slots=True)
class TemplateText:
    """A text as somebody wrote it, with merge fields in Liquid.

    ``kind`` is one of ``KINDS``: what it is for.
    """

    subject: str
    body: str
    kind: str = "email"

    @property
    def has_subject(self) -> bool:
        """Whether a subject belongs to it."""
        return has_subject(self.kind)


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail ready to be sent: one line of subject, and the same letter as text and as HTML."""

    subject: str
    text: str
    html: str
