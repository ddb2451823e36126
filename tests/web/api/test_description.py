"""The description of the API, and whether answers keep to it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.api.conftest import Api, for_every_route
from tests.web.api.examples import address, body, named
from web.api import openapi
from web.api.route import Route
from web.api.table import ROUTES

DESCRIPTION: dict[str, Any] = msgspec.json.decode(openapi.document(ROUTES))


def checked(answer: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DESCRIPTION["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer)


def test_the_description_is_valid_and_needs_no_token(api: Api) -> None:
    answer = api.client.get("/api/v1/openapi.json")
    assert answer.status_code == 200 and answer.json == DESCRIPTION
    OpenAPIV31SpecValidator(DESCRIPTION).validate()
    assert DESCRIPTION["openapi"].startswith("3.1")


def test_every_route_is_described_once_in_words() -> None:
    described = {
        (method.upper(), path): operation
        for path, methods in DESCRIPTION["paths"].items()
        for method, operation in methods.items()
    }
    assert set(described) == {(route.method, route.path) for route in ROUTES}
    assert all(len(operation["summary"]) > 10 for operation in described.values())
    assert len({operation["operationId"] for operation in described.values()}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_answers_keep_to_the_description(api: Api, route: Route) -> None:
    for_every_route(api)
    answer = api.call(route.method, address(route, api.cast), json=body(route, api.cast))
    described = DESCRIPTION["paths"][route.path][route.method.lower()]["responses"][str(answer.status_code)]
    if "content" not in described:
        assert answer.data == b"" and "Content-Type" not in answer.headers
        return
    if route.file:
        assert answer.content_type == route.file.media_type and list(described["content"]) == [
            answer.content_type
        ]
        return
    assert answer.content_type == "application/json"
    checked(answer.json, described["content"]["application/json"]["schema"])


def test_bodies_that_are_taken_keep_to_the_description(api: Api) -> None:
    for route in (route for route in ROUTES if route.body):
        described = DESCRIPTION["paths"][route.path][route.method.lower()]["requestBody"]
        checked(body(route, api.cast), described["content"]["application/json"]["schema"])


def test_every_error_is_a_problem_in_words(api: Api) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "/contacts/" + "0" * 32, 404),
        ("GET", "/contacts/not-an-id", 404),
        ("DELETE", "/contacts", 405),
        ("GET", "/contacts?limit=201", 400),
        ("POST", "/runs", 415),
    ):
        answer = api.call(method, path)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        checked(answer.json, {"$ref": "#/components/schemas/Problem"})
        assert answer.json["status"] == status  # type: ignore[index]  # a problem is an object


def test_the_names_of_shapes_do_not_tell_in_which_file_one_stands() -> None:
    names = DESCRIPTION["components"]["schemas"]
    assert "PaymentDays" in names
    assert not [name for name in names if "." in name]
