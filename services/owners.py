"""Who looks after which customer: a colleague, as whom mails to it leave."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from store.queries import customers, senders
from store.queries.switches import organisation_to_change


def look_after(session: Session, organisation_id: str, contact_id: str, person_id: str | None) -> None:
    """Have this colleague look after the customer; None: nobody in particular. ``UserError`` for who is no member."""
    organisation_to_change(session, organisation_id)
    contact = customers.contact(session, organisation_id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    if person_id and all(one.id != person_id for one in senders.colleagues(session, organisation_id)):
        raise UserError(_("This person is not a member of this organisation; choose one who is."))
    contact.owner_id = person_id
    session.flush()
