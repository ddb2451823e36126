"""What follows when an invoice is paid late: interest, charges, and accounts that are stopped."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, LedgerId, OrganisationId, Words

_PENDING = text("status = 'pending'")
_STANDING = text("status IN ('warned', 'stopped')")
_UNTOLD = text("group_pending")


class LatePaymentPolicy(Base):
    """By which rules an organisation works out interest, and whether and how it charges it."""

    __tablename__ = "late_payment_policies"

    organisation_id: Mapped[OrganisationId]
    rules: Mapped[Code | None]
    """A rule set, or ``by_country``; None: none is chosen, so nothing is worked out."""
    split: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The rate changes at each half-year where the law fixes it."""
    yearly_rate: Mapped[Decimal | None]
    """Percent a year, agreed in the contract; for the rules ``contract``."""
    fee: Mapped[Decimal | None]
    """The fixed sum for a late invoice that the contract agrees, in ``fee_currency``."""
    fee_currency: Mapped[Code | None]
    whole_months: Mapped[bool] = mapped_column(default=False, server_default=false())
    told: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Texts may name interest and compensation to the customer."""
    charging: Mapped[Code] = mapped_column(default="off", server_default="off")
    """off, by_hand, monthly"""
    account_code: Mapped[Words | None]
    tax_type: Mapped[Words | None]
    tracking: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """Each with category and option, as the ledger names them."""
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """The ledger's accounts, tax rates and tracking categories, when they were last asked for."""
    choices_read_at: Mapped[datetime | None]
    charged_on: Mapped[date | None]
    """The day on which charging by itself last went through the whole book."""
    charged_after: Mapped[str | None] = mapped_column(String(32))
    """The invoice up to which it has come today; None: it begins, or is through."""


class LatePaymentTerms(Base):
    """What is known of one customer for the law of late payment; a person was asked, nothing is guessed."""

    __tablename__ = "late_payment_terms"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Code | None]
    """company, sole_trader, individual, public_body; None: nobody has said."""
    rules: Mapped[Code | None]
    """Instead of the organisation's; None: those."""
    yearly_rate: Mapped[Decimal | None]
    fee: Mapped[Decimal | None]
    fee_currency: Mapped[Code | None]
    whole_months: Mapped[bool] = mapped_column(default=False, server_default=false())
    longer_term_fair: Mapped[bool] = mapped_column(default=False, server_default=false())
    changed_by: Mapped[Words]
    changed_at: Mapped[datetime]


class LateFee(Base):
    """Interest and compensation for one invoice and one period, charged or waived.

    The periods of an invoice follow each other without a gap, so that no day is charged twice: each begins the day
    after the one before has ended, and the constraint lets only one begin on a day.
    """

    __tablename__ = "late_fees"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        UniqueConstraint("organisation_id", "invoice_id", "from_on"),
        Index(
            "ix_late_fees_pending",
            "next_try_at",
            "organisation_id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(None, "organisation_id", "created_at", "id"),
        Index(None, "organisation_id", "ledger_id"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    invoice_id: Mapped[Id]
    from_on: Mapped[date]
    to_on: Mapped[date]
    """The last day of the period."""
    currency: Mapped[Code]
    interest: Mapped[Decimal]
    compensation: Mapped[Decimal]
    lines: Mapped[list[dict[str, Any]]]
    """The working, as it stands in the ledger: description, amount as text."""
    basis: Mapped[Words]
    status: Mapped[Code]
    """pending (on its way into the ledger), drafted, refused (by the ledger), waived"""
    reason: Mapped[Words | None]
    """Why it was waived, or the ledger's words."""
    reference: Mapped[Words]
    """Stands on the draft, with a marker, so that it is found again in the ledger."""
    created_by: Mapped[Words]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime]
    ledger_id: Mapped[LedgerId | None]
    number: Mapped[Words | None]
    drafted_at: Mapped[datetime | None]


class AccountStop(Base):
    """A customer who is, or on a day will be, served no more until it has paid."""

    __tablename__ = "account_stops"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "uq_account_stops_standing",
            "organisation_id",
            "contact_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(
            "ix_account_stops_untold",
            "next_try_at",
            "organisation_id",
            sqlite_where=_UNTOLD,
            postgresql_where=_UNTOLD,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    status: Mapped[Code]
    """warned (will be stopped on ``stop_on``), stopped, lifted, spared (what the warning was about is settled)"""
    communication_id: Mapped[Id | None]
    """The warning; None: a person stopped the account."""
    stop_on: Mapped[date]
    reason: Mapped[Words]
    created_by: Mapped[Words]
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[Words | None]
    group_pending: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The ledger's group does not show yet what is so here."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime]
    problem: Mapped[Words | None]
    """What keeps the ledger's group from showing it."""


class ClaimLetter(Base):
    """A letter before action: what it says is fixed when it is made, a person says go, another day it is posted."""

    __tablename__ = "claim_letters"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id", "created_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    status: Mapped[Code]
    """made, approved, posted, withdrawn"""
    dated: Mapped[date]
    deadline: Mapped[date]
    content: Mapped[dict[str, Any]]
    """individual, address, own_address, agreement, how_to_pay, invoices, lines, totals, enclosures, source, doubt"""
    created_by: Mapped[Words]
    created_at: Mapped[datetime]
    approved_by: Mapped[Words | None]
    approved_at: Mapped[datetime | None]
    approved_through: Mapped[Words | None]
    """The API token by which the go was said; None: on the page, by the person."""
    posted_by: Mapped[Words | None]
    posted_at: Mapped[datetime | None]
    communication_id: Mapped[Id | None]
