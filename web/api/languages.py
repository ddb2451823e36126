"""In which language the organisation writes, and in which a contact is written to."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services.language_choice import choose_language
from store.models import Contact, Organisation
from store.queries import customers
from web.api import asked_templates, shapes
from web.api.caller import Caller
from web.api.contacts import show_contact
from web.api.organisation import show_organisation


def choose_own_language(
    caller: Caller, session: Session, body: asked_templates.ChooseLanguage
) -> shapes.Organisation:
    """Choose the language in which the organisation writes where a contact has no other."""
    _choose(caller.organisation(session), body.language)
    return show_organisation(caller, session)


def choose_contacts_language(
    caller: Caller, session: Session, id_: str, body: asked_templates.ChooseLanguage
) -> shapes.Contact:
    """Choose the language in which a contact is written to."""
    contact = customers.contact(session, caller.organisation_id, id_)
    _choose(contact or abort(404, "There is no such contact."), body.language)
    return show_contact(caller, session, id_)


def _choose(whose: Organisation | Contact, code: str | None) -> None:
    try:
        choose_language(whose, code)
    except UserError as error:
        abort(422, str(error))
