"""What an organisation takes along, and its end here: exports, the day of deletion, and what is left of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class Deletion(Base):
    """That everything of an organisation is to be deleted; gone when it is connected again, and with its last row."""

    __tablename__ = "deletions"
    __table_args__ = (Index(None, "due_at"),)

    organisation_id: Mapped[OrganisationId]
    due_at: Mapped[datetime]
    asked_by: Mapped[Words | None]
    """Who wants it at once; None: it follows from the disconnection."""
    told_at: Mapped[datetime | None]
    """When the owners were told of the day."""
    begun_at: Mapped[datetime | None]
    """From then on there is no way back."""
    people: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Ids of those who were members when it began."""
    deleted: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rows so far."""


class DeletedOrganisation(Base):
    """All that remains of an organisation: a line for whoever runs this installation."""

    __tablename__ = "deleted_organisations"

    former_id: Mapped[Id] = mapped_column(primary_key=True)
    """Its id, by which nobody is found any more."""
    deleted_on: Mapped[date] = mapped_column(primary_key=True)
    """By UTC."""
    rows: Mapped[int]
    trial_last_day: Mapped[date | None]
    """Of its trial, so that it has no second one when its ledger is connected anew: the id is a digest of the tenant's."""


class DataExport(Base):
    """Everything of one organisation, or of one of its customers, to be taken along as a file."""

    __tablename__ = "data_exports"
    __table_args__ = (Index(None, "state"), Index(None, "expires_at"))

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    state: Mapped[Code]
    """asked, ready"""
    place: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """How far it has come: the file under way, and the keys of the last row in it."""
    parts: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rows written so far."""
    expected: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rows that there were when it began."""
    asked_by: Mapped[Words]
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    """When it is deleted."""
    contact_id: Mapped[Id | None]
    """The customer of whom it holds everything; None: it is of the whole organisation."""
    person: Mapped[dict[str, Any] | None]
    """The one person of that customer whom it is about, with ``email``, ``mobile`` and ``names``; None: the customer is."""


class DataExportPart(Base):
    """A piece of a file in an export, in order; the archive is put together while it is fetched."""

    __tablename__ = "data_export_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "export_id"], ["data_exports.organisation_id", "data_exports.id"]
        ),
    )

    organisation_id: Mapped[OrganisationId]
    export_id: Mapped[Id] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    """Path of the file in the archive."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """Compressed by zlib."""


class Erasure(Base):
    """That a customer was erased: who had it done, when and why, and what to know it by if it comes back."""

    __tablename__ = "erasures"
    __table_args__ = (Index(None, "organisation_id", "finished_at"),)

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """Of the name that it had."""
    because: Mapped[Code]
    """asked, not_needed, unlawful"""
    asked_by: Mapped[Words]
    asked_by_person: Mapped[Id | None]
    asked_at: Mapped[datetime]
    kept_elsewhere: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Somebody said that what bookkeeping law wants kept is kept elsewhere."""
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    """How far it has come."""
    rows: Mapped[int] = mapped_column(default=0, server_default="0")
    """Removed or emptied so far."""
    finished_at: Mapped[datetime | None]
    person_of: Mapped[Id | None]
    """The customer of whom one person was erased, whose address ``contact_id`` stands for; None: a customer was."""


class ErasedAddress(Base):
    """An address or number of somebody who was erased, as a digest: what comes from there is not taken in again.

    Of somebody who was taken up again only those that want nothing are left.
    """

    __tablename__ = "erased_addresses"

    organisation_id: Mapped[OrganisationId]
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[Id]
    wants_nothing: Mapped[bool] = mapped_column(default=False, server_default=false())
    """No mail or texts went there any more: a customer who comes with this mail address gets no mail, until a person lifts it."""
    noted_at: Mapped[datetime]
