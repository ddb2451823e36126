"""Chasing for many clients in one go: who is ready, what would happen to each, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import _
from services import practice_runs as service
from services.practices import marked
from services.switches import DRY_RUN
from store.queries import practice_sets as queries
from store.queries import practices
from web.practice import Place, of_practice
from web.proving import proven
from web.security import dunnock

enabling = Blueprint("practice_enabling", __name__, url_prefix="/practice/<practice_id>")

_LAST_RUNS = 10
_WAITING = ("waiting", "undo")


@enabling.get("/enable")
@of_practice(admin=True)
def choose(place: Place) -> ResponseReturnValue:
    """What would happen to each client. None is ticked before a person ticks it, or all that are ready with one click."""
    return _page(place)


@enabling.post("/enable")
@of_practice(admin=True)
@proven("switch chasing for several clients")
def start(place: Place) -> ResponseReturnValue:
    """Begin; each client is done by itself."""
    form, ids = request.form, request.form.getlist("client")
    seen = {one: int(form.get(f"seen-{one}", "0")) for one in ids if form.get(f"seen-{one}", "0").isdecimal()}
    try:
        run_id = service.start(
            dunnock(),
            place.practice.id,
            place.person.id,
            organisation_ids=ids,
            set_id=form.get("set") or None,
            to=form.get("to", ""),
            by=marked(place.person.name, place.practice),
            seen=seen,
        )
    except UserError as problem:
        return _page(place, str(problem)), 422
    return redirect(url_for(".run", practice_id=place.practice.id, run_id=run_id))


@enabling.get("/runs/<run_id>")
@of_practice(admin=True)
def run(place: Place, run_id: str) -> ResponseReturnValue:
    """How far it is, and what became of each client."""
    with dunnock().database.read_across() as session:
        found = queries.run(session, place.practice.id, run_id) or abort(404)
        lines = queries.run_clients(session, run_id, _client_ids(place))
        given = queries.one(session, place.practice.id, found.set_id) if found.set_id else None
    counts = {
        state: sum(line.state == state for line, _ in lines) for state in {line.state for line, _ in lines}
    }
    return render_template(
        "pages/practice/run.html",
        place=place,
        run=found,
        given=given,
        lines=lines,
        counts=counts,
        waiting=sum(counts.get(state, 0) for state in _WAITING),
        targets=service.TARGETS,
    )


@enabling.post("/runs/<run_id>/undo")
@of_practice(admin=True)
def undo(place: Place, run_id: str) -> ResponseReturnValue:
    """Put clients back as they stood; one of them, or all."""
    ids = _client_ids(place)
    named = set(request.form.getlist("client"))
    chosen = named & ids if named else ids
    by = marked(place.person.name, place.practice)
    tried = service.undo(dunnock(), place.practice.id, run_id, chosen, by=by, person_id=place.person.id)
    if not tried:
        flash(_("There is nothing to put back."), "problem")
    return redirect(url_for(".run", practice_id=place.practice.id, run_id=run_id))


def _client_ids(place: Place) -> set[str]:
    with dunnock().database.read_across() as session:
        return {one.id for _, one in practices.clients(session, place.practice.id, place.person.id)}


def _page(place: Place, problem: str | None = None) -> str:
    asked = request.form if problem else request.args
    to, set_id, level = asked.get("to", DRY_RUN), asked.get("set", ""), asked.get("level", "")
    with dunnock().database.read_across() as session:
        sets = queries.sets(session, place.practice.id)
        row = next((one for one in sets if one.id == set_id), None)
        clients = practices.clients(session, place.practice.id, place.person.id)
        levels = sorted({one.service_level for one, _ in clients if one.service_level})
        wanted = [(one, theirs) for one, theirs in clients if not level or one.service_level == level]
        to = to if to in service.TARGETS else DRY_RUN
        found = service.previews(dunnock(), session, wanted, None if to == "live" else row, to)
        runs = queries.runs(session, place.practice.id, _LAST_RUNS)
    return render_template(
        "pages/practice/enable.html",
        place=place,
        sets=sets,
        chosen=row,
        to=to,
        level=level,
        levels=levels,
        targets=service.TARGETS,
        previews=sorted(found, key=lambda one: not one.ready),
        ready=sum(one.ready for one in found),
        ticked=_ticked(found),
        runs=runs,
        problem=problem,
    )


def _ticked(found: Sequence[service.Preview]) -> set[str]:
    """What was ticked before a mistake was told; all that are ready, where that was asked for."""
    if request.args.get("tick") == "all":
        return {one.organisation.id for one in found if one.ready}
    return set(request.form.getlist("client"))
