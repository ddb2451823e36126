"""Single mails of the queue: what one says and why, and what people do with one or many of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import own_letter, own_text, queue_actions, queue_undo
from services.books import desk_of
from services.changes import change_of_chasing
from services.compose import TemplateText
from services.one_mail import find
from services.queue_actions import Action, Result, Wish
from services.roles import Right
from store.models import Communication, Organisation
from store.queries import planning, sending
from web.security import acting_person, dunnock, member
from web.undo import acted_on_mails

mails = Blueprint("mails", __name__, url_prefix="/organisations/<organisation_id>/queue/mails")

_TOLD_ONE_BY_ONE = 8
_MOST_UNDONE = 50
"""More than so many would not fit into what a browser keeps between two pages; a queue shows fewer of a day."""
_NONE_CHOSEN = N_("Tick at least one mail first, or choose all that are shown.")
_IN_THE_QUEUE = frozenset({"planned", "held", "sending"})
_NO_DAY = N_("The last day of the hold is not a date; it should look like 2026-11-23.")


@mails.post("")
@member(Right.RUN)
def act(organisation: Organisation) -> ResponseReturnValue:
    """Do something with the mails that were chosen; ask once more where that is needed."""
    what, keys = _chosen()
    if not keys:
        flash(_(_NONE_CHOSEN), "problem")
        return redirect(_queue(organisation))
    if _still_to_say_why(what):
        return _ask(organisation, what, keys, "")
    try:
        results = queue_actions.act(dunnock(), organisation.id, keys, _wish(what))
    except UserError as problem:
        return _ask(organisation, what, keys, str(problem)), 422
    asked = [one for one in results if one.asks_again]
    _tell(organisation, what, [one for one in results if not one.asks_again])
    if asked:
        return _ask(organisation, what, [one.key for one in asked], "", asked)
    return redirect(_queue(organisation))


@mails.post("/take-back")
@member(Right.RUN)
def take_back(organisation: Organisation) -> ResponseReturnValue:
    """What was done with one or many mails was a slip; each is taken back by itself."""
    undos = request.form.get("undos", "").split()[: queue_actions.MOST_AT_ONCE]
    _say(queue_undo.take_back(dunnock(), organisation.id, undos, acting_person()))
    return redirect(_queue(organisation))


@mails.get("/<key>")
@member(Right.VIEW)
def show(organisation: Organisation, key: str) -> ResponseReturnValue:
    """One mail: what it would say, why it leaves, and what can be done with it; once it has left, what it said."""
    if message_id := _ended(organisation, key):
        return redirect(url_for("timeline.show", organisation_id=organisation.id, message_id=message_id))
    return _mail(organisation, key)


@mails.post("/<key>/text")
@member(Right.RUN)
def write(organisation: Organisation, key: str) -> ResponseReturnValue:
    """Keep a text for this mail alone, or go back to its template's."""
    subject, text = request.form.get("subject", ""), request.form.get("text", "")
    bare = key.partition(".")[0]
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            sending.lock_organisation(session, organisation.id)
            desk, now = desk_of(session, organisation.id), clock.now()
            found = find(session, desk, bare, now)
            if request.form.get("do") == "template":
                own_text.drop(session, organisation.id, bare, acting_person())
            else:
                most = dunnock().settings.text_segments
                own_letter.write(
                    session, desk, found, subject, text, acting_person(), now, most_segments=most
                )
            planning.look_again(session, organisation.id, [found.mail.contact_id], now)
    except UserError as problem:
        return _mail(organisation, bare, TemplateText(subject, text), str(problem)), 422
    flash(
        _(
            "Saved. It leaves like this, unless what it is about changes before: then it is held, and you are asked."
        )
    )
    return redirect(url_for("mails.show", organisation_id=organisation.id, key=bare))


def _ended(organisation: Organisation, key: str) -> str | None:
    """The message of a mail that is in no queue any more, because it left or never will."""
    message_id = key.partition(".")[0]
    with dunnock().database.read(organisation.id) as session:
        row = session.get(Communication, (organisation.id, message_id))
        return message_id if row and row.status not in _IN_THE_QUEUE else None


