"""Exports of everything of an organisation, and their pieces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store.models import DataExport, DataExportPart, Organisation

_PIECES_AT_ONCE = 50


def lock(session: Session, organisation_id: str) -> Organisation:
    """The organisation, so that of two who ask at the same time the second sees the first."""
    return session.get_one(Organisation, organisation_id, with_for_update=True)


def listed(session: Session, organisation_id: str, contact_id: str | None = None) -> Sequence[DataExport]:
    """The exports of a customer that there are (None: of the whole organisation), the newest first."""
    return session.scalars(
        select(DataExport)
        .where(DataExport.organisation_id == organisation_id, DataExport.contact_id == contact_id)
        .order_by(DataExport.asked_at.desc(), DataExport.id)
    ).all()


def any_ids(session: Session, organisation_id: str) -> Sequence[str]:
    """The ids of all exports that there are, of whatever."""
    return session.scalars(
        select(DataExport.id).where(DataExport.organisation_id == organisation_id).order_by(DataExport.id)
    ).all()


def asked(session: Session, organisation_id: str) -> DataExport | None:
    """The one that is being written, to be changed."""
    return session.scalars(
        select(DataExport)
        .where(DataExport.organisation_id == organisation_id, DataExport.state == "asked")
        .order_by(DataExport.asked_at)
        .limit(1)
        .with_for_update()
    ).one_or_none()


def ready(session: Session, organisation_id: str, export_id: str) -> DataExport | None:
    """One that can be fetched."""
    row = session.get(DataExport, (organisation_id, export_id))
    return row if row is not None and row.state == "ready" else None


def organisations_asking(session: Session) -> list[str]:
    """Organisations with one that is to be written."""
    return list(
        session.scalars(select(DataExport.organisation_id).where(DataExport.state == "asked").distinct())
    )


def expired(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Organisation and id of those whose time is over."""
    rows = session.execute(
        select(DataExport.organisation_id, DataExport.id).where(DataExport.expires_at <= now)
    )
    return [(row[0], row[1]) for row in rows]


def delete_pieces(session: Session, organisation_id: str, export_id: str) -> bool:
    """Delete some pieces of an export, and it with the last; True if there are more."""
    these = (DataExportPart.organisation_id == organisation_id, DataExportPart.export_id == export_id)
    numbers = list(
        session.scalars(
            select(DataExportPart.number).where(*these).order_by(DataExportPart.number).limit(_PIECES_AT_ONCE)
        )
    )
    session.execute(delete(DataExportPart).where(*these, DataExportPart.number.in_(numbers)))
    if len(numbers) == _PIECES_AT_ONCE:
        return True
    session.execute(
        delete(DataExport).where(DataExport.organisation_id == organisation_id, DataExport.id == export_id)
    )
    return False
