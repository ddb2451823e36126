"""What waits to be noted in the ledger and why, what was refused and why, and what notes say."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import doors, note_desk, note_rules
from services.call_budget import calls_left_today
from services.roles import Right
from store.models import Organisation
from store.queries import expected_dates
from store.queries import notes as queries
from web.security import dunnock, member

pages = Blueprint("outbox", __name__, url_prefix="/organisations/<organisation_id>/outbox")

_PER_PAGE = 50
_LAST_PAGE = 10_000
_SHOWN: Final = {"pending": "Waiting", "refused": "Refused", "written": "Written"}


@pages.get("")
@member(Right.SEE_SETTINGS)
def show(organisation: Organisation) -> ResponseReturnValue:
    """The notes of one state, those that wait longest first."""
    state, page = request.args.get("state", "pending"), _asked_page()
    if state not in _SHOWN:
        abort(404)
    with dunnock().database.read(organisation.id) as session:
        found = queries.outbox(
            session, organisation.id, state, limit=_PER_PAGE + 1, offset=(page - 1) * _PER_PAGE
        )
        counts = queries.how_many(session, organisation.id)
        here = session.get_one(Organisation, organisation.id)
        days = expected_dates.refused(session, organisation.id, _PER_PAGE) if state == "refused" else ()
    return render_template(
        "pages/outbox/show.html",
        organisation=organisation,
        state=state,
        states=[(value, words, counts.get(value)) for value, words in _SHOWN.items()],
        lines=found[:_PER_PAGE],
        refused_days=days,
        page=page,
        more=len(found) > _PER_PAGE,
        kinds=note_rules.KINDS,
        kept_out=here.notes_without_text,
        calls_left=calls_left_today(dunnock(), organisation),
        now=clock.now(),
    )


@pages.post("/<note_id>/try-again")
@member(Right.RECORD)
def try_again(organisation: Organisation, note_id: str) -> ResponseReturnValue:
    """Try one again at once."""
    with dunnock().database.write(organisation.id) as session:
        note = note_desk.try_again(session, organisation.id, note_id, clock.now()) or abort(404)
        written = note.status == "written"
    dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
    flash(_("It stands in Xero already.") if written else _("It is tried again now."))
    return redirect(url_for("outbox.show", organisation_id=organisation.id))


@pages.post("/rule")
@member(Right.CHANGE_SETTINGS)
def rule(organisation: Organisation) -> ResponseReturnValue:
    """Of which kinds of records the words are kept out of Xero."""
    try:
        with dunnock().database.write(organisation.id) as session:
            note_rules.keep_out(session, organisation.id, request.form.getlist("kind"))
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Saved. It holds for notes that are not written to Xero yet."))
    return redirect(url_for("outbox.show", organisation_id=organisation.id, _anchor="rule"))


def _asked_page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
