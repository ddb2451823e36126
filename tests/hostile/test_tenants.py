"""No route shows or changes what another tenant owns, whoever asks and whichever ids they bring.

The routes are taken from the table of addresses, so a new one is tried without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from services import api_tokens
from services.app import App
from services.roles import Right, Role, may
from store.models import Base
from tests.hostile.twins import Twin, each_id, twins
from tests.support.visitor import Member, Visitor
from tests.web.api.examples import address, body, named
from web.api.route import Route
from web.api.table import ROUTES

UNKNOWN = "0" * 32
NOT_OF_A_TENANT = {"alembic_version", "leases", "people", "api_tokens", "memberships", "authorisations"}


@pytest.fixture
def pair(dunnock: App) -> tuple[Twin, Twin]:
    return twins(dunnock.database)


@dataclass(frozen=True)
class Page:
    """One method of one address below an organisation."""

    rule: Rule
    method: str
    right: Right

    def path(self, web: Flask, home: str, ids: dict[str, str]) -> str:
        values = {name: ids[name] for name in self.rule.arguments if name != "organisation_id"}
        return web.url_map.bind("localhost").build(self.rule.endpoint, {**values, "organisation_id": home})


def pages(web: Flask) -> list[Page]:
    """Every page of an organisation."""
    return [
        Page(rule, method, web.view_functions[rule.endpoint].__dict__["right"])
        for rule in web.url_map.iter_rules()
        if "organisation_id" in rule.arguments
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


class Ids(dict[str, str]):
    """The ids of a tenant by the names that addresses give them; a new kind of id is unknown to everybody."""

    def __missing__(self, name: str) -> str:
        return UNKNOWN


def ids_of(twin: Twin) -> Ids:
    cast = twin.cast
    return Ids(
        contact_id=cast.contact_id,
        invoice_id=cast.invoice_id,
        attachment_id=cast.attachment_id,
        hold_id=cast.hold_id,
        dispute_id=cast.dispute_id,
    )


def ask(who: Member, page: Page, path: str) -> TestResponse:
    return who.press(path) if page.method == "POST" else who.get(path)


def shown(answer: TestResponse) -> str:
    """What an answer says, without what differs from one visit to the next, and without ids."""
    return re.sub(r'[0-9a-f]{32}|value="[^"]+"|INV[\w-]+', "", f"{answer.status_code} {answer.text}")


def owned_by(app: App, twin: Twin) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a tenant, table by table, to see that nothing has changed."""
    home = twin.cast.organisation_id
    with app.database.read(home) as session:
        return {
            name: sorted(
                map(tuple, session.execute(select(table).where(table.c.organisation_id == home))), key=repr
            )
            for name, table in Base.metadata.tables.items()
            if "organisation_id" in table.c and name not in NOT_OF_A_TENANT
        }


@pytest.mark.parametrize("role", Role)
def test_every_role_opens_exactly_the_pages_that_it_may(
    web: Flask, pair: tuple[Twin, Twin], role: Role
) -> None:
    ada, bea = pair
    member = Visitor(web).signed_in_as(ada.people[role])
    asked = 0
    for page in pages(web):
        if page.rule.endpoint == "connect.disconnect" and may(role, page.right):
            continue  # would end what the next ones look at
        answer = ask(member, page, page.path(web, ada.cast.organisation_id, ids_of(ada)))
        assert (answer.status_code == 403) is (not may(role, page.right)), page
        assert answer.status_code < 500
        said = answer.get_data().decode(errors="replace")  # a file may be no text
        assert not any(secret in said for secret in bea.secrets), page
        asked += 1
    assert asked > 80


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "has left")
def test_strangers_and_those_who_left_cannot_tell_a_tenant_from_none(
    web: Flask, dunnock: App, pair: tuple[Twin, Twin], role: Role | None
) -> None:
    ada, bea = pair
    before = owned_by(dunnock, ada)
    outsider = Visitor(web).signed_in_as(bea.people[role] if role else ada.ex_member_id)
    for page in pages(web):
        there = ask(outsider, page, page.path(web, ada.cast.organisation_id, ids_of(ada)))
        nowhere = ask(outsider, page, page.path(web, UNKNOWN, ids_of(ada)))
        assert there.status_code == 404, page
        assert shown(there) == shown(nowhere), page
        assert ada.canary not in there.text
    assert owned_by(dunnock, ada) == before


