"""The first page, and the list of one's organisations."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from services.roles import Right
from services.waiting_in import waiting_in
from store.models import Organisation, Practice
from store.queries import pages as queries
from store.queries import practices, setting_up
from web.pages.scopes import explained
from web.security import current_person, dunnock, local_path, member, signed_in

landing = Blueprint("landing", __name__)


@landing.get("/")
def home() -> ResponseReturnValue:
    """What Dunnock is; for somebody who is signed in, their organisation or organisations."""
    if current_person() is None:
        scopes = explained(dunnock().settings.xero_scopes)
        return render_template("pages/landing.html", scopes=scopes, next=local_path(request.args.get("next")))
    mine = _organisations()
    if len(mine) == 1:
        return redirect(_first_page_of(mine[0]))
    if practice := _only_practice():
        return redirect(url_for("practice_clients.index", practice_id=practice.id))
    return _listed(mine)


@landing.get("/organisations")
@signed_in
def organisations() -> ResponseReturnValue:
    """All organisations of whoever is signed in."""
    return _listed(_organisations())


@landing.get("/organisations/<organisation_id>")
@member(Right.VIEW)
def organisation(organisation: Organisation) -> ResponseReturnValue:
    """On to the page of the organisation that matters now."""
    return redirect(_first_page_of(organisation))


def _listed(mine: list[Organisation]) -> str:
    """Each with where it stands and what waits there; of those that were just connected, the first look."""
    with dunnock().database.read_across() as session:
        return render_template(
            "pages/organisations.html",
            organisations=mine,
            not_begun=setting_up.not_begun(session, mine),
            waiting=waiting_in(session, mine, clock.now()),
        )


def _organisations() -> list[Organisation]:
    person = current_person()
    with dunnock().database.read_across() as session:
        return queries.organisations_of(session, person.id) if person else []


def _only_practice() -> Practice | None:
    """The practice that whoever is signed in works for, if it is one: their clients stand there in order of need."""
    person = current_person()
    with dunnock().database.read_across() as session:
        found = practices.practices_of(session, person.id) if person else []
    return found[0] if len(found) == 1 else None


def _first_page_of(organisation: Organisation) -> str:
    page = "today.show" if organisation.imported_at else "first_look.show"
    return url_for(page, organisation_id=organisation.id)
