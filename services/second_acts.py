"""The changes that a second person can say yes to: how each is shown, and how it is carried out."""

from __future__ import annotations

import difflib
from contextlib import suppress
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from kit import clock
from kit.acting import Acting, acting_as
from kit.errors import UserError
from kit.wording import ENGLISH, N_, _, worded_in
from services import (
    acts_on_chasing,
    bulk_in_two,
    practice_sets,
    practice_switching,
    queue_actions,
    second_eyes,
    templates,
)
from services.app import App
from services.credit import in_two
from services.effect import comparing
from services.mail_facts import TemplateText
from services.occasions import campaigns
from services.occasions.campaigns import Wanted as WantedCampaign
from services.queue_actions import Action, Wish
from services.second_act import Act, Shown
from services.templates import Draft
from store.models import AskedChange, Organisation, PracticeSet
from store.queries import practices
from store.queries import templates as texts
from store.queries.switches import organisation_to_change

_MOST_LINES = 400


def show(session: Session, organisation: Organisation, change: AskedChange) -> Shown:
    """What it would do, as things stand."""
    return ACTS[change.act].show(session, organisation, change.what)


def agree(app: App, organisation_id: str, change_id: str) -> str:
    """The acting person's yes: it is done, and what came of it is told. ``UserError``: it could not be, and why."""
    with app.database.write(organisation_id) as session:
        change = second_eyes.claim(session, organisation_id, change_id)
    return _carry_out(app, change)


def go_on(app: App, organisation_id: str) -> bool:
    """Carry out what somebody has said yes to and did not come to do. True if there may be more."""
    with app.database.write(organisation_id) as session:
        change = second_eyes.next_agreed(session, organisation_id)
    if change is None:
        return False
    if change.outcome == "agreed":
        with (
            acting_as(Acting(change.decided_by or "Dunnock", change.decided_by_person, "clock")),
            suppress(UserError),
        ):
            _carry_out(app, change)
    return True


@worded_in(ENGLISH)  # what is kept is English, whoever asked
def _carry_out(app: App, change: AskedChange) -> str:
    by = N_(f"{change.asked_by}, with {change.decided_by}'s yes")
    whose = change.organisation_id
    try:
        with second_eyes.agreed(change):
            said = ACTS[change.act].carry_out(app, whose, change.what, by)
    except second_eyes.CarriedOut:
        said = N_("It is done.")
    except UserError as problem:
        with app.database.write(whose) as session:
            second_eyes.failed(session, whose, change.id, str(problem))
        raise
    with app.database.write(whose) as session:
        second_eyes.finished(session, whose, change.id)
    return said


def _show_text(session: Session, organisation: Organisation, what: dict[str, Any]) -> Shown:
    before: list[str] = []
    if template_id := what.get("template_id"):
        known = texts.texts(session, organisation.id, [template_id]).get(template_id, [])
        found = next((one for one in known if one.language == what["language"]), None)
        before = [found.subject, *found.body.splitlines()] if found else []
    after = [what["subject"], *what["body"].splitlines()]
    compared = difflib.ndiff(before, after) if before else [f"+ {line}" for line in after]
    lines = [(line[0].strip(), line[2:]) for line in compared if not line.startswith("?")]
    return Shown(tuple(lines[:_MOST_LINES]))


def _create_text(app: App, organisation_id: str, what: dict[str, Any], _by: str) -> str:
    with app.database.write(organisation_id) as session:
        made = templates.create(session, organisation_id, _draft(what), clock.now())
    return N_(f"The text “{made.name}” is there now.")


def _change_text(app: App, organisation_id: str, what: dict[str, Any], _by: str) -> str:
    with app.database.write(organisation_id) as session:
        template = texts.template(session, organisation_id, what["template_id"])
        if template is None:
            raise UserError(_("The text was removed meanwhile."))
        templates.change(session, organisation_id, template, _draft(what), clock.now())
    return N_(f"The text “{template.name}” is changed.")


def _remove_text(app: App, organisation_id: str, what: dict[str, Any], _by: str) -> str:
    with app.database.write(organisation_id) as session:
        template = texts.template(session, organisation_id, what["template_id"])
        if template is None:
            raise UserError(_("The text was removed already."))
        templates.remove(session, organisation_id, template, clock.now())
    return N_(f"The text “{template.name}” is removed.")


def _draft(what: dict[str, Any]) -> Draft:
    return Draft(
        what["name"],
        what["language"],
        TemplateText(what["subject"], what["body"], what["kind"]),
        what["starts_conversation"],
        what["based_on"],
        what["most_segments"],
    )


