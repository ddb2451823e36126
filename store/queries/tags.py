"""The tags of customers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store.models import ContactTag
from store.queries.upsert import insert_new


def of(session: Session, organisation_id: str, contact_id: str) -> list[str]:
    """The tags of one customer, in order."""
    statement = select(ContactTag.tag).where(
        ContactTag.organisation_id == organisation_id, ContactTag.contact_id == contact_id
    )
    return list(session.scalars(statement.order_by(ContactTag.tag)))


def add(session: Session, organisation_id: str, contact_id: str, tag: str, by: str, now: datetime) -> None:
    """Put a tag on a customer, unless it is there."""
    values = {
        "organisation_id": organisation_id,
        "contact_id": contact_id,
        "tag": tag,
        "put_by": by,
        "put_at": now,
    }
    session.connection().execute(insert_new(session, ContactTag), values)


def remove(session: Session, organisation_id: str, contact_id: str, tag: str) -> bool:
    """Take a tag off; False where it was not on."""
    found = session.connection().execute(
        delete(ContactTag).where(
            ContactTag.organisation_id == organisation_id,
            ContactTag.contact_id == contact_id,
            ContactTag.tag == tag,
        )
    )
    return bool(found.rowcount)
