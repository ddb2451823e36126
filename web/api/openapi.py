"""The description of the API (OpenAPI 3.1), made from the table of routes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from types import NoneType
from typing import Any, Final

import msgspec

from web.api.route import Route
from web.api.shapes import Problem

Json = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/{name}"
_ABOUT: Final = (
    "Each token belongs to one organisation and role. Lists take `limit` and `cursor`. Money is a string with a"
    " currency beside it. Times are ISO 8601 with a zone. Errors are problem+json."
)
_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request safe to repeat: the same key and request get the same answer, and change nothing again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


@cache
def document(routes: Sequence[Route]) -> bytes:
    """The whole description as JSON."""
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Dunnock", "version": "1", "description": _ABOUT},
            "servers": [{"url": "/api/v1"}],
            "security": [{"token": []}],
            "paths": _paths(routes),
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "schemas": _components(routes),
                "responses": {"Problem": _problem()},
            },
        }
    )


def _components(routes: Sequence[Route]) -> Json:
    shapes = [
        shape
        for route in routes
        for shape in (route.body, None if route.file else route.answer)
        if shape not in (None, NoneType)
    ]
    _, components = msgspec.json.schema_components([*shapes, Problem], ref_template=_REFERENCE)
    return components


def _paths(routes: Sequence[Route]) -> Json:
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return paths


def _operation(route: Route) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "x-right": route.right.value,
        "parameters": _parameters(route),
        "responses": {
            str(route.status): _success(route),
            "4XX": {"$ref": "#/components/responses/Problem"},
            "5XX": {"$ref": "#/components/responses/Problem"},
        },
    }
    if route.body:
        operation["requestBody"] = {"required": True, "content": _content(route.body, "application/json")}
    return operation


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query:
        found += _query_parameters(route.query)
    return [*found, _KEY] if route.method == "POST" else found


def _query_parameters(query: type[msgspec.Struct]) -> list[Json]:
    """A parameter for each field. None is left out of their types: a parameter that is not given is none at all."""
    return [
        {
            "name": one.encode_name,
            "in": "query",
            "required": one.required,
            "schema": _parameter(one),
        }
        for one in msgspec.structs.fields(query)
    ]


def _parameter(field: msgspec.structs.FieldInfo) -> Json:
    schema = _without_null(msgspec.json.schema(field.type))
    return schema if field.default in (None, msgspec.NODEFAULT) else {**schema, "default": field.default}


def _without_null(schema: Json) -> Json:
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        return dict(kinds[0])
    if None in schema.get("enum", ()):
        return {**schema, "enum": [value for value in schema["enum"] if value is not None]}
    return schema


def _success(route: Route) -> Json:
    success: Json = {"description": HTTPStatus(route.status).phrase}
    if route.file:
        success["content"] = {route.file.media_type: {"schema": {"type": "string", "format": "binary"}}}
    elif route.answer is not NoneType:
        success["content"] = _content(route.answer, "application/json")
    return success


def _problem() -> Json:
    return {
        "description": "What was wrong, and what to do.",
        "content": _content(Problem, "application/problem+json"),
    }


def _content(shape: Any, media_type: str) -> Json:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REFERENCE)
    return {media_type: {"schema": schema}}
