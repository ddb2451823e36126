"""The clients of a practice: how each stands, how one comes, and how one goes."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control import client_health as formula
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import client_health, invitations, practices
from services.invitation_kinds import ASKS, CLIENT
from services.invitations import Invited
from store.queries import invitations as invitation_queries
from store.queries import practices as queries
from web import limits
from web.inviting import is_told
from web.practice import Place, of_practice
from web.proving import proven
from web.security import dunnock

clients = Blueprint("practice_clients", __name__, url_prefix="/practice/<practice_id>")

_PER_PAGE = 50
_LAST_PAGE = 1000
_SHOWS = {
    "": "All",
    "help": "Need help",
    "stopped": "Stopped",
    "off": "Chasing off",
    "dry_run": "Dry run",
    "live": "Live",
}


@clients.get("")
@of_practice()
def index(place: Place) -> ResponseReturnValue:
    """All clients that one may see, who needs help most first."""
    search, level, show = (request.args.get(name, "") for name in ("search", "level", "show"))
    now, page = clock.now(), _page()
    with dunnock().database.read_across() as session:
        found, stopped = client_health.health_of(session, place.practice.id, place.person.id, now)
        asks = invitation_queries.asked_of(session, place.person.email, now) if place.is_admin else []
        waiting = invitation_queries.of_practice(session, place.practice.id, CLIENT) if place.is_admin else []
    fitting = [one for one in found if client_health.matches(one, search, level, show)]
    asked = {"search": search, "level": level, "show": show}
    return render_template(
        "pages/practice/clients.html",
        place=place,
        shown=fitting[(page - 1) * _PER_PAGE : page * _PER_PAGE],
        fitting=len(fitting),
        page=page,
        more=len(fitting) > page * _PER_PAGE,
        asked={key: word for key, word in asked.items() if word},
        count=len(found),
        counts={key: sum(client_health.matches(one, "", "", key) for one in found) for key in _SHOWS},
        levels=sorted({one.client.service_level for one in found if one.client.service_level}),
        stopped=stopped,
        asks=asks,
        waiting=waiting,
        shows=_SHOWS,
        search=search,
        level=level,
        show=show,
        formula=formula,
        now=now,
    )


@clients.get("/add-client")
@of_practice(admin=True)
def add(place: Place) -> ResponseReturnValue:
    """Invite a client, or add one that one has connected oneself."""
    return _add_page(place)


@clients.post("/invite-client")
@of_practice(admin=True)
@proven("invite a client")
def invite(place: Place) -> ResponseReturnValue:
    """Invite a client by mail; where no mails leave, the link is on the page that follows."""
    limits.take(limits.INVITATIONS, place.practice.id)
    try:
        made = invitations.invite(
            dunnock(),
            kind=CLIENT,
            email=request.form.get("email", ""),
            by=place.person.name,
            practice_id=place.practice.id,
        )
    except UserError as problem:
        return _add_page(place, invite_problem=str(problem)), 422
    if is_told(made):
        return redirect(url_for(".add", practice_id=place.practice.id))
    return _add_page(place, made=made)


@clients.post("/clients")
@of_practice(admin=True)
@proven("add a client")
def link(place: Place) -> ResponseReturnValue:
    """Add an organisation of one's own, with the consent that its client gave elsewhere."""
    form = request.form
    try:
        with dunnock().database.write_across() as session:
            practices.link_by_hand(
                session,
                place.practice.id,
                form.get("client", ""),
                place.person,
                by=form.get("consent_by", ""),
                words=form.get("consent_words", ""),
            )
    except UserError as problem:
        return _add_page(place, link_problem=str(problem)), 422
    flash(_("Added. What you do for this client is marked with the practice from now on."))
    return redirect(url_for(".index", practice_id=place.practice.id))


@clients.get("/clients/<client_id>")
@of_practice()
def show(place: Place, client_id: str) -> ResponseReturnValue:
    """One client: its consent, its service level, and how to end it."""
    with dunnock().database.read_across() as session:
        seen = queries.clients(session, place.practice.id, place.person.id)
        found = next(((one, theirs) for one, theirs in seen if theirs.id == client_id), None)
        if found is None:
            abort(404)
        alone = not queries.others_in_charge(session, client_id, place.practice.id)
    return render_template(
        "pages/practice/client.html",
        place=place,
        client=found[0],
        theirs=found[1],
        alone=alone,
        levels=sorted({one.service_level for one, _ in seen if one.service_level}),
    )


@clients.post("/clients/<client_id>/level")
@of_practice(admin=True)
def level(place: Place, client_id: str) -> ResponseReturnValue:
    """The practice's own word for what it does for this client."""
    with dunnock().database.write(client_id) as session:
        practices.set_service_level(session, place.practice.id, client_id, request.form.get("level", ""))
    flash(_("Saved."))
    return redirect(url_for(".show", practice_id=place.practice.id, client_id=client_id))


@clients.post("/clients/<client_id>/end")
@of_practice(admin=True)
@proven("end the work for a client")
def end(place: Place, client_id: str) -> ResponseReturnValue:
    """Work for this client no more."""
    by = practices.marked(place.person.name, place.practice)
    practices.end(dunnock(), place.practice.id, client_id, by)
    flash(_("Ended. Nobody of the practice sees this client any more."))
    return redirect(url_for(".index", practice_id=place.practice.id))


@clients.post("/asks/<ask_id>/accept")
@of_practice(admin=True)
@proven("take on a client")
def accept(place: Place, ask_id: str) -> ResponseReturnValue:
    """Say yes to a client that asks."""
    invitations.accept_addressed(dunnock(), ask_id, ASKS, place.person, place.practice.id)
    flash(_("The client is yours to look after from now on."))
    return redirect(url_for(".index", practice_id=place.practice.id))


@clients.post("/asks/<ask_id>/decline")
@of_practice(admin=True)
def decline(place: Place, ask_id: str) -> ResponseReturnValue:
    """Say no."""
    invitations.decline(dunnock(), ask_id, ASKS, place.person)
    flash(_("Declined. The client sees that its question is no longer open."))
    return redirect(url_for(".index", practice_id=place.practice.id))


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)


def _add_page(
    place: Place,
    *,
    invite_problem: str | None = None,
    link_problem: str | None = None,
    made: Invited | None = None,
) -> str:
    with dunnock().database.read_across() as session:
        there = {theirs.id for _, theirs in queries.all_clients(session, place.practice.id)}
        own = [one for one in queries.in_charge_of(session, place.person.id) if one.id not in there]
        waiting = invitation_queries.of_practice(session, place.practice.id, CLIENT)
    return render_template(
        "pages/practice/add_client.html",
        place=place,
        own=own,
        waiting=waiting,
        invite_problem=invite_problem,
        link_problem=link_problem,
        made=made,
        now=clock.now(),
        entered=request.form if invite_problem or link_problem else {},
    )
