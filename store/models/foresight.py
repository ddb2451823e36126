"""What the rules foresee of each contact, kept so that a page need not ask them about everybody.

Derived from the other tables and from nothing else: it may be lost, and is made again.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_RESTING = text("rank IS NOT NULL")


class Foresight(Base):
    """One contact as the rules saw it at ``as_of``. Whatever changes the contact removes the row."""

    __tablename__ = "foresights"
    __table_args__ = (
        Index(
            "ix_foresights_resting",
            "organisation_id",
            "rank",
            "name",
            "contact_id",
            sqlite_where=_RESTING,
            postgresql_where=_RESTING,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    basis: Mapped[Id]
    """A digest of the organisation's wishes and schedule: with other ones it no longer holds."""
    as_of: Mapped[datetime]
    until: Mapped[datetime]
    """Until then time alone changes nothing."""
    rank: Mapped[int | None]
    """How telling it is that invoices rest, 0 the most; None: none rests."""
    schedule_id: Mapped[Id | None]
    """The schedule that the contact is on; None: a rule keeps it from being chased."""
    rule_id: Mapped[Id | None]
    """The rule that decided this."""
    name: Mapped[Words] = mapped_column(default="", server_default="")
    """The contact's name as it was then, so that those at rest are found in their order without being read."""
    asked_since: Mapped[date | None]
    """Since when a person is asked for something; None: nobody is."""
    asks_call: Mapped[bool] = mapped_column(default=False, server_default=false())
    asks_letter: Mapped[bool] = mapped_column(default=False, server_default=false())
    asks_review: Mapped[bool] = mapped_column(default=False, server_default=false())


class ForeseenMail(Base):
    """A mail that would leave to the contact on a day, if nobody paid before; a row for each of its currencies."""

    __tablename__ = "foreseen_mails"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["foresights.organisation_id", "foresights.contact_id"],
            ondelete="CASCADE",
        ),
        Index(None, "organisation_id", "on", "planned_for"),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    """A day of the organisation's calendar."""
    currency: Mapped[Code] = mapped_column(primary_key=True)
    amount: Mapped[Decimal]
    planned_for: Mapped[datetime]
    mark: Mapped[Id]
    """A digest of whom the mail goes to, about what, for how much."""
    begins_with: Mapped[Words | None]
    """The key of its text, where it is the first mail that the customer gets; None: another has gone before."""
    step: Mapped[Words | None]
    """The name of the step that gives it its text; None: it was foreseen before names were kept, and holds no more."""
