"""What is looked at again at a moment of its own: promises and payment plans, each by its ``next_look_at``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Organisation, PaymentPlan, PromiseToPay

Looked = TypeVar("Looked", PromiseToPay, PaymentPlan)


def organisations_with_due(
    session: Session, what: type[PromiseToPay | PaymentPlan], now: datetime
) -> list[str]:
    """The connected organisations with one whose moment has come."""
    statement = (
        select(what.organisation_id)
        .join(Organisation, Organisation.id == what.organisation_id)
        .where(what.next_look_at <= now, Organisation.connection == "connected")
        .distinct()
    )
    return sorted(session.scalars(statement))


def due(
    session: Session, what: type[Looked], organisation_id: str, now: datetime, most: int
) -> Sequence[Looked]:
    """The next ones to be looked at, locked; what somebody else has in hand is left to them."""
    statement = (
        select(what)
        .where(what.organisation_id == organisation_id, what.next_look_at <= now)
        .order_by(what.next_look_at, what.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(statement).all()
