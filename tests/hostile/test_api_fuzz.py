"""The API under requests that its own description makes up, right and wrong ones, and under bodies that are none.

``DUNNOCK_FUZZ_CASES`` is how many requests are made up together; a long run sets 20,000.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services import api_tokens
from services.app import App
from tests.support import cast
from tests.support.cast import Cast
from web.api.route import Route
from web.api.table import ROUTES

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CASES = int(os.environ.get("DUNNOCK_FUZZ_CASES", "400"))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
KNOWN_TO_US = {200, 201, 204, 400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422, 429}


@dataclass(frozen=True)
class Door:
    """The API, with a token of an owner."""

    web: Flask
    stage: Cast
    headers: dict[str, str]


@pytest.fixture
def door(web: Flask, dunnock: App) -> Door:
    stage = cast.kept(dunnock.database)
    token = api_tokens.create(dunnock, stage.organisation_id, "owner")
    return Door(web, stage, {"Authorization": f"Bearer {token}"})


def real(value: Any, stage: Cast, dice: st.DataObject) -> Any:
    """Every second id is one that exists, or nearly every request would end at the first look-up."""
    if isinstance(value, dict):
        ids = {"id": stage.invoice_id, "contact_id": stage.contact_id, "invoice_id": stage.invoice_id}
        return {
            name: ids[name] if name in ids and dice.draw(st.booleans()) else real(one, stage, dice)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [real(one, stage, dice) for one in value]
    return value


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_answer_is_one_that_the_description_foretells(
    door: Door, route: Route, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", door.web)
    operation = schema[route.path][route.method]
    if mode is GenerationMode.NEGATIVE and not (route.query or route.body or "{" in route.path):
        return  # nothing to get wrong
    made_up = operation.as_strategy(generation_mode=mode)

    @settings(
        max_examples=max(CASES // (2 * len(ROUTES)), 5),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made_up, dice=st.data())
    def ask(case: schemathesis.Case[Any], dice: st.DataObject) -> None:
        case.path_parameters = real(dict(case.path_parameters or {}), door.stage, dice)
        if isinstance(case.body, dict | list):
            case.body = real(case.body, door.stage, dice)
        case.call_and_validate(headers=door.headers, checks=list(CHECKS))

    ask()


BODIES = {
    "nothing": b"",
    "no JSON": b"hello",
    "a NUL": b"\x00",
    "text with a NUL": b'{"contact_id": "ID", "text": "a\\u0000b", "outcome": "x"}',
    "half a surrogate": b'{"contact_id": "ID", "text": "\\ud800", "outcome": "\\udfff"}',
    "wrong bytes": b'{"contact_id": "\xff\xfe", "text": "\xc3"}',
    "UTF-16": '{"contact_id": "ID", "text": "x"}'.encode("utf-16"),
    "a key twice": b'{"contact_id": "ID", "contact_id": "ID", "text": "x", "text": "y", "outcome": "x"}',
    "deep": b"[" * 30_000 + b"]" * 30_000,
    "deep within": b'{"contact_id": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
    "deep in a list": b'{"contact_id": "ID", "invoice_ids": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "a huge integer": b'{"daily_cap": ' + b"9" * 10_000 + b"}",
    "beyond every integer": b'{"daily_cap": 9223372036854775808, "dry_run": 1e400}',
    "NaN": b'{"daily_cap": NaN}',
    "a fraction": b'{"daily_cap": 1.5}',
    "a year of five digits": b'{"dry_run": true, "on": "99999-01-01"}',
    "the year nought": b'{"dry_run": true, "on": "0000-01-01"}',
    "many keys": b"{" + b",".join(b'"k%d":1' % number for number in range(5_000)) + b"}",
    "many ids": json.dumps({"contact_id": "ID", "invoice_ids": ["0" * 32] * 1_700, "text": "x"}).encode(),
    "mass assignment": b'{"contact_id": "ID", "text": "x", "outcome": "x", "organisation_id": "x", "role": "owner", "id": "x"}',
    "a prototype": b'{"__proto__": {"role": "owner"}, "__class__": "x"}',
    "65 kB": b'{"text": "' + b"x" * 65_536 + b'"}',
    "10 MB": b'{"text": "' + b"x" * (10 * 1024 * 1024) + b'"}',
}
TYPES = (
    "application/json",
    "application/json; charset=utf-7",
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/vnd.evil+json",
    "",
    "\x80",
)


@pytest.mark.parametrize("raw", BODIES.values(), ids=BODIES.keys())
def test_no_body_makes_it_fail(door: Door, raw: bytes) -> None:
    body = raw.replace(b'"ID"', f'"{door.stage.contact_id}"'.encode())
    for route in (one for one in ROUTES if one.method != "GET"):
        path = "/api/v1" + route.path.replace("{id}", door.stage.hold_id)
        for kind in TYPES if len(body) < 1_000 else TYPES[:1]:
            answer = door.web.test_client().open(
                path, method=route.method, data=body, headers={**door.headers, "Content-Type": kind}
            )
            assert answer.status_code in KNOWN_TO_US, f"{route.method} {path} {kind}: {answer.text}"
            if answer.status_code >= 400:
                assert answer.content_type == "application/problem+json"
                assert len(answer.data) < 4_000, "nothing is sent back at length"


QUERIES = (
    "limit=1&limit=2",
    "limit=%00",
    "limit=-1",
    "limit=1e3",
    "limit=" + "9" * 400,
    "limit=0x10",
    "limit=١",
    "cursor=%00",
    "cursor=W10=",
    "cursor=" + "A" * 300,
    "cursor=////",
    "cursor=bnVsbA==",
    "ledger_id=%00",
    "ledger_id=' OR 1=1--",
    "number=%ff",
    "number=%F0%9F%92%A9",
    "status=AUTHORISED'--",
    "overdue=maybe",
    "on=2026-02-30",
    "on=-1",
    "a[]=1",
    "__class__=1",
    "limit=1;DROP TABLE contacts",
    "%=%",
    "=",
    "&&&&",
    "limit",
    "x=" + "y" * 5_000,
)


def test_no_query_makes_it_fail(door: Door) -> None:
    for route in (one for one in ROUTES if one.method == "GET"):
        path = "/api/v1" + route.path.replace("{id}", door.stage.invoice_id)
        for query in QUERIES:
            answer = door.web.test_client().get(f"{path}?{query}", headers=door.headers)
            assert answer.status_code in KNOWN_TO_US, f"{path}?{query}: {answer.text}"


KEYS = ("", " ", "x" * 256, "a b", "é", "\x7f", "../../etc", "'; DROP TABLE api_answers; --", "%00")


def test_no_key_of_a_repeat_makes_it_fail(door: Door) -> None:
    body = {"contact_id": door.stage.contact_id, "text": "x"}
    for key in KEYS:
        answer = door.web.test_client().post(
            "/api/v1/notes", json=body, headers={**door.headers, "Idempotency-Key": key}
        )
        assert answer.status_code in (201, 400), key
