"""Search from any page: results as one types, and a page of them that works without script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.wording import _
from services import search as service
from services.roles import Right
from services.search import Group, Hit, Kind
from store.models import Organisation
from web.pages.places import places_found
from web.security import dunnock, member

search = Blueprint("search", __name__, url_prefix="/organisations/<organisation_id>/search")

_PER_PAGE = 50
_LAST_PAGE = 1_000
_ENDPOINTS = {
    Kind.INVOICES: ("invoices.show", "invoice_id"),
    Kind.CUSTOMERS: ("contacts.show", "contact_id"),
    Kind.TEMPLATES: ("templates.show", "template_id"),
    Kind.SCHEDULES: ("schedules.show", "schedule_id"),
}


@search.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """What was found for what somebody typed: some of each kind, or all of one."""
    typed, only, page = request.args.get("q", "")[: service.LONGEST], _kind(), _page()
    limit = _PER_PAGE if only else service.FIRST
    groups = _found(organisation, typed, only, limit, (page - 1) * limit)
    as_typed = request.headers.get("HX-Request") == "true"
    return render_template(
        f"pages/search/{'typed' if as_typed else 'index'}.html",
        organisation=organisation,
        typed=typed,
        only=only,
        page=page,
        groups=groups,
        more=bool(only and groups and groups[0].total > page * limit),
        address=lambda hit: _address(organisation, hit),
    )


def _found(organisation: Organisation, typed: str, only: Kind | None, limit: int, offset: int) -> list[Group]:
    asked = service.asked_of(typed, clock.today(organisation.timezone))
    if asked is None:
        return []
    with dunnock().database.read(organisation.id) as session:
        groups = service.find(session, organisation.id, asked, only=only, limit=limit, offset=offset)
    if only in (None, Kind.PAGES):
        groups.append(places_found(asked, limit, offset))
    return service.in_order(groups)


def _address(organisation: Organisation, hit: Hit) -> str:
    if hit.kind is Kind.PAGES:
        endpoint, _unused, anchor = hit.id.partition("#")
        return url_for(endpoint, organisation_id=organisation.id, _anchor=anchor or None)
    if hit.kind is Kind.MESSAGES:
        return url_for("timeline.show", organisation_id=organisation.id, message_id=hit.id)
    endpoint, name = _ENDPOINTS[hit.kind]
    values: dict[str, Any] = {"organisation_id": organisation.id, name: hit.id}
    return url_for(endpoint, **values)


def _kind() -> Kind | None:
    word = request.args.get("kind", "")
    try:
        return Kind(word) if word else None
    except ValueError:
        abort(400, _("There is nothing of this kind to be found; choose one of those on the page."))


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the results does not exist; start again at the first."))
    return int(word)
