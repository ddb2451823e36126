"""Who is looking at a practice's pages, and which clients they may see. A stranger is told that it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import abort, g
from flask.typing import ResponseReturnValue

from kit.wording import _
from services.practices import ADMIN
from store.models import Person, Practice, PracticeMember
from store.queries import practices as queries
from web.security import current_person, dunnock, signed_in

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place in a practice, looked up with each request: an end counts at once."""

    practice: Practice
    member: PracticeMember
    person: Person

    @property
    def is_admin(self) -> bool:
        return self.member.role == ADMIN


def of_practice(*, admin: bool = False) -> Callable[[View], View]:
    """Only for people of the practice in the address, or its admins alone; the view is given their place."""

    def decorate(view: View) -> View:
        @wraps(view)
        @signed_in
        def guarded(practice_id: str, **values: Any) -> ResponseReturnValue:
            return view(_place(practice_id, admin=admin), **values)

        guarded.__dict__["admin"] = admin  # so that every page can be gone through with everybody
        return guarded

    return decorate


def _place(practice_id: str, *, admin: bool) -> Place:
    person = current_person()
    if person is None:
        abort(404)
    with dunnock().database.read_across() as session:
        found = queries.place(session, person.id, practice_id)
    if found is None:
        abort(404)
    place = Place(found[0], found[1], person)
    if admin and not place.is_admin:
        abort(403, _("Only an admin of the practice can do this. Ask one of them."))
    g.practice_place = place
    return place
