"""What a customer has said that it will pay, and by when; and the ledger's expected payment dates that follow from it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_TO_LOOK_AT = text("next_look_at IS NOT NULL")
_PENDING = text("status = 'pending'")


class PromiseToPay(Base):
    """An amount of one currency, promised by a day, on the invoices of ``promise_invoices``."""

    __tablename__ = "promises"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id"),
        Index(None, "organisation_id", "promised_on", "id"),
        Index(
            "ix_promises_next_look",
            "next_look_at",
            "organisation_id",
            sqlite_where=_TO_LOOK_AT,
            postgresql_where=_TO_LOOK_AT,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    currency: Mapped[Code]
    amount: Mapped[Decimal]
    whole: Mapped[bool]
    """No amount was named: it is all that was due."""
    made_on: Mapped[date]
    """The organisation's day on which it was recorded."""
    promised_on: Mapped[date]
    grace_until: Mapped[date]
    """Until then, that day included, chasing of its invoices waits."""
    state: Mapped[Code]
    """open, kept, part_kept, broken, withdrawn, replaced"""
    paid: Mapped[Decimal]
    """How much of it had come when it was last looked at."""
    moved: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the day was put off: promises that this one has taken the place of, one after the other."""
    replaced_by: Mapped[Id | None]
    said_by: Mapped[Words | None]
    """Who at the customer gave it; None: nobody said."""
    recorded_by: Mapped[Words]
    communication_id: Mapped[Id | None]
    """The call, reply or note with which it came."""
    follow_up_until: Mapped[date | None]
    """It was not kept: until then a mail about it takes the place of the next reminder; None: none does."""
    created_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    """When it was found kept or not."""
    next_look_at: Mapped[datetime | None]
    """When to look at what became of it; None: only news of its invoices can change it."""


class PromiseInvoice(Base):
    """An invoice that a promise is about, as it stood when the promise was made."""

    __tablename__ = "promise_invoices"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "promise_id"], ["promises.organisation_id", "promises.id"]),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(None, "organisation_id", "invoice_id"),
    )

    organisation_id: Mapped[OrganisationId]
    promise_id: Mapped[Id] = mapped_column(primary_key=True)
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    due_then: Mapped[Decimal]
    paid_then: Mapped[Decimal]
    """The payments that were known then."""
    taken_over: Mapped[bool]
    """A newer promise is about it now."""


class ExpectedDate(Base):
    """The payment date that the ledger is to expect for an invoice, because it was promised."""

    __tablename__ = "expected_dates"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(
            "ix_expected_dates_pending",
            "next_try_at",
            "organisation_id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    on: Mapped[date]
    status: Mapped[Code]
    """pending, written, refused, dropped (withdrawn before it was written)"""
    problem: Mapped[Words | None]
    """The ledger's words, where it does not take the date."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime]
    written_at: Mapped[datetime | None]


class PaymentPlan(Base):
    """Instalments of one currency, agreed or proposed, over the invoices of ``plan_invoices``."""

    __tablename__ = "payment_plans"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "contact_id"),
        Index(
            "ix_payment_plans_next_look",
            "next_look_at",
            "organisation_id",
            sqlite_where=_TO_LOOK_AT,
            postgresql_where=_TO_LOOK_AT,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    currency: Mapped[Code]
    amount: Mapped[Decimal]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    replaces: Mapped[Id | None]
    """The plan whose rest was changed to this one."""
    state: Mapped[Code]
    """proposed, running, missed, broken, kept, ended, changed, declined"""
    made_on: Mapped[date]
    """The organisation's day on which it was agreed, or proposed."""
    recorded_by: Mapped[Words]
    accepted_by: Mapped[Words | None]
    """Who said yes to what the customer proposed."""
    communication_id: Mapped[Id | None]
    """The call, reply or note with which it came."""
    created_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    """When its state was last found to be another."""
    next_look_at: Mapped[datetime | None]


class PlanInvoice(Base):
    """An invoice that a plan covers, as it stood when the plan was agreed."""

    __tablename__ = "plan_invoices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "plan_id"], ["payment_plans.organisation_id", "payment_plans.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]),
        Index(None, "organisation_id", "invoice_id"),
    )

    organisation_id: Mapped[OrganisationId]
    plan_id: Mapped[Id] = mapped_column(primary_key=True)
    invoice_id: Mapped[Id] = mapped_column(primary_key=True)
    due_then: Mapped[Decimal]
    """With what was in dispute, which is no part of the plan."""
    paid_then: Mapped[Decimal]


class PlanInstalment(Base):
    """A part of a plan."""

    __tablename__ = "plan_instalments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "plan_id"], ["payment_plans.organisation_id", "payment_plans.id"]
        ),
    )

    organisation_id: Mapped[OrganisationId]
    plan_id: Mapped[Id] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 1."""
    on: Mapped[date]
    grace_until: Mapped[date]
    amount: Mapped[Decimal]
    paid: Mapped[Decimal]
    """What had come in time for it and all before it, when it was last looked at."""
    state: Mapped[Code]
    """open, kept, missed, late (it did not come by its day, and has come since)"""
