"""Mails that no step sends: which of them an organisation wants."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, OrganisationId, Words


class OccasionSwitch(Base):
    """A kind of mail that the organisation has switched on; none of it is made up for from before ``since``."""

    __tablename__ = "occasion_switches"

    organisation_id: Mapped[OrganisationId]
    kind: Mapped[Code] = mapped_column(primary_key=True)
    """thanks, statement, invoice, confirmation"""
    since: Mapped[datetime]
    switched_on_by: Mapped[Words]
