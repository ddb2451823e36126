"""Money ahead and figures are kept, and never told as they were before a program changed something."""

from __future__ import annotations

from tests.support.kept_results import all_told, all_worked_out
from tests.support.paid_book import pays
from tests.web.api.conftest import Api, for_every_route
from tests.web.api.examples import address, body, named
from web.api.table import ROUTES


def test_nothing_that_a_program_does_leaves_it_as_it_was_before(api: Api) -> None:
    for_every_route(api)
    key, seen = api.cast.organisation_id, []
    pays(api.app, key, api.cast.contact_id, late=5, times=6)
    before = all_told(api.app, key)
    for route in ROUTES:
        if route.method == "GET" or "erasure" in route.path:
            continue
        api.call(route.method, address(route, api.cast), json=body(route, api.cast))
        told = all_told(api.app, key)
        assert told == all_worked_out(api.app, key), named(route)
        if told != before:
            seen.append(f"{route.method} {route.path}")
        before = told
    assert {"POST /plans/{id}/accept", "POST /disputes", "POST /disputes/{id}/settle"} <= set(seen)
