"""Who may do what, for every route by construction."""

from __future__ import annotations

import json
from itertools import product

import pytest

from services.roles import Right, Role, may
from store.models import ApiToken
from tests.web.api.conftest import Api, for_every_route
from tests.web.api.examples import address, body, named
from web.api.route import Route
from web.api.table import ROUTES


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_role_gets_an_answer_exactly_where_it_has_the_right(api: Api, route: Route) -> None:
    for_every_route(api)
    given = {
        role: api.as_(role)
        .call(route.method, address(route, api.cast), json=body(route, api.cast))
        .status_code
        for role in Role
        if not may(role, route.right)
    }
    assert set(given.values()) <= {403}
    for role in (role for role in Role if may(role, route.right)):
        answer = api.as_(role).call(route.method, address(route, api.cast), json=body(route, api.cast))
        assert answer.status_code in ({route.status, 404, 409} if _is_done_once(route) else {route.status})


def _is_done_once(route: Route) -> bool:
    """What the first role has done is not there for the next to do."""
    once = (
        "/contacts/{id}/right-address",
        "/contacts/{id}/stopped-addresses",
        "/letters-before-action/{id}/",
        "/promises/{id}/withdraw",
        "/bulk/{id}/undo",
        "/replies/{id}/settle",
        "/replies/{id}/undo",
        "/stray-mails/{id}/",
        "/paid-claims/{id}/refute",
        "/plans",
        "/credit/proposals/{id}/",
        "/disputes",
        "/data-exports",
        "/contacts/{id}/data-exports",
        "/contacts/{id}/erasure",
        "/team/{id}/remove",
    )
    return route.method == "DELETE" or (route.method == "POST" and route.path.startswith(once))


def test_read_only_may_do_nothing_but_read() -> None:
    open_to_all = {route.method for route in ROUTES if may("read_only", route.right)}
    assert open_to_all == {"GET"}
    others = {
        ("GET", "/contacts/{id}/hand-over"): Right.CHANGE_CHASING,
        ("GET", "/audit-log"): Right.READ_AUDIT,
        ("GET", "/team"): Right.SEE_SETTINGS,
        ("GET", "/invitations"): Right.MANAGE_TEAM,
        ("GET", "/api-tokens"): Right.MANAGE_TEAM,
        ("GET", "/data-exports"): Right.TAKE_ALONG,
        ("GET", "/data-exports/{id}/zip"): Right.TAKE_ALONG,
        ("GET", "/contacts/{id}/data-exports"): Right.TAKE_ALONG,
        ("GET", "/contacts/{id}/rights"): Right.TAKE_ALONG,
    }
    for route in (route for route in ROUTES if route.method == "GET"):
        assert route.right is others.get((route.method, route.path), Right.VIEW)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_stranger_sees_and_changes_nothing_of_another_organisation(api: Api, route: Route) -> None:
    stranger = api.as_("owner", api.cast.other_organisation_id)
    answer = stranger.call(route.method, address(route, api.cast), json=body(route, api.cast))
    words = json.dumps(body(route, api.cast))
    refers = "{id}" in route.path or "_id" in words or '"ids"' in words
    assert answer.status_code == (404 if refers else route.status), answer.text
    for secret in (api.cast.organisation_id, api.cast.contact_id, api.cast.invoice_id, "Bellwether"):
        assert secret not in answer.text


def test_without_a_token_nothing_is_answered(api: Api) -> None:
    headers: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer dk_wrong"},
        {"Authorization": "Basic YTpi"},
    )
    for number, (route, header) in enumerate(product(ROUTES, headers)):
        answer = api.client.open(
            f"/api/v1{address(route, api.cast)}",
            method=route.method,
            headers=header,
            json=body(route, api.cast),
            environ_overrides={"REMOTE_ADDR": f"198.51.100.{number % 250}"},  # one alone is soon turned away
        )
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_refused(api: Api) -> None:
    with api.app.database.write_across() as session:
        for token in session.query(ApiToken):
            token.revoked_at = token.created_at
    answer = api.call("GET", "/organisation")
    assert answer.status_code == 401
    assert "revoked" in answer.json["detail"]  # type: ignore[index]  # a problem is an object


def test_nobody_needs_a_cookie_and_none_is_set(api: Api) -> None:
    assert "Set-Cookie" not in api.call("GET", "/organisation").headers
