"""The practices that somebody works for, how one is made, and who works for it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import practice_invitations, practices
from services.practice_invitations import COLLEAGUE
from store.queries import practices as queries
from web.practice import Place, of_practice
from web.proving import proven
from web.security import current_person, dunnock, signed_in

pages = Blueprint("practices", __name__)


@pages.get("/practices")
@signed_in
def index() -> ResponseReturnValue:
    """Which there are, and a way to make one."""
    return _list()


@pages.post("/practices")
@signed_in
def make() -> ResponseReturnValue:
    """Make one; whoever makes it is its admin."""
    person = current_person()
    assert person is not None  # signed_in has seen to it
    try:
        practice_id = practices.make(dunnock(), person, request.form.get("name", ""))
    except UserError as problem:
        return _list(str(problem)), 422
    flash(_("The practice is there. Invite your first client, or add one that you have connected yourself."))
    return redirect(url_for("practice_clients.index", practice_id=practice_id))


@pages.get("/practice/<practice_id>/staff")
@of_practice(admin=True)
def staff(place: Place) -> ResponseReturnValue:
    """Who works for the practice, and for which clients."""
    return _staff(place)


@pages.post("/practice/<practice_id>/staff")
@of_practice(admin=True)
@proven("invite a colleague")
def invite(place: Place) -> ResponseReturnValue:
    """Invite a colleague; the link is on the page that follows, and never again."""
    email, role = request.form.get("email", ""), request.form.get("role", "")
    try:
        with dunnock().database.write_across() as session:
            secret = practice_invitations.invite(
                session, place.practice.id, COLLEAGUE, email, place.person.name, role
            )
    except UserError as problem:
        return _staff(place, problem=str(problem)), 422
    return _staff(place, link=_link(secret), invited=email.strip())


@pages.post("/practice/<practice_id>/staff/<person_id>")
@of_practice(admin=True)
@proven("change what a colleague may do")
def change(place: Place, person_id: str) -> ResponseReturnValue:
    """What somebody may do, and for which clients."""
    form = request.form
    with dunnock().database.write_across() as session:
        practices.change_member(
            session,
            place.practice.id,
            person_id,
            role=form.get("role", ""),
            all_clients=form.get("clients") == "all",
            organisation_ids=form.getlist("client"),
        )
    flash(_("Saved. It holds from their next click on."))
    return redirect(url_for(".staff", practice_id=place.practice.id))


@pages.post("/practice/<practice_id>/staff/<person_id>/remove")
@of_practice(admin=True)
@proven("remove a colleague")
def remove(place: Place, person_id: str) -> ResponseReturnValue:
    """Somebody leaves."""
    with dunnock().database.write_across() as session:
        practices.remove_member(session, place.practice.id, person_id, place.person.name, clock.now())
    flash(_("Removed. They see none of the clients from now on."))
    return redirect(
        url_for(".staff" if person_id != place.person.id else ".index", practice_id=place.practice.id)
    )


@pages.post("/practice/<practice_id>/invitations/<invitation_id>/withdraw")
@of_practice(admin=True)
def withdraw(place: Place, invitation_id: str) -> ResponseReturnValue:
    """An invitation does not work any more."""
    with dunnock().database.write_across() as session:
        practice_invitations.withdraw(session, place.practice.id, invitation_id)
    flash(_("Withdrawn. Its link does not work any more."))
    back = ".staff" if request.form.get("from") == "staff" else "practice_clients.index"
    return redirect(url_for(back, practice_id=place.practice.id))


def _list(problem: str | None = None) -> str:
    person = current_person()
    with dunnock().database.read_across() as session:
        mine = queries.practices_of(session, person.id) if person else []
    name = request.form.get("name", "")
    return render_template("pages/practice/index.html", practices=mine, problem=problem, name=name)


def _staff(
    place: Place, *, problem: str | None = None, link: str | None = None, invited: str | None = None
) -> str:
    with dunnock().database.read_across() as session:
        people = queries.staff(session, place.practice.id)
        clients = queries.all_clients(session, place.practice.id)
        given = queries.given(session, place.practice.id)
        waiting = queries.open_invitations(session, place.practice.id, clock.now())
    return render_template(
        "pages/practice/staff.html",
        place=place,
        people=people,
        clients=clients,
        given=given,
        waiting=[one for one in waiting if one.kind == COLLEAGUE],
        problem=problem,
        link=link,
        invited=invited,
        entered=request.form if problem else {},
    )


def _link(secret: str) -> str:
    return dunnock().settings.public_url + url_for("practice_invitations.show", secret=secret)
