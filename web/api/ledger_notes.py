"""What waits for the ledger's notes, what was refused, and what notes say."""

from __future__ import annotations

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from services import doors, note_desk, note_rules
from store.queries import customers
from web.api import asked_team_tasks as asked
from web.api import shapes
from web.api.caller import Caller
from web.api.shapes.team_tasks import ContactNoteText, NoteRule


def try_note_again(caller: Caller, session: Session, id_: str) -> shapes.LedgerNote:
    """Try a note again that the ledger refused, or that waits. One that is written stays as it is."""
    found = note_desk.try_again(session, caller.organisation_id, id_, caller.now)
    if found is None:
        abort(404, "There is no such note.")
    caller.ring_later(doors.NOTES)
    return convert(found, shapes.LedgerNote, from_attributes=True)


def show_note_rule(caller: Caller, session: Session) -> NoteRule:
    """Of which kinds of records the words are kept out of the ledger."""
    return convert({"without_text": caller.organisation(session).notes_without_text}, NoteRule)


def set_note_rule(caller: Caller, session: Session, body: asked.SetNoteRule) -> NoteRule:
    """Keep the words of these kinds of records out of the ledger; notes then tell only the fact. Holds for what waits."""
    chosen = note_rules.keep_out(session, caller.organisation_id, body.without_text)
    return convert({"without_text": chosen}, NoteRule)


def set_contact_note_text(
    caller: Caller, session: Session, id_: str, body: asked.SetContactNoteText
) -> ContactNoteText:
    """Make an exception for a contact, or leave it to the organisation's rule."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, "There is no such contact.")
    note_rules.choose_for(session, caller.organisation_id, id_, body.note_text)
    return ContactNoteText(contact_id=id_, note_text=body.note_text)
