"""The signature of each colleague, under the mails that leave from that colleague's own address."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from services.app import App
from store.models import Membership


def own_signature(session: Session, organisation_id: str, person_id: str) -> str:
    """What this person has set; nothing: the organisation's signature is used."""
    membership = session.get(Membership, (organisation_id, person_id))
    return (membership.signature if membership else None) or ""


def change_own_signature(app: App, organisation_id: str, person_id: str, signature: str) -> None:
    """Set it; empty: the organisation's is used. ``UserError`` for who is no member any more."""
    with app.database.write(organisation_id) as session:
        membership = session.get(Membership, (organisation_id, person_id))
        if membership is None:
            raise UserError(
                _("You are no longer a member of this organisation; go back to the list of organisations.")
            )
        membership.signature = signature.replace("\r\n", "\n").replace("\x00", "").strip() or None
