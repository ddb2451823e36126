"""Saved views: the tabs above lists, keeping one, and opening a list with one's own."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import _
from services import saved_views as service
from services.roles import Right
from services.saved_views import View
from store.models import Organisation
from web.security import current_person, dunnock, member

saved_views = Blueprint("saved_views", __name__, url_prefix="/organisations/<organisation_id>/views")

_ENDPOINTS: Final = {
    "customers": "contacts.index",
    "invoices": "invoice_grid.show",
    "inbox": "inbox.index",
    "tasks": "team_tasks.index",
    "promises": "promises.index",
}
_PAGES: Final = {endpoint: page for page, endpoint in _ENDPOINTS.items()}


@saved_views.post("")
@member(Right.VIEW)
def save(organisation: Organisation) -> ResponseReturnValue:
    """Keep a list as it stands."""
    person, form = current_person() or abort(404), request.form
    page = form.get("page", "")
    endpoint = _ENDPOINTS.get(page) or abort(
        400, _("There is no such list; go back and save the view there.")
    )
    try:
        with dunnock().database.write(organisation.id) as session:
            view = service.save(
                session,
                organisation.id,
                person.id,
                g.role,
                page=page,
                name=form.get("name", ""),
                query=form.get("query", ""),
                shared="shared" in form,
                opens_first="opens_first" in form,
            )
    except UserError as problem:
        flash(str(problem), "problem")
        kept = service.cleaned(page, form.get("query", ""))
        return redirect(f"{url_for(endpoint, organisation_id=organisation.id)}?{kept}")
    flash(_("Saved as “%(view_name)s”.", view_name=view.name))
    return redirect(f"{url_for(endpoint, organisation_id=organisation.id)}?{view.query or 'view=all'}")


@saved_views.post("/<view_id>/remove")
@member(Right.VIEW)
def remove(organisation: Organisation, view_id: str) -> ResponseReturnValue:
    """Remove one's own view."""
    person = current_person() or abort(404)
    try:
        with dunnock().database.write(organisation.id) as session:
            page = service.remove(session, organisation.id, person.id, view_id)
    except UserError as problem:
        abort(404, str(problem))
    flash(_("The view is removed. The list itself is as it was."))
    return redirect(url_for(_ENDPOINTS[page], organisation_id=organisation.id, view="all"))


@saved_views.before_app_request
def open_first() -> ResponseReturnValue | None:
    """A list that is opened without asking for anything opens with the view that its reader chose for that."""
    page = _PAGES.get(request.endpoint or "")
    if page is None or request.method != "GET" or request.query_string:
        return None
    person = current_person()
    if person is None:
        return None
    organisation_id = str((request.view_args or {})["organisation_id"])
    with dunnock().database.read(organisation_id) as session:
        query = service.first(session, organisation_id, person.id, page)
    return redirect(f"{request.path}?{query}") if query else None


@saved_views.app_context_processor
def _for_pages() -> dict[str, Any]:
    return {"views_of": _views_of, "view_query": _view_query}


def _views_of(organisation: Organisation, page: str) -> list[View]:
    person = current_person()
    if person is None:
        return []
    with dunnock().database.read(organisation.id) as session:
        return service.shown(session, organisation.id, person.id, page)


def _view_query(page: str) -> str:
    """What of this page's own query string a view would keep."""
    return service.cleaned(page, request.query_string.decode("utf-8", "replace"))
