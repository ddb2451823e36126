"""Taking back what a click did, instead of asking beforehand: the message that says what was done has the button.

All pages do it here. Each undo says what it undoes, and the key ``u`` presses the last one. What was written down for
the ledger is never unsaid in silence: of that a further note says how it was (``flash_correction``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask import flash, url_for

from kit.wording import N_, _
from services.queue_actions import Action
from store.models import Hold, Organisation

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


def handed_over(organisation: Organisation, task_id: str, before: str, words: str) -> None:
    """A task went from one colleague (their id) to another; both are told by mail."""
    address = url_for("team_tasks.hand_over", organisation_id=organisation.id, task_id=task_id)
    flash_undo(words, address, _("Undo handing it over"), owner=before)


def held(organisation: Organisation, hold: Hold, words: str) -> None:
    """A customer was put on hold."""
    address = url_for(
        "contacts.release", organisation_id=organisation.id, contact_id=hold.contact_id, hold_id=hold.id
    )
    flash_undo(words, address, _("Undo the hold"))


def released(organisation: Organisation, hold: Hold, today: date, words: str) -> None:
    """A hold that a person had placed on a customer was ended; a day that is over by now is not asked for again."""
    address = url_for("contacts.hold", organisation_id=organisation.id, contact_id=hold.contact_id)
    days = {"until": hold.until, "look_on": hold.look_on}
    fields = {name: day.isoformat() for name, day in days.items() if day and day > today}
    flash_undo(words, address, _("Undo the release"), reason=hold.reason, **fields)


def schedule_chosen(organisation: Organisation, contact_id: str, before: str | None, words: str) -> None:
    """A customer's schedule was chosen, or left to the rules; before, a person had chosen this one (None: nobody had)."""
    address = url_for("contacts.choose", organisation_id=organisation.id, contact_id=contact_id)
    flash_undo(words, address, _("Undo the choice"), schedule=before or "")


def comparison_ended(organisation: Organisation, comparison_id: str, ended_at: datetime, words: str) -> None:
    """A comparison of two schedules was ended at this moment."""
    address = url_for("comparisons.take_back", organisation_id=organisation.id, comparison_id=comparison_id)
    flash_undo(words, address, _("Undo the end"), ended=ended_at.isoformat())


def tags_kept(organisation: Organisation, contact_id: str, before: list[str], words: str) -> None:
    """A customer got other tags than these."""
    address = url_for("contacts.put_tags", organisation_id=organisation.id, contact_id=contact_id)
    flash_undo(words, address, _("Undo the change of tags"), tags=", ".join(before))


def owner_chosen(organisation: Organisation, contact_id: str, before: str | None, words: str) -> None:
    """A customer got another colleague who looks after it than this one (their id; None: nobody did)."""
    address = url_for("senders.look_after", organisation_id=organisation.id, contact_id=contact_id)
    flash_undo(words, address, _("Undo the choice"), owner=before or "")


def dispute_opened(organisation: Organisation, dispute_id: str, words: str) -> None:
    """A dispute was written down."""
    address = url_for("disputes.withdraw", organisation_id=organisation.id, dispute_id=dispute_id)
    flash_undo(words, address, _("Undo the dispute"), why=N_("It was opened by mistake."))


def reply_settled(organisation: Organisation, reply_id: str, words: str, back: str) -> None:
    """A reply was settled."""
    address = url_for("inbox.undo", organisation_id=organisation.id, reply_id=reply_id)
    flash_undo(words, address, _("Undo settling it"), back=back)


def let_go(organisation: Organisation, mail_id: str, words: str, back: str) -> None:
    """A mail that waited for a yes got it."""
    address = url_for("queue.take_back", organisation_id=organisation.id, communication_id=mail_id)
    flash_undo(words, address, _("Undo the yes"), back=back)


def acted_on_mails(
    organisation: Organisation, what: Action, undos: Sequence[str], words: str, day: str
) -> None:
    """Something was done with mails of the queue, each of which can be taken back."""
    address = url_for("mails.take_back", organisation_id=organisation.id)
    flash_undo(words, address, _(_OF_MAILS[what]), undos=" ".join(undos), day=day)


_OF_MAILS = {
    Action.SKIP: N_("Undo leaving it out"),
    Action.HOLD: N_("Undo the hold"),
    Action.APPROVE: N_("Undo the yes"),
}


def left_out(organisation: Organisation, contact_id: str, entry_id: str, words: str, back: str) -> None:
    """A call, letter or review was left out."""
    address = url_for(
        "tasks.take_back", organisation_id=organisation.id, contact_id=contact_id, entry_id=entry_id
    )
    flash_undo(words, address, _("Undo leaving it out"), back=back)