def _show_campaign(_session: Session, _organisation: Organisation, what: dict[str, Any]) -> Shown:
    return Shown(
        (
            (
                "+",
                N_(
                    f"One mail to each of {what['customers']} customers, by the text “{what['template_key']}”."
                ),
            ),
        )
    )


def _start_campaign(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    wanted = WantedCampaign(what["conditions"], what["never_chased"], what["template_key"])
    campaigns.start(app, organisation_id, what["name"], wanted, what["seen"], by)
    return N_("The campaign is started. Each mail leaves at its place in the sending hours.")


_IN_WORDS: Final = {
    Action.SEND_NOW: N_("Leave now, whatever the sending hours"),
    Action.SKIP: N_("Are left out for good"),
    Action.HOLD: N_("Their customers are put on hold"),
    Action.APPROVE: N_("Get their yes"),
}


def _show_queue(_session: Session, _organisation: Organisation, what: dict[str, Any]) -> Shown:
    said = [("+", f"{len(what['keys'])} mails. {_IN_WORDS[Action(what['action'])]}.")]
    if what["reason"]:
        said.append(("+", f"Because: {what['reason']}"))
    if what["until"]:
        said.append(("+", N_(f"Up to {what['until']}, that day included")))
    return Shown(tuple(said))


def _act_on_queue(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    until = date.fromisoformat(what["until"]) if what["until"] else None
    wish = Wish(Action(what["action"]), by, what["reason"], until, what["outside_hours"])
    results = queue_actions.act(app, organisation_id, what["keys"], wish)
    done = sum(one.done for one in results)
    if not done:
        raise UserError(
            _(
                "It could be done with none of the %(count)s mails: %(said)s",
                count=len(results),
                said=results[0].said,
            )
        )
    return N_(f"Done with {done} of {len(results)} mails.")


def _show_bulk(session: Session, organisation: Organisation, what: dict[str, Any]) -> Shown:
    return Shown(tuple(("+", line) for line in bulk_in_two.shown(session, organisation, what)))


def _show_bulk_undo(_session: Session, _organisation: Organisation, what: dict[str, Any]) -> Shown:
    return Shown((("+", bulk_in_two.shown_undo(what)),))


def _show_switch(_session: Session, _organisation: Organisation, what: dict[str, Any]) -> Shown:
    words = [second_eyes.SHORT[second_eyes.Kind(one)] for one in what["kinds"]]
    return Shown((("+", N_(f"A second pair of eyes for: {'; '.join(words) or N_('nothing')}.")),))


def _switch(app: App, organisation_id: str, what: dict[str, Any], _by: str) -> str:
    with app.database.write(organisation_id) as session:
        second_eyes.choose(session, organisation_id, what["kinds"])
    return N_("Switched off.")


def _show_lines(_session: Session, _organisation: Organisation, what: dict[str, Any]) -> Shown:
    return Shown(tuple(("+", line) for line in what["lines"]))


def _give_set(app: App, organisation_id: str, what: dict[str, Any], _by: str) -> str:
    with app.database.write(organisation_id) as session:
        row = session.get(PracticeSet, what["set_id"])
        organisation = organisation_to_change(session, organisation_id)
        if row is None or organisation is None:
            raise UserError(_("The practice has no such set any more."))
        if practices.client(session, row.practice_id, organisation_id) is None:
            raise UserError(_("The practice does not work for this organisation any more."))
        practice_sets.give_all(session, row, organisation, clock.now(), app.settings.text_segments)
    return N_(f"The set “{row.name}” is followed again.")


def _show_nothing(_session: Session, _organisation: Organisation, _what: dict[str, Any]) -> Shown:
    return Shown()


ACTS: Final[dict[str, Act]] = {
    "template_create": Act(_show_text, _create_text),
    "template_change": Act(_show_text, _change_text),
    "template_remove": Act(_show_nothing, _remove_text),
    "campaign": Act(_show_campaign, _start_campaign),
    "queue": Act(_show_queue, _act_on_queue),
    "bulk": Act(_show_bulk, bulk_in_two.begin),
    "bulk_undo": Act(_show_bulk_undo, bulk_in_two.undo),
    "switch": Act(_show_switch, _switch),
    practice_switching.ACT: Act(_show_lines, practice_switching.agreed),
    practice_switching.ACT_UNDO: Act(_show_lines, practice_switching.agreed),
    "practice_set": Act(_show_lines, _give_set),
    **acts_on_chasing.ACTS,
    **in_two.ACTS,
    **comparing.ACTS,
}
"""Each act by its name. A new one is a line here, and a ``second_eyes.check`` where it is done."""
