"""Letters before action, and the invoices that one is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import ClaimLetter, Hold, Invoice
from store.queries.pages import OPEN_INVOICE


def of_contact(session: Session, organisation_id: str, contact_id: str) -> Sequence[ClaimLetter]:
    """All letters to a contact, the newest first."""
    return session.scalars(
        select(ClaimLetter)
        .where(ClaimLetter.organisation_id == organisation_id, ClaimLetter.contact_id == contact_id)
        .order_by(ClaimLetter.created_at.desc(), ClaimLetter.id)
    ).all()


def letter(session: Session, organisation_id: str, contact_id: str, letter_id: str) -> ClaimLetter | None:
    """One letter to this contact, locked; None: there is no such one."""
    return session.scalars(
        select(ClaimLetter)
        .where(
            ClaimLetter.organisation_id == organisation_id,
            ClaimLetter.contact_id == contact_id,
            ClaimLetter.id == letter_id,
        )
        .with_for_update()
    ).one_or_none()


def claimable(session: Session, organisation_id: str, contact_id: str, today: date) -> Sequence[Invoice]:
    """Overdue invoices of a contact that are not on hold by themselves, such as disputed ones; the oldest first."""
    held = (
        select(Hold.id)
        .where(
            Hold.organisation_id == organisation_id,
            Hold.invoice_id == Invoice.id,
            Hold.released_at.is_(None),
            Hold.until.is_(None) | (Hold.until >= today),
        )
        .exists()
    )
    return session.scalars(
        select(Invoice)
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.contact_id == contact_id,
            OPEN_INVOICE,
            Invoice.due_on < today,
            ~held,
        )
        .order_by(Invoice.due_on, Invoice.number)
    ).all()
