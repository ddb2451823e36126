"""What a ledger holds, as plain records. Only `sandbox.ledger` changes them, so that the sums stay right.

Money is `Decimal` in the document's own currency; dates are calendar days; instants are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal("0.00")


class CreditKind(StrEnum):
    """The three sorts of money a customer has with us that is not yet set against an invoice."""

    CREDIT_NOTE = "credit_note"
    OVERPAYMENT = "overpayment"
    PREPAYMENT = "prepayment"


@dataclass(slots=True, frozen=True)
class ContactPerson:
    """A further person at a contact; the ledger gives persons no id of their own."""

    first_name: str
    last_name: str
    email: str
    include_in_emails: bool = True


@dataclass(slots=True, frozen=True)
class Phone:
    """A telephone number; `kind` is DEFAULT, DDI, MOBILE, FAX or OFFICE."""

    number: str
    kind: str = "DEFAULT"
    area: str = ""
    country: str = ""


@dataclass(slots=True, frozen=True)
class Address:
    """A postal address; `kind` is POBOX or STREET."""

    line1: str
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    kind: str = "POBOX"


@dataclass(slots=True, frozen=True)
class Terms:
    """When a sales invoice falls due: `kind` as the ledger names it, for example DAYSAFTERBILLDATE."""

    days: int
    kind: str = "DAYSAFTERBILLDATE"


@dataclass(slots=True)
class Contact:
    """A customer or supplier. `status` is ACTIVE, ARCHIVED or GDPRREQUEST."""

    id: str
    name: str
    updated_utc: dt.datetime
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    account_number: str = ""
    status: str = "ACTIVE"
    is_customer: bool = True
    is_supplier: bool = False
    default_currency: str = ""
    persons: tuple[ContactPerson, ...] = ()
    phones: tuple[Phone, ...] = ()
    addresses: tuple[Address, ...] = ()
    terms: Terms | None = None
    bill_terms: Terms | None = None
    group_ids: list[str] = field(default_factory=list)
    merged_into: str | None = None


@dataclass(slots=True, frozen=True)
class Line:
    """One line of a document; `unit_amount` is before tax, `tax_amount` is the whole line's tax."""

    description: str
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    tax_amount: Decimal = ZERO
    account_code: str = "200"
    tax_type: str = "NONE"
    id: str = ""
    tracking: tuple[tuple[str, str], ...] = ()
    """Options of tracking categories: name of the category, and of the option."""

    @property
    def amount(self) -> Decimal:
        """The line's amount before tax."""
        return (self.quantity * self.unit_amount).quantize(Decimal("0.01"))


@dataclass(slots=True)
class Allocation:
    """A part of a credit set against an invoice."""

    id: str
    credit_id: str
    invoice_id: str
    amount: Decimal
    date: dt.date


@dataclass(slots=True)
class Invoice:
    """A sales invoice (ACCREC) or a bill (ACCPAY).

    `status` is DRAFT, SUBMITTED, AUTHORISED, PAID, VOIDED or DELETED; overdue is no status.
    """

    id: str
    number: str
    contact_id: str
    date: dt.date
    due_date: dt.date
    currency: str
    lines: tuple[Line, ...]
    updated_utc: dt.datetime
    type: str = "ACCREC"
    status: str = "AUTHORISED"
    reference: str = ""
    currency_rate: Decimal = Decimal(1)
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    amount_paid: Decimal = ZERO
    amount_credited: Decimal = ZERO
    sent_to_contact: bool = False
    expected_payment_date: dt.date | None = None
    fully_paid_on: dt.date | None = None
    branding_theme_id: str | None = None
    payment_ids: list[str] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """What the invoice asks for, tax included."""
        return self.sub_total + self.total_tax

    @property
    def amount_due(self) -> Decimal:
        """What is still open; nothing on a voided or deleted document."""
        if self.status in ("VOIDED", "DELETED"):
            return ZERO
        return self.total - self.amount_paid - self.amount_credited


@dataclass(slots=True)
class Payment:
    """Money received against one invoice, in the invoice's currency. `status` is AUTHORISED or DELETED."""

    id: str
    invoice_id: str
    contact_id: str
    amount: Decimal
    date: dt.date
    updated_utc: dt.datetime
    status: str = "AUTHORISED"
    reference: str = ""
    type: str = "ACCRECPAYMENT"
    is_reconciled: bool = True


@dataclass(slots=True)
class Credit:
    """A credit note, overpayment or prepayment with what has been allocated from it."""

    id: str
    kind: CreditKind
    contact_id: str
    currency: str
    date: dt.date
    updated_utc: dt.datetime
    lines: tuple[Line, ...] = ()
    number: str = ""
    reference: str = ""
    status: str = "AUTHORISED"
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    fully_paid_on: dt.date | None = None
    currency_rate: Decimal = Decimal(1)
    allocations: list[Allocation] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """The credit's whole amount, tax included."""
        return self.sub_total + self.total_tax

    @property
    def remaining(self) -> Decimal:
        """What has not been set against an invoice yet."""
        if self.status == "VOIDED":
            return ZERO
        return self.total - sum((a.amount for a in self.allocations), ZERO)


@dataclass(slots=True)
class Quote:
    """An offer to a customer. `status` is DRAFT, SENT, DECLINED, ACCEPTED, INVOICED or DELETED."""

    id: str
    number: str
    contact_id: str
    date: dt.date
    currency: str
    lines: tuple[Line, ...]
    updated_utc: dt.datetime
    expiry_date: dt.date | None = None
    status: str = "DRAFT"
    reference: str = ""
    title: str = ""
    summary: str = ""
    terms: str = ""
    currency_rate: Decimal = Decimal(1)
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    branding_theme_id: str | None = None

    @property
    def total(self) -> Decimal:
        """What the offer comes to, tax included."""
        return self.sub_total + self.total_tax


@dataclass(slots=True, frozen=True)
class HistoryRecord:
    """One entry of a document's history; notes carry `changes` "Note" and are never changed or deleted."""

    changes: str
    details: str
    at: dt.datetime
    user: str = "System Generated"


@dataclass(slots=True, frozen=True)
class ContactGroup:
    """A named group of contacts; membership is kept on the contacts."""

    id: str
    name: str


@dataclass(slots=True, frozen=True)
class BrandingTheme:
    """A look for printed documents."""

    id: str
    name: str
    created_utc: dt.datetime
    sort_order: int = 0


@dataclass(slots=True, frozen=True)
class OrgUser:
    """Somebody who works in an organisation's ledger; `role` as the ledger names it."""

    id: str
    email: str
    first_name: str
    last_name: str
    updated_utc: dt.datetime
    role: str = "FINANCIALADVISER"