def test_without_a_session_every_page_leads_to_the_first_one(
    web: Flask, dunnock: App, pair: tuple[Twin, Twin]
) -> None:
    ada, _ = pair
    before = owned_by(dunnock, ada)
    for page in pages(web):
        client = web.test_client()
        there = client.open(page.path(web, ada.cast.organisation_id, ids_of(ada)), method=page.method)
        nowhere = client.open(page.path(web, UNKNOWN, ids_of(ada)), method=page.method)
        assert there.status_code in (302, 400), page  # 400: a form without its token
        assert shown(there) == shown(nowhere).replace(UNKNOWN, "")
        assert page.method == "POST" or there.location.startswith("/?next=/organisations/")
    assert owned_by(dunnock, ada) == before


def test_another_tenants_ids_are_unknown_on_ones_own_pages(
    web: Flask, dunnock: App, pair: tuple[Twin, Twin]
) -> None:
    ada, bea = pair
    before = owned_by(dunnock, ada)
    own, theirs, visitor = ids_of(bea), ids_of(ada), Visitor(web)
    for page in pages(web):
        for name in page.rule.arguments - {"organisation_id"}:
            foreign = page.path(web, bea.cast.organisation_id, Ids({**own, name: theirs[name]}))
            unknown = page.path(web, bea.cast.organisation_id, Ids({**own, name: UNKNOWN}))
            answers = [
                ask(visitor.signed_in_as(bea.cast.owner_id), page, path) for path in (foreign, unknown)
            ]
            assert shown(answers[0]) == shown(answers[1]), foreign
            assert page.method == "POST" or answers[0].status_code == 404, foreign
            assert not any(secret in answers[0].text for secret in (ada.canary, ada.cast.organisation_id))
    assert owned_by(dunnock, ada) == before


def call(web: Flask, token: str, route: Route, path: str, json: Any) -> TestResponse:
    return web.test_client().open(
        f"/api/v1{path}", method=route.method, json=json, headers={"Authorization": f"Bearer {token}"}
    )


def one_by_one(asked: Any, own: Twin, theirs: Twin) -> Iterator[Any]:
    """The body with one of its ids after the other replaced by another tenant's."""
    swaps = dict(zip(each_id(own.cast), each_id(theirs.cast), strict=True))
    for name, value in (asked or {}).items():
        if value in ([one] for one in swaps):
            yield {**asked, name: [swaps[value[0]]]}
        elif isinstance(value, str) and value in swaps:
            yield {**asked, name: swaps[value]}


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_no_token_reaches_another_tenant(
    web: Flask, dunnock: App, pair: tuple[Twin, Twin], route: Route
) -> None:
    ada, bea = pair
    before = owned_by(dunnock, ada)
    equal_ids = route.path.startswith("/communications/")
    for role in Role:
        token = api_tokens.create(dunnock, bea.cast.organisation_id, role)
        answer = call(web, token, route, address(route, ada.cast), body(route, ada.cast))
        nowhere = replace(
            ada.cast,
            contact_id=UNKNOWN,
            invoice_id=UNKNOWN,
            hold_id=UNKNOWN,
            attachment_id=UNKNOWN,
            dispute_id=UNKNOWN,
        )
        unknown = call(web, token, route, address(route, nowhere), body(route, nowhere))
        refers = "{id}" in route.path or "_id" in str(body(route, ada.cast))
        if not may(role, route.right):
            assert answer.status_code == 403
        elif refers and not equal_ids:
            assert answer.status_code == 404
            assert shown(answer) == shown(unknown)
        assert ada.canary not in answer.text and ada.cast.organisation_id not in answer.text
        for mixed in one_by_one(body(route, bea.cast), bea, ada):
            answer = call(web, token, route, address(route, bea.cast), mixed)
            assert answer.status_code == (404 if may(role, route.right) else 403), mixed
    assert owned_by(dunnock, ada) == before


@pytest.mark.parametrize("route", [one for one in ROUTES if one.query], ids=named)
def test_no_filter_finds_another_tenants_things(
    web: Flask, dunnock: App, pair: tuple[Twin, Twin], route: Route
) -> None:
    ada, bea = pair
    token = api_tokens.create(dunnock, bea.cast.organisation_id, "owner")
    for value in each_id(ada.cast):
        for field in (
            name for name in (route.query.__struct_fields__ if route.query else ()) if name.endswith("_id")
        ):
            answer = call(web, token, route, f"{address(route, bea.cast)}?{field}={value}", None)
            assert answer.status_code == 404 or answer.get_json()["items"] == []
