"""The practices that somebody works for, how one is made, and who works for it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import invitations, practices
from services.invitation_kinds import CLIENT, COLLEAGUE
from services.invitations import Invited
from store.models import Invitation
from store.queries import invitations as invitation_queries
from store.queries import practices as queries
from web import limits
from web.inviting import is_told
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
    """Invite a colleague by mail; where no mails leave, the link is on the page that follows."""
    limits.take(limits.INVITATIONS, place.practice.id)
    form = request.form
    try:
        made = invitations.invite(
            dunnock(),
            kind=COLLEAGUE,
            email=form.get("email", ""),
            role=form.get("role", ""),
            by=place.person.name,
            practice_id=place.practice.id,
        )
    except UserError as problem:
        return _staff(place, problem=str(problem)), 422
    if is_told(made):
        return redirect(url_for(".staff", practice_id=place.practice.id))
    return _staff(place, made=made)


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
    row = _invitation(place, invitation_id)
    invitations.withdraw(dunnock(), row.id, by=place.person.name)
    flash(
        _("The invitation to %(email)s is withdrawn. Its link opens nothing any more.", email=row.email),
        "done",
    )
    return redirect(_page_of(place, row))


@pages.post("/practice/<practice_id>/invitations/<invitation_id>/send")
@of_practice(admin=True)
@proven("send an invitation again")
def send_again(place: Place, invitation_id: str) -> ResponseReturnValue:
    """The same with a new link."""
    limits.take(limits.INVITATIONS, place.practice.id)
    row = _invitation(place, invitation_id)
    made = invitations.send_again(dunnock(), row.id)
    if is_told(made):
        return redirect(_page_of(place, row))
    return render_template(
        "pages/practice/sent_again.html", place=place, made=made, back=_page_of(place, row)
    )


def _invitation(place: Place, invitation_id: str) -> Invitation:
    with dunnock().database.read_across() as session:
        rows = [
            *invitation_queries.of_practice(session, place.practice.id, COLLEAGUE),
            *invitation_queries.of_practice(session, place.practice.id, CLIENT),
        ]
    return next((row for row in rows if row.id == invitation_id), None) or abort(404)


def _page_of(place: Place, row: Invitation) -> str:
    page = ".staff" if row.kind == COLLEAGUE else "practice_clients.add"
    return url_for(page, practice_id=place.practice.id)


def _list(problem: str | None = None) -> str:
    person = current_person()
    with dunnock().database.read_across() as session:
        mine = queries.practices_of(session, person.id) if person else []
    name = request.form.get("name", "")
    return render_template("pages/practice/index.html", practices=mine, problem=problem, name=name)


def _staff(place: Place, *, problem: str | None = None, made: Invited | None = None) -> str:
    with dunnock().database.read_across() as session:
        people = queries.staff(session, place.practice.id)
        clients = queries.all_clients(session, place.practice.id)
        given = queries.given(session, place.practice.id)
        waiting = invitation_queries.of_practice(session, place.practice.id, COLLEAGUE)
    return render_template(
        "pages/practice/staff.html",
        place=place,
        people=people,
        clients=clients,
        given=given,
        waiting=waiting,
        problem=problem,
        made=made,
        now=clock.now(),
        entered=request.form if problem else {},
    )
