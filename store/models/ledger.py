"""The mirror of the ledger: what it says, never what we would like it to say.

``id`` follows from the organisation and the ledger's id (``store.ids``), so rows can be written without
looking anything up. ``fingerprint`` is a digest of the mapped fields: the ledger changes some fields
without touching its own time of change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Connection, ForeignKeyConstraint, Index, String, event, inspect, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from store.found_by import contact_words, invoice_words
from store.models.base import Base, Code, Id, LedgerId, OrganisationId, Words


def _found_by(words: Callable[[Mapping[str, Any]], str]) -> Callable[[Any], str]:
    """A new row's words, from its other values."""
    return lambda context: words(context.get_current_parameters())


OPEN = text("status = 'AUTHORISED' AND amount_due > 0")
"""What can be chased at all. Written out, so that both databases can use the partial index."""


class Contact(Base):
    """A customer of the organisation."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index(
            "ix_contacts_next_look",
            "organisation_id",
            "next_look_at",
            "id",
            sqlite_where=text("next_look_at IS NOT NULL"),
            postgresql_where=text("next_look_at IS NOT NULL"),
        ),
        Index(None, "organisation_id", "name"),
        Index(
            "ix_contacts_merged",
            "organisation_id",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    ledger_id: Mapped[LedgerId]
    name: Mapped[Words]
    first_name: Mapped[Words | None]
    last_name: Mapped[Words | None]
    email: Mapped[Words | None]
    persons: Mapped[list[dict[str, Any]]]
    """The ledger's further persons: first_name, last_name, email, include_in_emails."""
    groups: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The names of the ledger's groups that it is in."""
    status: Mapped[Code]
    """ACTIVE, ARCHIVED, GDPRREQUEST, or a word of the ledger that we do not know; STUB until the ledger told more; ERASED
    for good, once everything personal of it is gone from here."""
    merged_into: Mapped[LedgerId | None]
    """The ledger's id of the customer into which it was merged there."""
    followed_into: Mapped[str | None] = mapped_column(String(32))
    """The customer who took over what was set here, once it was merged into it; None: nothing was taken over."""
    country: Mapped[Code | None]
    """ISO 3166, of the contact's address; None: the ledger has none, or a word that is no country's."""
    address: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The lines of its postal address below the name, without the country."""
    mobile: Mapped[Code | None]
    """E.164, worked out from the ledger's numbers; None: none of them is a mobile one."""
    phone: Mapped[Words | None]
    """The number to call, as it stands in the ledger."""
    terms_kind: Mapped[Code | None]
    """When its invoices fall due as the ledger has it (``credit_control/credit/payment_terms.py``); None: as the ledger's
    settings have it for everybody."""
    terms_days: Mapped[int | None]
    updated_at: Mapped[datetime]
    fingerprint: Mapped[str]
    place: Mapped[Code | None]
    """The country or region (US-NY) where it works, as a person set it; None: the ledger's country."""
    timezone: Mapped[Words | None]
    """An IANA name, as a person set it; None: that of the country, if it has but one."""
    pays_on: Mapped[dict[str, Any] | None]
    """On which days its payment runs are, as a person set it: ``month_days`` (31: the last), ``weekdays`` (Monday is 0)."""
    last_message_at: Mapped[datetime | None]
    """When the last message left that counts for the gap."""
    last_courtesy_at: Mapped[datetime | None]
    """When a mail last left that does not, such as thanks."""
    language: Mapped[Code | None]
    """In which this customer is written to, as a person set it (ISO 639)."""
    asked_for_doubt: Mapped[datetime | None]
    """The doubt (``installation.doubted_at``) for which the ledger's notes on this contact were last read."""
    next_look_at: Mapped[datetime | None]
    """When the rules could next decide something new about this contact; None: only news can change it."""
    schedule_id: Mapped[str | None] = mapped_column(String(32))
    """The schedule that a person has chosen for it; None: by the rules."""
    schedule_chosen_by: Mapped[Words | None]
    owner_id: Mapped[str | None] = mapped_column(String(32))
    """The colleague (``people.id``) who looks after it, as a person set it."""
    caller_id: Mapped[str | None] = mapped_column(String(32))
    """The colleague to whom the calls to be made to it were handed; None: whoever looks after it."""
    note_text: Mapped[str | None] = mapped_column(String(32))
    """Whether its notes in the ledger say what was said: written, kept_out; None: as the organisation has it."""
    restricted_at: Mapped[datetime | None]
    """Since when it is kept and not written to, because it wants that (Art. 18 GDPR)."""
    restricted_by: Mapped[Words | None]
    legal_hold_at: Mapped[datetime | None]
    """Since when nothing of it is erased, by itself or by anybody, because a court or an authority may ask for it."""
    legal_hold_by: Mapped[Words | None]
    found_by: Mapped[Words | None] = mapped_column(deferred=True, default=_found_by(contact_words))
    """Name, persons, addresses and numbers, folded for searching (``store.found_by``)."""


