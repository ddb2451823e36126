"""The addresses to which events are sent, as people see and change them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import N_, _
from services import event_endpoints
from services.event_endpoints import GROUP_WORDS
from services.roles import Right
from store.models import EventEndpoint, Organisation
from store.queries import event_endpoints as queries
from web.security import acting_person, dunnock, member

endpoints = Blueprint(
    "event_endpoints", __name__, url_prefix="/organisations/<organisation_id>/event-endpoints"
)

_NOTHING = N_("Choose at least one thing that it wants.")


@endpoints.get("")
@member(Right.SEE_SETTINGS)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Which there are, and how they stand."""
    return _page(organisation)


@endpoints.post("")
@member(Right.CHANGE_SETTINGS)
def add(organisation: Organisation) -> ResponseReturnValue:
    """Add one; its secret is on the page that follows, and never again."""
    url, groups = request.form.get("url", ""), request.form.getlist("groups")
    if not groups:
        return _page(organisation, problem=_(_NOTHING)), 422
    try:
        row, secret = event_endpoints.add(dunnock(), organisation.id, url, groups, by=acting_person())
    except UserError as problem:
        return _page(organisation, problem=str(problem)), 422
    return _page(organisation, added=row, secret=secret)


@endpoints.post("/<endpoint_id>/switch")
@member(Right.CHANGE_SETTINGS)
def switch(organisation: Organisation, endpoint_id: str) -> ResponseReturnValue:
    """Switch one on or off."""
    on = request.form.get("on") == "yes"
    try:
        event_endpoints.switch(dunnock(), organisation.id, endpoint_id, on=on)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Events are sent there from now on.") if on else _("Nothing is sent there any more."))
    return _back(organisation)


@endpoints.post("/<endpoint_id>/remove")
@member(Right.CHANGE_SETTINGS)
def remove(organisation: Organisation, endpoint_id: str) -> ResponseReturnValue:
    """Remove one for good."""
    try:
        event_endpoints.remove(dunnock(), organisation.id, endpoint_id)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("The address was removed."))
    return _back(organisation)


def _back(organisation: Organisation) -> ResponseReturnValue:
    return redirect(url_for("event_endpoints.index", organisation_id=organisation.id))


def _page(
    organisation: Organisation,
    *,
    problem: str | None = None,
    added: EventEndpoint | None = None,
    secret: str | None = None,
) -> str:
    with dunnock().database.read(organisation.id) as session:
        rows = queries.listed(session, organisation.id)
    entered = request.form if problem else {}
    return render_template(
        "pages/event_endpoints/index.html",
        organisation=organisation,
        endpoints=rows,
        group_words=GROUP_WORDS,
        problem=problem,
        added=added,
        secret=secret,
        url=entered.get("url", ""),
        wanted=request.form.getlist("groups") if problem else list(GROUP_WORDS),
    )
