"""How customers pay, as it was last worked out: ratings, how they changed, and what money was expected when.

Derived from the mirror and from nothing else; only the changes and the forecasts of earlier weeks could not be made again.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId


class PayerRating(Base):
    """How one customer pays, as of a day of the organisation's calendar."""

    __tablename__ = "payer_ratings"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "rating"),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    rated_on: Mapped[date]
    rating: Mapped[Code]
    """new, good, average, poor"""
    points: Mapped[Decimal | None]
    """From 0 to 100, with four decimals; None: new."""
    inputs: Mapped[dict[str, Any]]
    """The figures that it is made of, by name."""


class RatingChange(Base):
    """A customer became another word, with the figures before and after."""

    __tablename__ = "rating_changes"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "changed_on"),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    changed_on: Mapped[date]
    before: Mapped[Code]
    after: Mapped[Code]
    inputs_before: Mapped[dict[str, Any]]
    inputs: Mapped[dict[str, Any]]


class PayerLook(Base):
    """The last nightly look at how an organisation's customers pay."""

    __tablename__ = "payer_looks"

    organisation_id: Mapped[OrganisationId]
    looked_on: Mapped[date]
    """A day of the organisation's calendar."""
    book: Mapped[dict[str, Any]]
    """Everybody's days late with their weights, as of that morning, by which expectations are told during the day."""
    tests: Mapped[dict[str, Any]]
    """How right expectations would have been, by the day from which invoices are seen; empty: nothing can be said yet."""


class CashForecast(Base):
    """What was expected on a Monday to come in a week, in one currency."""

    __tablename__ = "cash_forecasts"

    organisation_id: Mapped[OrganisationId]
    made_on: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[Code] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    """Its Monday."""
    expected: Mapped[Decimal]
    low: Mapped[Decimal]
    high: Mapped[Decimal]
