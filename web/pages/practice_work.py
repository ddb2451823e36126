"""One queue, one inbox and one worklist across the clients of a practice that one may see.

What is done in place goes through the services and rights of the client's own pages.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import doors, settling_replies, team_tasks
from services.changes import change_of_chasing
from services.go import say_go
from services.roles import Right
from store.models import Organisation, PracticeClient
from store.queries import practice_work as queries
from store.queries import practices
from web.pages.inbox import MEANINGS
from web.practice import Place, of_practice
from web.security import acting_person, dunnock, organisation_for

work = Blueprint("practice_work", __name__, url_prefix="/practice/<practice_id>")

_AT_ONCE = 50
_LAST_PAGE = 1000
_SHOWS = {"": "All that has not left", "yes": "Wait for your yes", "held": "Held", "planned": "Planned"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which clients the work is shown, by what one may see and what was asked for."""

    clients: list[tuple[PracticeClient, Organisation]]
    chosen: list[Organisation]
    client_id: str
    level: str
    page: int

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.chosen]

    @property
    def levels(self) -> list[str]:
        return sorted({one.service_level for one, _ in self.clients if one.service_level})

    @property
    def by_id(self) -> dict[str, Organisation]:
        return {one.id: one for one in self.chosen}

    def days(self) -> dict[date, list[str]]:
        """Who has which day today."""
        found: dict[date, list[str]] = defaultdict(list)
        for one in self.chosen:
            found[clock.today(one.timezone)].append(one.id)
        return found


@work.get("/queue")
@of_practice()
def queue(place: Place) -> ResponseReturnValue:
    """What has not left, of all clients."""
    show = request.args.get("show", "")
    with dunnock().database.read_across() as session:
        scope = _scope(session, place)
        rows, count = queries.queue(session, scope.ids, show, _AT_ONCE, (scope.page - 1) * _AT_ONCE)
    return _rendered("queue", place, scope, rows, count, show=show, shows=_SHOWS)


@work.get("/inbox")
@of_practice()
def inbox(place: Place) -> ResponseReturnValue:
    """Replies that wait, of all clients."""
    with dunnock().database.read_across() as session:
        scope = _scope(session, place)
        rows, count = queries.replies(session, scope.ids, _AT_ONCE, (scope.page - 1) * _AT_ONCE)
    today = {one.id: clock.today(one.timezone) for one in scope.chosen}
    return _rendered("inbox", place, scope, rows, count, meanings=MEANINGS, today=today)


@work.get("/worklist")
@of_practice()
def worklist(place: Place) -> ResponseReturnValue:
    """Calls and tasks of all clients."""
    with dunnock().database.read_across() as session:
        scope = _scope(session, place)
        days = scope.days()
        offset = (scope.page - 1) * _AT_ONCE
        calls, to_call = queries.calls(session, days, _AT_ONCE, offset) if days else ([], 0)
        rows, count = queries.tasks(session, scope.ids, _AT_ONCE, offset)
    today = {one.id: clock.today(one.timezone) for one in scope.chosen}
    most = max(count, to_call)
    return _rendered(
        "worklist", place, scope, rows, most, calls=calls, to_call=to_call, tasks=count, today=today
    )


@work.post("/queue/<client_id>/<communication_id>/go")
@of_practice()
def go(place: Place, client_id: str, communication_id: str) -> ResponseReturnValue:
    """Let a message leave that waits for a person's go."""
    organisation = organisation_for(client_id, Right.RUN)
    with change_of_chasing(dunnock(), organisation.id) as session:
        said = say_go(session, organisation.id, communication_id, acting_person())
    if said:
        flash(_("It leaves in its turn, after one more look at the ledger."))
    else:
        flash(_("This message does not wait for a go; somebody may have said it already."), "problem")
    return _back("queue", place)


@work.post("/inbox/<client_id>/<reply_id>/seen")
@of_practice()
def seen(place: Place, client_id: str, reply_id: str) -> ResponseReturnValue:
    """Nothing follows from this reply."""
    organisation = organisation_for(client_id, Right.RECORD)
    try:
        with dunnock().database.write(organisation.id) as session:
            settling_replies.settle(
                session,
                session.get_one(Organisation, organisation.id),
                reply_id,
                "seen",
                by=acting_person(),
                now=clock.now(),
            )
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        for door in (doors.PLAN, doors.NOTES):
            dunnock().soft_doorbell.ring(door, organisation.id)
        flash(_("Settled: just seen. It can be undone on its page."))
    return _back("inbox", place)


@work.post("/worklist/<client_id>/<task_id>/finish")
@of_practice()
def finish(place: Place, client_id: str, task_id: str) -> ResponseReturnValue:
    """A task is done."""
    organisation = organisation_for(client_id, Right.RECORD)
    try:
        with dunnock().database.write(organisation.id) as session:
            team_tasks.finish(session, organisation.id, task_id, by=acting_person(), now=clock.now())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Done. It can be put on the list again on the client’s page of tasks."))
    return _back("worklist", place)


def _scope(session: Any, place: Place) -> Scope:
    clients = practices.clients(session, place.practice.id, place.person.id)
    client_id, level = request.args.get("client", ""), request.args.get("level", "")
    chosen = [
        theirs
        for one, theirs in clients
        if (not client_id or theirs.id == client_id) and (not level or one.service_level == level)
    ]
    return Scope(clients, chosen, client_id, level, _page())


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)


def _rendered(name: str, place: Place, scope: Scope, rows: Any, count: int, **more: Any) -> str:
    asked = {key: value for key, value in request.args.items() if key != "page" and value}
    return render_template(
        f"pages/practice/{name}.html",
        place=place,
        scope=scope,
        rows=rows,
        count=count,
        asked=asked,
        more=scope.page * _AT_ONCE < count,
        **more,
    )


def _back(page: str, place: Place) -> ResponseReturnValue:
    """To the list as it was filtered."""
    asked: dict[str, Any] = {
        key: request.form[key] for key in ("client", "level", "show") if request.form.get(key)
    }
    return redirect(url_for(f".{page}", practice_id=place.practice.id, **asked))
