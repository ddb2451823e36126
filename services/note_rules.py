"""What of a record goes into the ledger: everybody who works with the ledger reads its notes.

By default a note says what was said. An organisation can keep the words out for all or for some kinds of records, and
a customer can be an exception either way; then the note tells only the fact: who, when, to whom, with amounts and days.
It is asked when the note is written, so a rule also holds for what still waits.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from store.models import LedgerNote
from store.queries import customers, notes
from store.queries.switches import organisation_to_change

ALL: Final = "all"
KINDS: Final = {
    ALL: "everything",
    "reply": "what customers answer, and what they are answered by hand",
    "call": "calls",
    "note": "notes",
    "hold": "why something is on hold, or is released",
    "dispute": "disputes",
    "review": "reviews, and tasks left out",
    "fee": "late fees",
}
"""What a rule can be about, each with its words on the settings page."""
_OF = {
    "release": "hold",
    "mail_again": "hold",
    "skip": "review",
    "auto_reply": "reply",
    "own_mail": "reply",
    "answer": "reply",
}
WRITTEN: Final = "written"
KEPT_OUT: Final = "kept_out"


def keeps_text_out(session: Session, organisation_id: str, note: LedgerNote) -> bool:
    """Whether only the fact is written of what this note tells of."""
    rule = notes.text_rule(session, organisation_id, note.communication_id)
    if rule is None:
        return False
    if rule.of_contact:
        return rule.of_contact == KEPT_OUT
    return ALL in rule.kept_out or _OF.get(rule.kind, rule.kind) in rule.kept_out


def keep_out(session: Session, organisation_id: str, kinds: Collection[str]) -> list[str]:
    """Of which kinds the organisation keeps the words out of the ledger. ``UserError`` for a kind that is none."""
    unknown = sorted(set(kinds) - KINDS.keys())
    if unknown:
        raise UserError(
            _(
                "Records are of the kinds %(kinds)s; “%(unknown)s” is none of them.",
                kinds=", ".join(KINDS),
                unknown=unknown[0],
            )
        )
    chosen = [kind for kind in KINDS if kind in kinds]
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("This organisation is no longer here; go back to the list of organisations."))
    organisation.notes_without_text = chosen
    session.flush()
    return chosen


def choose_for(session: Session, organisation_id: str, contact_id: str, choice: str | None) -> None:
    """Whether notes on this customer say what was said: written, kept_out, or (None) as the organisation has it."""
    if choice not in (None, WRITTEN, KEPT_OUT):
        raise UserError(
            _(
                "Choose %(written)s or %(kept_out)s, or leave it to the organisation.",
                written=WRITTEN,
                kept_out=KEPT_OUT,
            )
        )
    organisation_to_change(session, organisation_id)
    contact = customers.contact(session, organisation_id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    contact.note_text = choice
    session.flush()
