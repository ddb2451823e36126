"""The page of customers who owe something and whose addresses need somebody's look."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from kit import clock
from kit.wording import _
from services import data_health as service
from services.data_health import Problem
from services.roles import Right
from store.models import Organisation
from web.security import dunnock, member

data_health = Blueprint("data_health", __name__, url_prefix="/organisations/<organisation_id>/data-health")

_PER_PAGE = 50
_LAST_PAGE = 100_000
_TITLES = {
    Problem.MISSING: "No address",
    Problem.BOUNCING: "Mail came back, or is not wanted",
    Problem.CHANGED: "Lately changed",
    Problem.DUPLICATE: "Another customer’s too",
    Problem.PERSONAL: "Personal address",
}


@data_health.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """How many have which problem, and the customers of one problem or of all."""
    only, page = _asked_for(), _asked_page()
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        seen = service.survey(session, organisation.id, clock.now(), today)
        ids = seen.ids(only)
        some = ids[(page - 1) * _PER_PAGE : page * _PER_PAGE]
        return render_template(
            "pages/data_health.html",
            organisation=organisation,
            seen=seen,
            titles=_TITLES,
            only=only,
            lines=service.lines(session, organisation.id, seen, some),
            total=len(ids),
            page=page,
            older=page * _PER_PAGE < len(ids),
        )


def _asked_for() -> Problem | None:
    word = request.args.get("problem", "")
    try:
        return Problem(word) if word else None
    except ValueError:
        abort(400, _("This list does not exist; choose one of those on the page."))


def _asked_page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
