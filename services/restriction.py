"""A customer who may only be kept: restricted because it wants that, or while somebody may ask for what is here.

Restricting (Art. 18 GDPR) is what can be done where somebody wants to be erased and still owes something: nobody writes
to the customer, by itself or by hand, and everything stays. A legal hold keeps everything too, and does not stop
anybody from writing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services.app import App
from store.models import Contact
from store.queries import erasures, planning

_RESTRICTED = N_(
    "This customer is restricted: it is kept and not written to. An owner can end that under “Rights of customers”."
)
_ERASED = N_("This customer was erased, and is not written to.")


def why_not(session: Session, organisation_id: str, contact_id: str) -> str | None:
    """Why nobody may write to a customer, as a sentence; None: they may."""
    contact = session.get(Contact, (organisation_id, contact_id))
    if contact is None:
        return None
    if contact.status == erasures.ERASED:
        return _ERASED
    return _RESTRICTED if contact.restricted_at is not None else None


def restrict(app: App, organisation_id: str, contact_id: str, *, on: bool, by: str) -> None:
    """Restrict a customer, or end that. ``UserError`` where there is none, or it was erased."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        contact = _there(session, organisation_id, contact_id)
        if on and contact.restricted_at is None:
            contact.restricted_at, contact.restricted_by = now, by
        if not on:
            contact.restricted_at = contact.restricted_by = None
        session.flush()
        planning.look_again(session, organisation_id, [contact_id], now)
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def hold_by_law(app: App, organisation_id: str, contact_id: str, *, on: bool, by: str) -> None:
    """Put a customer under legal hold, or end that: meanwhile nothing of it is erased. ``UserError`` as above."""
    now: datetime = clock.now()
    with app.database.write(organisation_id) as session:
        contact = _there(session, organisation_id, contact_id)
        if on and contact.legal_hold_at is None:
            contact.legal_hold_at, contact.legal_hold_by = now, by
        if not on:
            contact.legal_hold_at = contact.legal_hold_by = None


def _there(session: Session, organisation_id: str, contact_id: str) -> Contact:
    contact = session.get(Contact, (organisation_id, contact_id), with_for_update=True)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    if contact.status == erasures.ERASED:
        raise UserError(_(_ERASED))
    return contact
