"""The API, version 1, for programs with a token. ``web.api.table`` is its table of routes."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue, RouteCallable

from kit.errors import UserError
from web import errors
from web.api import openapi
from web.api.dispatch import respond
from web.api.route import Route
from web.api.table import ROUTES

api = Blueprint("api", __name__, url_prefix="/api/v1")


def _view(route: Route) -> RouteCallable:
    def view(**path: str) -> ResponseReturnValue:
        return respond(route, path)

    return view


for _route in ROUTES:
    api.add_url_rule(
        _route.path.replace("{", "<").replace("}", ">"),
        endpoint=_route.name,
        view_func=_view(_route),
        methods=[_route.method],
        provide_automatic_options=False,
    )


@api.get("/openapi.json")
def description() -> ResponseReturnValue:
    """What the API is, for programs; needs no token."""
    return Response(openapi.document(ROUTES), content_type="application/json")


@api.errorhandler(UserError)
def _not_now(error: UserError) -> ResponseReturnValue:
    """The request is right in itself, but not as things stand."""
    return errors.answer(409, str(error))
