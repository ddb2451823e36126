"""The organisation's switches."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Organisation


def organisation_to_change(session: Session, organisation_id: str) -> Organisation | None:
    """The organisation, locked against every other change until ours is done."""
    return session.scalars(
        select(Organisation).where(Organisation.id == organisation_id).with_for_update()
    ).one_or_none()