def _mail(organisation: Organisation, key: str, typed: TemplateText | None = None, problem: str = "") -> str:
    with dunnock().database.read(organisation.id) as session:
        desk = desk_of(session, organisation.id)
        try:
            found = find(session, desk, key, clock.now())
        except UserError as gone:
            abort(404, str(gone))
        draft = own_letter.draft(session, desk, found, clock.now())
    return render_template(
        "pages/queue/mail.html",
        organisation=organisation,
        mail=found.mail,
        draft=draft,
        typed=typed or draft.text,
        problem=problem,
    )


def _chosen() -> tuple[Action, list[str]]:
    """What is to be done, and with which mails: the button of one row, the ticked ones, or all that were shown."""
    word, _unused, only = request.form.get("one", "").partition(" ")
    keys = [only] if only else request.form.getlist("shown" if "all" in request.form else "key")
    try:
        return Action(word or request.form.get("do", "")), keys[: queue_actions.MOST_AT_ONCE]
    except ValueError:
        return Action.APPROVE, []


def _still_to_say_why(what: Action) -> bool:
    """Whether somebody pressed the button of one row, which has no room for the reason."""
    return what is Action.SKIP and "one" in request.form and not request.form.get("reason", "").strip()


def _wish(what: Action) -> Wish:
    return Wish(
        what,
        acting_person(),
        request.form.get("reason", ""),
        _until() if what is Action.HOLD else None,
        "outside_hours" in request.form,
    )


def _until() -> date | None:
    word = request.form.get("until", "").strip()
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise UserError(_(_NO_DAY)) from None


def _tell(organisation: Organisation, what: Action, results: Sequence[Result]) -> None:
    """What became of each; what can be taken back has the button."""
    undos = [one.undo for one in results if one.done and one.undo]
    done = [one for one in results if one.done]
    if not undos or len(undos) > _MOST_UNDONE:
        _say(results)
        return
    acted_on_mails(organisation, what, undos, _done_in_words(done), request.form.get("day", ""))
    _say([one for one in results if not one.done])


def _done_in_words(done: Sequence[Result]) -> str:
    if len(done) == 1:
        return _("%(who)s: %(said)s", who=done[0].who, said=_(done[0].said))
    return _("%(count)s mails: %(said)s", count=len(done), said=_(done[0].said))


def _say(results: Sequence[Result]) -> None:
    """One sentence for all that went alike; of the others who and why, up to a readable number."""
    if done := [one for one in results if one.done]:
        flash(_done_in_words(done))
    failed = [one for one in results if not one.done]
    for one in failed[:_TOLD_ONE_BY_ONE]:
        flash(_("%(who)s: %(said)s", who=one.who, said=_(one.said)) if one.who else one.said, "problem")
    if len(failed) > _TOLD_ONE_BY_ONE:
        flash(
            _("The same or the like holds for %(count)s more.", count=len(failed) - _TOLD_ONE_BY_ONE),
            "problem",
        )


def _ask(
    organisation: Organisation, what: Action, keys: Sequence[str], problem: str, asked: Sequence[Result] = ()
) -> str:
    """Ask for what is missing, with all that was chosen and typed so far."""
    return render_template(
        "pages/queue/ask.html",
        organisation=organisation,
        what=what.value,
        keys=keys,
        who=queue_actions.customer_of(dunnock(), organisation.id, keys[0]) if len(keys) == 1 else "",
        problem=problem,
        asked=asked,
        reason=request.form.get("reason", ""),
        until=request.form.get("until", ""),
        day=_day(),
    )


def _queue(organisation: Organisation) -> str:
    return url_for("queue.show", organisation_id=organisation.id, day=_day())


def _day() -> str | None:
    """The day of the queue from which somebody came, where it was not all of them."""
    day = request.form.get("day", "")
    try:
        return date.fromisoformat(day).isoformat() if day else None
    except ValueError:
        return None
