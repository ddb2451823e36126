"""Holds in force, and their end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Contact, Hold, Invoice


def contact_of(
    session: Session, organisation_id: str, contact_id: str | None, invoice_id: str | None
) -> str | None:
    """The contact that a hold would concern; None when contact or invoice do not exist, or do not belong together."""
    if invoice_id:
        found = session.scalar(
            select(Invoice.contact_id).where(
                Invoice.organisation_id == organisation_id, Invoice.id == invoice_id
            )
        )
        return found if contact_id in (None, found) else None
    return session.scalar(
        select(Contact.id).where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
    )


def in_force(session: Session, organisation_id: str, hold_id: str) -> Hold | None:
    """A hold that nobody has released, locked."""
    return session.scalars(
        select(Hold)
        .where(Hold.organisation_id == organisation_id, Hold.id == hold_id, Hold.released_at.is_(None))
        .with_for_update()
    ).one_or_none()


def release(hold: Hold, by: str, now: datetime) -> None:
    """End a hold."""
    hold.released_at, hold.released_by = now, by
