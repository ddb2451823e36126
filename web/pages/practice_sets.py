"""Shared sets of a practice: made from a schedule that is there, renewed from it, and who of the clients has what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.schedules import PRESETS
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import practice_sets as service
from services.practice_set_differences import differences
from services.practice_set_hours import checked_window
from services.written_steps import stored_steps
from store.models import Organisation, PracticeSet
from store.queries import practice_sets as queries
from store.queries import practices
from web.practice import Place, of_practice
from web.security import dunnock

sets = Blueprint("practice_sets", __name__, url_prefix="/practice/<practice_id>/sets")


@sets.get("")
@of_practice(admin=True)
def index(place: Place) -> ResponseReturnValue:
    """All sets, and a way to make one."""
    return _list(place)


@sets.post("")
@of_practice(admin=True)
def make(place: Place) -> ResponseReturnValue:
    """Make one."""
    form = request.form
    try:
        window = _window()
        with dunnock().database.write_across() as session:
            set_id = service.make(
                session,
                place.practice.id,
                form.get("name", ""),
                form.get("source", ""),
                window,
                place.person.name,
                _client_ids(place),
            )
    except UserError as problem:
        return _list(place, str(problem)), 422
    flash(_("The set is there. Give it to clients under “Enable chasing”."))
    return redirect(url_for(".show", practice_id=place.practice.id, set_id=set_id))


@sets.get("/<set_id>")
@of_practice(admin=True)
def show(place: Place, set_id: str) -> ResponseReturnValue:
    """What is in it, and which client has it in which version, with what is the client's own."""
    with dunnock().database.read_across() as session:
        row = queries.one(session, place.practice.id, set_id) or abort(404)
        clients = [theirs for _, theirs in practices.all_clients(session, place.practice.id)]
        uses = queries.uses(session, row.id, [one.id for one in clients])
        users = [one for one in clients if one.id in uses]
        own = differences(session, row, users)
    return render_template(
        "pages/practice/set.html",
        place=place,
        one=row,
        steps=stored_steps(PRESETS[row.preset]) if row.preset else row.steps,
        users=users,
        uses=uses,
        own=own,
        clients=clients,
        presets=PRESETS,
    )


@sets.post("/<set_id>/renew")
@of_practice(admin=True)
def renew(place: Place, set_id: str) -> ResponseReturnValue:
    """Take over a schedule as it is now, as the set's next version."""
    with dunnock().database.write_across() as session:
        row = queries.one(session, place.practice.id, set_id) or abort(404)
        service.take_from(session, row, request.form.get("source", ""), place.person.name, _client_ids(place))
    flash(_("The set has a new version. Clients get it when you give it to them again."))
    return redirect(url_for(".show", practice_id=place.practice.id, set_id=set_id))


@sets.post("/<set_id>/clients/<client_id>/give-back")
@of_practice(admin=True)
def give_back(place: Place, set_id: str, client_id: str) -> ResponseReturnValue:
    """Have a client follow the set again where it had things of its own."""
    with dunnock().database.write(client_id) as session:
        row = queries.one(session, place.practice.id, set_id) or abort(404)
        if practices.client(session, place.practice.id, client_id) is None:
            abort(404)
        organisation = session.get_one(Organisation, client_id, with_for_update=True)
        service.give_all(session, row, organisation, clock.now(), dunnock().settings.text_segments)
    flash(
        _(
            "%(organisation_name)s follows the set again. Its own texts stay among the earlier versions.",
            organisation_name=organisation.name,
        )
    )
    return redirect(url_for(".show", practice_id=place.practice.id, set_id=set_id))


def _client_ids(place: Place) -> set[str]:
    with dunnock().database.read_across() as session:
        return {theirs.id for _, theirs in practices.all_clients(session, place.practice.id)}


def _window() -> dict[str, Any] | None:
    """The hours that were chosen; None where each client keeps its own."""
    form = request.form
    if form.get("hours") != "set":
        return None
    days = sorted({int(day) for day in form.getlist("day") if day in set("0123456")})
    opens, closes = form.get("opens", ""), form.get("closes", "")
    return checked_window(days, opens, closes)


def _list(place: Place, problem: str | None = None) -> str:
    with dunnock().database.read_across() as session:
        rows: list[PracticeSet] = list(queries.sets(session, place.practice.id))
        clients = [theirs for _, theirs in practices.all_clients(session, place.practice.id)]
    return render_template(
        "pages/practice/sets.html",
        place=place,
        sets=rows,
        clients=clients,
        presets=PRESETS,
        problem=problem,
        entered=request.form if problem else {},
    )