class Invoice(Base):
    """A sales invoice. ``amount_due`` is what is left of it in its own currency."""

    __tablename__ = "invoices"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index("ix_invoices_open", "organisation_id", "contact_id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "ix_invoices_open_amounts",
            "organisation_id",
            "currency",
            "amount_due",
            "due_on",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(None, "organisation_id", "contact_id", "due_on"),
        Index(None, "organisation_id", "number"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    ledger_id: Mapped[LedgerId]
    contact_id: Mapped[Id]
    moved_from: Mapped[str | None] = mapped_column(String(32))
    """The customer whose it was before, in the ledger; None: it has always been this one's."""
    number: Mapped[Words]
    reference: Mapped[Words | None]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    currency: Mapped[Code]
    total: Mapped[Decimal]
    amount_due: Mapped[Decimal]
    amount_paid: Mapped[Decimal]
    amount_credited: Mapped[Decimal]
    status: Mapped[Code]
    expected_on: Mapped[date | None]
    fully_paid_on: Mapped[date | None]
    updated_at: Mapped[datetime]
    fingerprint: Mapped[str]
    online_url: Mapped[Words | None]
    sent: Mapped[bool | None]
    """Whether the ledger has it as sent to the customer; None: it does not say."""
    found_by: Mapped[Words | None] = mapped_column(deferred=True, default=_found_by(invoice_words))
    """Number and reference, folded for searching (``store.found_by``)."""


class Payment(Base):
    """Money received on an invoice (or refunded on a credit)."""

    __tablename__ = "payments"
    __table_args__ = (
        Index(None, "organisation_id", "invoice_id"),
        Index(None, "organisation_id", "paid_on"),
        Index(None, "organisation_id", "contact_id", "paid_on"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    ledger_id: Mapped[LedgerId]
    kind: Mapped[Words]
    invoice_id: Mapped[Id | None]
    contact_id: Mapped[Id | None]
    paid_on: Mapped[date]
    currency: Mapped[Code]
    amount: Mapped[Decimal]
    status: Mapped[Code]
    is_reconciled: Mapped[bool] = mapped_column(Boolean)
    updated_at: Mapped[datetime]
    fingerprint: Mapped[str]


class Credit(Base):
    """A credit note, overpayment or prepayment; ``remaining`` is what is not allocated to an invoice."""

    __tablename__ = "credits"
    __table_args__ = (Index(None, "organisation_id", "contact_id"),)

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    ledger_id: Mapped[LedgerId]
    kind: Mapped[Code]
    """credit_note, overpayment, prepayment"""
    contact_id: Mapped[Id]
    number: Mapped[Words | None]
    issued_on: Mapped[date]
    currency: Mapped[Code]
    total: Mapped[Decimal]
    remaining: Mapped[Decimal]
    status: Mapped[Code]
    updated_at: Mapped[datetime]
    fingerprint: Mapped[str]
    mirrored_at: Mapped[datetime]
    """When the ledger was asked, at the last change of this row; by our own clock."""


class Allocation(Base):
    """What of a credit was allocated to an invoice, as the invoice itself tells it."""

    __tablename__ = "allocations"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    credit_ledger_id: Mapped[LedgerId]
    kind: Mapped[Code]
    """As of ``Credit``."""
    applied_on: Mapped[date]
    currency: Mapped[Code]
    amount: Mapped[Decimal]


@event.listens_for(Contact, "before_insert")
@event.listens_for(Contact, "before_update")
def _find_contact(_mapper: Mapper[Contact], _connection: Connection, row: Contact) -> None:
    """Whoever changes a row through the session need not think of its being found."""
    _follow(row, contact_words, ("name", "first_name", "last_name", "email", "phone", "mobile", "persons"))


@event.listens_for(Invoice, "before_insert")
@event.listens_for(Invoice, "before_update")
def _find_invoice(_mapper: Mapper[Invoice], _connection: Connection, row: Invoice) -> None:
    _follow(row, invoice_words, ("number", "reference"))


def _follow(row: Contact | Invoice, words: Callable[[Mapping[str, Any]], str], parts: Sequence[str]) -> None:
    state: Any = inspect(row)
    attributes = state.attrs
    if any(attributes[part].history.has_changes() for part in parts):
        row.found_by = words({part: getattr(row, part) for part in parts})
