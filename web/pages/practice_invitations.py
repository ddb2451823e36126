"""What the link of an invitation shows: whoever opens it reads who asks for what, and says yes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import _
from services import practice_invitations as service
from services.practice_invitations import COLLEAGUE, Question
from services.practices import consent_words
from store.models import Person
from store.queries import practices as queries
from web.proving import proven
from web.security import current_person, dunnock, signed_in

invitations = Blueprint("practice_invitations", __name__, url_prefix="/practice-invitation/<secret>")

INVITED_TO = "invited_to"
"""In the session: the invitation to come back to once an organisation is connected."""


@invitations.get("")
@signed_in
def show(secret: str) -> ResponseReturnValue:
    """Who asks for what."""
    session[INVITED_TO] = request.path
    return _page(secret, None)


@invitations.post("")
@signed_in
@proven("say yes to this invitation")
def accept(secret: str) -> ResponseReturnValue:
    """Say yes, as whoever the link is for."""
    person = current_person()
    assert person is not None  # signed_in has seen to it
    try:
        where = _accept(secret, person)
    except UserError as problem:
        return _page(secret, str(problem), 422)
    session.pop(INVITED_TO, None)
    return redirect(where)


def _accept(secret: str, person: Person) -> str:
    app, form = dunnock(), request.form
    question = _question(secret)
    if question.ask is not None:
        practice_id = form.get("practice", "")
        service.accept_ask_by_link(app, secret, practice_id, person)
        flash(_("The client is yours to look after from now on."))
        return url_for("practice_clients.index", practice_id=practice_id)
    if question.invitation is not None and question.invitation.kind == COLLEAGUE:
        practice_id = service.accept_as_colleague(app, secret, person)
        flash(_("Welcome. Clients appear here as soon as an admin gives you some."))
        return url_for("practice_clients.index", practice_id=practice_id)
    client_id = form.get("client", "")
    service.accept_as_client(app, secret, person, client_id)
    flash(_("Your yes is on record. You see here what is done in your name, and can end it at any time."))
    return url_for("accountants.index", organisation_id=client_id)


def _question(secret: str) -> Question:
    with dunnock().database.write_across() as database:  # the row is locked, so that nobody says yes twice
        return service.read(database, secret)


def _page(secret: str, problem: str | None, status: int = 200) -> ResponseReturnValue:
    person = current_person()
    try:
        question = _question(secret)
    except UserError as over:
        return render_template("pages/practice/invitation_over.html", sentence=str(over)), 404
    with dunnock().database.read_across() as database:
        own = queries.in_charge_of(database, person.id) if person else []
        practices = [
            practice
            for practice in (queries.practices_of(database, person.id) if person else [])
            if (found := queries.place(database, person.id if person else "", practice.id))
            and found[1].role == queries.ADMIN
        ]
    page = render_template(
        "pages/practice/invitation.html",
        question=question,
        own=own,
        practices=practices,
        problem=problem,
        here=request.path,
        consent_words=consent_words,
        entered=request.form,
    )
    return page, status
