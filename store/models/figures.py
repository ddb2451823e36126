"""Figures by month, kept so that a page need not read a whole ledger. Made of the mirror alone, and made again at any time."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class MonthlyFigure(Base):
    """What happened with one customer in one currency in one month (``credit_control.figures.flows``).

    Everything is a movement of that month, so that how things stood at any month's end is a sum up to it.
    """

    __tablename__ = "monthly_figures"
    __table_args__ = (Index(None, "organisation_id", "currency", "month"),)

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    currency: Mapped[Code] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    sales: Mapped[Decimal]
    invoices: Mapped[int]
    """How many were issued."""
    settled: Mapped[Decimal]
    reach_1: Mapped[Decimal]
    """What came to be one day overdue, less what was settled of such; so with 31, 61 and 91 days."""
    reach_31: Mapped[Decimal]
    reach_61: Mapped[Decimal]
    reach_91: Mapped[Decimal]
    paid_invoices: Mapped[int]
    """How many were paid in full; the following seven are about these."""
    paid_amount: Mapped[Decimal]
    paid_on_time: Mapped[int]
    days_late: Mapped[int]
    days_late_clipped: Mapped[int]
    days_to_pay: Mapped[int]
    amount_days_late: Mapped[Decimal]
    amount_days_late_clipped: Mapped[Decimal]
    amount_days_to_pay: Mapped[Decimal]
    unpaid_at_90: Mapped[Decimal]
    """What of the month's invoices was still open 90 days after it was due."""
    last_due: Mapped[date | None]
    """The latest day on which one of the month's invoices is due; 90 days later ``unpaid_at_90`` is known."""


class StaleFigure(Base):
    """A customer whose figures by month no longer say what the mirror says, and are to be made anew."""

    __tablename__ = "stale_figures"

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)


class BookTurn(Base):
    """How often figures of an organisation were made anew, or customers foreseen; what was worked out before may not hold."""

    __tablename__ = "book_turns"

    organisation_id: Mapped[OrganisationId]
    turns: Mapped[int]


class KeptResult(Base):
    """Something that was worked out of the whole book; it holds for as long as nothing that it was made of has changed."""

    __tablename__ = "kept_results"

    organisation_id: Mapped[OrganisationId]
    name: Mapped[Code] = mapped_column(primary_key=True)
    mark: Mapped[Id]
    """What it was made of (``services.kept_results``); with another mark it no longer holds."""
    content: Mapped[dict[str, Any]]


class FigureTarget(Base):
    """What a figure of one currency is to be, in days or per cent; who decided so, and since when."""

    __tablename__ = "figure_targets"

    organisation_id: Mapped[OrganisationId]
    currency: Mapped[Code] = mapped_column(primary_key=True)
    figure: Mapped[Code] = mapped_column(primary_key=True)
    """The name of the figure, as the API has it."""
    target: Mapped[Decimal]
    set_by: Mapped[Words]
    set_at: Mapped[datetime]
