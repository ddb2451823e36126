"""Who is looking, and what they may see. A stranger to an organisation is told that it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final, ParamSpec

from flask import abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.wording import _
from services import audit_log, setting_up, sign_ins
from services import practices as practice_service
from services.app import App
from services.roles import Right, may
from store.models import Organisation, Person
from store.queries import connection, practices, team_tasks
from store.queries import pages as queries
from web import wording
from web.acting import now_acts, now_for_practice

P = ParamSpec("P")
View = Callable[..., ResponseReturnValue]

IDLE: Final = timedelta(hours=4)
"""Without a request for so long, a session is over."""
LONGEST: Final = timedelta(hours=12)
"""However busy it is, a session is over after this, and whoever it is signs in again."""
STAYS_SINCE: Final = "stays_since"
"""In the session: up to which end of all sessions of this person this one goes on."""


def dunnock() -> App:
    """The parts of this process, from within a request."""
    app: App = current_app.extensions["dunnock"]
    return app


def current_person() -> Person | None:
    """Who is signed in, looked up once a request; None for a visitor."""
    if "person" not in g:
        g.person = _person_of(session.get("person_id"), session.get("signed_in_at"))
        if g.person is not None:
            sign_ins.seen(dunnock(), g.person)
            now_acts(g.person.name, g.person.id, "page")
            wording.follow(g.person.language)
    person: Person | None = g.person
    return person


def acting_person() -> str:
    """The name of whoever does something, with the practice that they do it for; a visitor does nothing."""
    person = current_person()
    if person is None:
        abort(404)
    return practice_service.marked(person.name, g.get("practice"))


def the_person() -> Person:
    """Whoever is signed in; for views that are for nobody else."""
    return current_person() or abort(404)


def begin_session(person_id: str) -> None:
    """A new session for whoever has proven to be this person; what somebody may have planted before is gone."""
    held = session.get("held_back") if session.get("person_id") == person_id else None
    language = wording.chosen()
    session.clear()
    session.permanent = True
    if held is not None:  # what the same person was about to do when they were asked to prove who they are
        session["held_back"] = held
    session["person_id"] = person_id
    session["signed_in_at"] = clock.machine_now().timestamp()
    g.pop("person", None)
    person = _looked_up(person_id)
    wording.keep(person.language if person and person.language else language)
    audit_log.signed_in(dunnock(), person_id)


def stay_in() -> None:
    """This session goes on, although all sessions of the same person were just ended. No copy of it does."""
    person = _looked_up(session["person_id"])
    if person is not None and person.signed_out_at is not None:
        session[STAYS_SINCE] = person.signed_out_at.timestamp()


def _person_of(person_id: Any, signed_in_at: Any) -> Person | None:
    """The person, unless the session is too old, or they have signed out since (in whatever browser)."""
    if not isinstance(person_id, str) or not isinstance(signed_in_at, float):
        return None
    if clock.machine_now().timestamp() - signed_in_at > LONGEST.total_seconds():
        return None
    person = _looked_up(person_id)
    if person and person.signed_out_at and _is_over(signed_in_at, person.signed_out_at.timestamp()):
        return None
    return person


def _is_over(signed_in_at: float, signed_out_at: float) -> bool:
    """Whether a session was ended by the last end of all, and is not the one by whose hand that came."""
    return signed_in_at <= signed_out_at and float(session.get(STAYS_SINCE, 0)) < signed_out_at


def _looked_up(person_id: str) -> Person | None:
    with dunnock().database.read_across() as database:
        return connection.person(database, person_id)


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Only for people who are signed in; a visitor goes to the first page and comes back here afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if current_person() is None:
            return redirect(url_for("landing.home", next=request.path if request.method == "GET" else None))
        return view(*args, **kwargs)

    return guarded


def member(right: Right) -> Callable[[View], View]:
    """Only for members of the organisation in the address who have the right; the view is given its row."""

    def decorate(view: View) -> View:
        @wraps(view)
        @signed_in
        def guarded(organisation_id: str, **values: Any) -> ResponseReturnValue:
            return view(organisation_for(organisation_id, right), **values)

        guarded.__dict__["right"] = right  # so that every page can be gone through with every role
        return guarded

    return decorate


def organisation_for(organisation_id: str, right: str) -> Organisation:
    """The organisation, if whoever is signed in belongs to it and has the right.

    Everybody else gets 404, so that nobody learns which organisations exist. A member without the right
    knows that it exists, and gets 403.
    """
    person = current_person()
    if person is None:
        abort(404)
    with dunnock().database.read(organisation_id) as database:
        found = queries.membership(database, person.id, organisation_id)
        by_practice = practices.by_practice(database, person.id, organisation_id) if found else None
    if found is None:
        abort(404)
    g.organisation, g.role = found
    g.practice = by_practice[2] if by_practice else None
    if g.practice:
        now_acts(acting_person(), person.id, "page")
        now_for_practice(g.practice.id)
    if not may(g.role, right):
        abort(
            403, _("Your role in this organisation does not allow this. Ask an owner or a manager to do it.")
        )
    organisation: Organisation = g.organisation
    return organisation


def allowed(right: str) -> bool:
    """Whether whoever is looking has the right in the organisation of this page."""
    return "role" in g and may(g.role, right)


def tasks_due(organisation: Organisation) -> int:
    """What whoever is looking has to do by today, for the navigation; counted once a request."""
    person = current_person()
    if person is None or "role" not in g:
        return 0
    if "tasks_due" not in g:
        today = clock.today(organisation.timezone)
        with dunnock().database.read(organisation.id) as database:
            g.tasks_due = team_tasks.count_due(database, organisation.id, today, person.id)
    due: int = g.tasks_due
    return due


def set_up_line(organisation: Organisation) -> setting_up.Reminder | None:
    """What a page says in a line of the set-up and of a day of going live; None: nothing."""
    with dunnock().database.read(organisation.id) as database:
        found = setting_up.reminder(database, organisation)
    return found if found.start or found.done is not None else None


def local_path(address: str | None) -> str | None:
    """The address, if it is a path of our own; never another site's."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return None
    return None if "\\" in address or any(ord(letter) < 32 for letter in address) else address
