"""What waits for a second person's yes, what it would change, and what one wants a second pair of eyes for."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit.acting import acting
from kit.errors import UserError
from kit.wording import N_, _
from services import second_acts, second_eyes, who_can_agree
from services.roles import Right
from services.second_eyes import Needed
from store.models import Organisation
from store.queries import second_eyes as queries
from web import errors
from web.security import dunnock, member

pages = Blueprint("second_eyes", __name__, url_prefix="/organisations/<organisation_id>/second-eyes")

_MOST_DECIDED = 20
_WAITS = N_(
    "Nothing was changed yet: it waits for a second person's yes, as this organisation wants it. You see it under"
    " Waiting for a second pair of eyes."
)


def install(app: Flask) -> None:
    """Store what needs a second yes, whichever page or route it was asked for on."""
    app.register_error_handler(Needed, _store)


def _store(needed: Needed) -> ResponseReturnValue:
    try:
        keep(needed)
    except UserError as problem:
        return errors.answer(409, str(problem))
    if request.path.startswith("/api/"):
        return errors.answer(409, _(_WAITS))
    flash(_(_WAITS))
    return redirect(url_for("second_eyes.index", organisation_id=needed.organisation_id))


def keep(needed: Needed) -> None:
    """Store what was wanted, for a page that goes on with other things. ``UserError``: nobody could say yes."""
    with dunnock().database.write(needed.organisation_id) as session:
        organisation = session.get_one(Organisation, needed.organisation_id)
        second_eyes.ask(session, organisation, kind=needed.kind, what=needed.wanted, by=acting().name)


@pages.get("")
@member(Right.CHANGE_CHASING)
def index(organisation: Organisation) -> ResponseReturnValue:
    """What waits, each with what it would change; and what was decided last."""
    with dunnock().database.read(organisation.id) as session:
        waiting = second_eyes.waiting(session, organisation.id)
        shown = {one.id: second_acts.show(session, organisation, one) for one in waiting}
        decided = queries.decided(session, organisation.id, _MOST_DECIDED)
        here = session.get_one(Organisation, organisation.id)
        theirs = {one.id for one in waiting if second_eyes.needs_their_own(session, one)}
        practice = who_can_agree.practice_here(session, organisation.id)
    return render_template(
        "pages/second_eyes/index.html",
        organisation=organisation,
        waiting=waiting,
        shown=shown,
        is_own=second_eyes.is_own,
        decided=decided,
        choices={kind: _(words, most=second_eyes.MOST_ALONE) for kind, words in second_eyes.CHOICES.items()},
        chosen=here.second_eyes,
        lasts=second_eyes.LASTS.days,
        theirs=theirs,
        practice=practice,
    )


@pages.post("/<change_id>/agree")
@member(Right.CHANGE_CHASING)
def agree(organisation: Organisation, change_id: str) -> ResponseReturnValue:
    """The second yes: it is done at once."""
    return _answered(organisation, lambda: second_acts.agree(dunnock(), organisation.id, change_id))


@pages.post("/<change_id>/refuse")
@member(Right.CHANGE_CHASING)
def refuse(organisation: Organisation, change_id: str) -> ResponseReturnValue:
    """No, with a reason."""

    def say_no() -> str:
        with dunnock().database.write(organisation.id) as session:
            second_eyes.refuse(session, organisation.id, change_id, request.form.get("reason", ""))
        return _("It is not done.")

    return _answered(organisation, say_no)


@pages.post("/choose")
@member(Right.CHANGE_SETTINGS)
def choose(organisation: Organisation) -> ResponseReturnValue:
    """For what a second pair of eyes is wanted."""

    def save() -> str:
        with dunnock().database.write(organisation.id) as session:
            second_eyes.choose(session, organisation.id, request.form.getlist("kind"))
        return _("Saved.")

    return _answered(organisation, save)


@pages.post("/practice")
@member(Right.CHANGE_SETTINGS)
def let_practice_agree(organisation: Organisation) -> ResponseReturnValue:
    """Whether two people of a practice may agree with each other here."""

    def save() -> str:
        with dunnock().database.write(organisation.id) as session:
            on = request.form.get("on") == "yes"
            who_can_agree.let_practice_agree(session, organisation.id, on=on)
        return _("Saved.")

    return _answered(organisation, save)


def _answered(organisation: Organisation, what: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(what())
    except UserError as problem:
        flash(str(problem), "problem")
    return redirect(url_for("second_eyes.index", organisation_id=organisation.id))
