"""Who at a customer is away, by what their mailbox answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from store.models import PersonAway


def one(session: Session, organisation_id: str, contact_id: str, address: str) -> PersonAway | None:
    """What is known of the absence of who has this address."""
    return session.get(PersonAway, (organisation_id, contact_id, address))


def shown(session: Session, organisation_id: str, contact_id: str, today: date) -> Sequence[PersonAway]:
    """Who is away today and not said to be back, or named a stand-in of whom nobody has said anything yet."""
    suggested = PersonAway.stand_in_email.is_not(None) & PersonAway.settled_at.is_(None)
    away = PersonAway.ended_at.is_(None) & (PersonAway.until >= today)
    return session.scalars(
        select(PersonAway)
        .where(
            PersonAway.organisation_id == organisation_id,
            PersonAway.contact_id == contact_id,
            or_(away, suggested),
        )
        .order_by(PersonAway.until, PersonAway.address)
    ).all()
