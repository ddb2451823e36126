"""Taking back what a click did, instead of asking beforehand: the message that says what was done has the button.

All pages do it here. Each undo says what it undoes, and the key ``u`` presses the last one. What was written down for
the ledger is never unsaid in silence: of that a further note says how it was (``flash_correction``).
"""

from __future__ import annotations

from flask import flash, url_for

from kit.wording import _
from store.models import Organisation

CATEGORY = "undo"
CORRECTION = "correction"


def flash_undo(words: str, address: str, name: str = "", **fields: str) -> None:
    """Say what was done, with a button of this name that posts these fields to the address, which takes it back."""
    flash({"words": words, "address": address, "name": name, "fields": fields}, CATEGORY)  # type: ignore[arg-type]  # kept as JSON


def flash_correction(words: str, organisation: Organisation, contact_id: str) -> None:
    """Say what was written down, with a link to the note that puts it right."""
    address = url_for("notebook.form", organisation_id=organisation.id, contact_id=contact_id)
    flash({"words": words, "address": address}, CORRECTION)  # type: ignore[arg-type]  # kept as JSON


def task_done(organisation: Organisation, task_id: str, words: str, back: str) -> None:
    """A task was finished."""
    address = url_for("team_tasks.reopen", organisation_id=organisation.id, task_id=task_id)
    flash_undo(words, address, _("Undo “done”"), back=back)


def task_put_off(organisation: Organisation, task_id: str, words: str, back: str) -> None:
    """A task, or a call, was put off."""
    address = url_for("team_tasks.put_back", organisation_id=organisation.id, task_id=task_id)
    flash_undo(words, address, _("Undo putting it off"), back=back)


def reply_settled(organisation: Organisation, reply_id: str, words: str, back: str) -> None:
    """A reply was settled."""
    address = url_for("inbox.undo", organisation_id=organisation.id, reply_id=reply_id)
    flash_undo(words, address, _("Undo settling it"), back=back)


def let_go(organisation: Organisation, mail_id: str, words: str, back: str) -> None:
    """A mail that waited for a yes got it."""
    address = url_for("queue.take_back", organisation_id=organisation.id, communication_id=mail_id)
    flash_undo(words, address, _("Undo the yes"), back=back)


def left_out(organisation: Organisation, contact_id: str, entry_id: str, words: str, back: str) -> None:
    """A call, letter or review was left out."""
    address = url_for(
        "tasks.take_back", organisation_id=organisation.id, contact_id=contact_id, entry_id=entry_id
    )
    flash_undo(words, address, _("Undo leaving it out"), back=back)
