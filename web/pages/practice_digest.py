"""One weekly mail about all clients of a practice: one's own switch, by whose clocks, and what it would say now."""

from __future__ import annotations

from collections import Counter

from babel.core import get_global
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services.digest import practice_says, practice_sending, practice_week, practice_wishes
from store.queries import practice_digests as queries
from store.queries import practices
from store.queries.practice_digests import Reader
from web.practice import Place, of_practice
from web.security import dunnock

practice_digest = Blueprint("practice_digest", __name__, url_prefix="/practice/<practice_id>/digest")

_NOWHERE = "Europe/London"
"""Proposed to who has no client yet."""
_AT_ONCE = 8
"""Clients of whom the page works out at once what the mail would say; of more it does when somebody asks for it."""


@practice_digest.get("")
@of_practice()
def show(place: Place) -> ResponseReturnValue:
    """Whether one gets it, when the next one leaves, and what it would say now."""
    return _page(place)


@practice_digest.post("")
@of_practice()
def change(place: Place) -> ResponseReturnValue:
    """Switch one's own mail on, by these clocks, or off."""
    wanted = request.form.get("wanted") == "yes"
    try:
        practice_wishes.change(
            dunnock(),
            place.practice.id,
            place.person.id,
            zone=request.form.get("zone", "") if wanted else None,
            end_singles=request.form.get("end_singles") == "yes",
        )
    except UserError as problem:
        return _page(place, str(problem)), 422
    flash(
        _("You get one mail about all your clients from now on, once a week.")
        if wanted
        else _("You get no weekly mail about your clients any more.")
    )
    return redirect(url_for(".show", practice_id=place.practice.id))


def _page(place: Place, problem: str = "") -> str:
    practice, person, now = place.practice, place.person, clock.now()
    with dunnock().database.read_across() as session:
        wish = queries.reader(session, practice.id, person.id)
        zones = practices.client_zones(session, practice.id, person.id)
        singles = queries.singles(session, practice.id, person.id)
    usual = Counter(sorted(zones.values())).most_common(1)
    chosen = wish.zone if wish else usual[0][0] if usual else _NOWHERE
    reader = Reader(
        practice.id,
        practice.name,
        person.id,
        person.name,
        person.email,
        person.language,
        now.date(),
        chosen,
        None,
    )
    at_once = len(zones) <= _AT_ONCE or "now" in request.args
    lines = practice_week.lines(dunnock(), practice.id, person.id, now) if at_once else []
    return render_template(
        "pages/practice/digest.html",
        place=place,
        wanted=wish is not None,
        next_on=practice_sending.next_day(wish, now) if wish else None,
        zone=chosen,
        zones=sorted(
            {str(zone) for some in get_global("territory_zones").values() for zone in some} | {chosen}
        ),
        singles=singles,
        can_leave=practice_wishes.can_leave(dunnock()),
        at_once=at_once,
        digest=practice_says.digest(lines, reader, now) if lines else None,
        problem=problem,
    )
