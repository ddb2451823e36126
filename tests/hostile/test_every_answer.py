"""What every address of the app holds to, whatever it is: guards in its headers, tokens in its forms, methods it knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.app import App
from tests.hostile.twins import Twin, twins
from tests.support.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "X-ODD",
)
FORMS_OF_OTHERS = {"connect.sign_out"}
"""Works for visitors too: there is nothing to end, and nothing to guard."""


@pytest.fixture
def twin(dunnock: App) -> Twin:
    return twins(dunnock.database)[0]


def addresses(web: Flask, twin: Twin) -> Iterator[tuple[str, str, set[str]]]:
    """Endpoint, address and methods of everything that the app answers."""
    ids = {
        "organisation_id": twin.cast.organisation_id,
        "contact_id": twin.cast.contact_id,
        "invoice_id": twin.cast.invoice_id,
        "attachment_id": twin.cast.attachment_id,
        "hold_id": twin.cast.hold_id,
        "dispute_id": twin.cast.dispute_id,
        "filename": "dunnock.css",
    }
    adapter = web.url_map.bind("localhost")
    for rule in web.url_map.iter_rules():
        values = {name: ids.get(name, "0" * 32) for name in rule.arguments}
        path = adapter.build(rule.endpoint, values, force_external=False)
        yield rule.endpoint, path, set(adapter.allowed_methods(path))


def test_every_answer_carries_the_guards_in_every_method(web: Flask, twin: Twin) -> None:
    owner = Visitor(web).signed_in_as(twin.cast.owner_id)
    seen = 0
    for endpoint, path, known in addresses(web, twin):
        for method in METHODS:
            answer = owner.client.open(path, method=method, buffered=True)
            away = answer.status_code == 503  # a page asks the ledger, which does not answer here
            assert answer.status_code < 500 or away, f"{method} {path}"
            assert method in known or away or answer.status_code in (400, 404, 405), (
                f"{method} {path}: {answer.status}"
            )
            if not endpoint.startswith("webhooks_"):
                _guarded(answer, f"{method} {path}")
            elif answer.status_code != 405:
                assert answer.data == b"" and "Set-Cookie" not in answer.headers
            seen += 1
    assert seen > 300


def _guarded(answer: TestResponse, what: str) -> None:
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff", what
    for_customers = " /a/" in what
    assert headers["Referrer-Policy"] == ("no-referrer" if for_customers else "same-origin"), what
    assert ("noindex" in headers.get("X-Robots-Tag", "")) == for_customers, what
    assert headers["X-Frame-Options"] == "DENY", what
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "*" not in policy, what
    assert "no-store" in headers.get("Cache-Control", "") or "/static/" in what, what
    assert "Access-Control-Allow-Origin" not in headers, what
    if headers.get("Content-Type") == "application/pdf":
        assert "filename=" in headers["Content-Disposition"], what
    elif answer.data and answer.status_code < 300 and "attachments" not in what:
        assert "charset" in headers["Content-Type"] or "json" in headers["Content-Type"], what


def test_no_form_of_a_page_works_without_its_token(web: Flask, twin: Twin) -> None:
    asked = 0
    for endpoint, path, known in addresses(web, twin):
        if "POST" not in known or path.startswith(("/api/", "/webhooks/", "/a/")):
            continue
        owner = Visitor(web).signed_in_as(twin.cast.owner_id)
        for token in (None, "", "x", "IjAi.x.y"):
            fields = {} if token is None else {"csrf_token": token}
            answer = owner.client.post(path, data=fields)
            assert answer.status_code == 400 and "reload the page" in answer.text, f"{endpoint} {token}"
        asked += 1
    assert asked >= 8


def test_the_token_of_one_person_is_no_good_for_another(web: Flask, dunnock: App, twin: Twin) -> None:
    mine = Visitor(web).signed_in_as(twin.cast.colleague_id)._token()
    owner = Visitor(web).signed_in_as(twin.cast.owner_id)
    path = f"/organisations/{twin.cast.organisation_id}/queue/chasing"
    assert owner.client.post(path, data={"csrf_token": mine, "to": "dry_run"}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "javascript"},
        {"X-Original-URL": "/metrics"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Cookie": "dunnock=" + "x" * 5_000},
        {"Cookie": "dunnock=eyJwZXJzb25faWQiOiIwIn0.Z.Z"},
        {"Range": "bytes=0-" + "9" * 50},
        {"Accept": "\x80/" * 900},
        {"If-Modified-Since": "not a date"},
        {"Content-Length": "0", "Content-Type": "multipart/form-data"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Digest " + "a=b," * 500},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_odd_headers_do_no_harm(web: Flask, twin: Twin, headers: dict[str, str]) -> None:
    for path in (
        "/",
        "/organisations",
        "/connect/xero/callback",
        "/api/v1/contacts",
        "/metrics",
        "/healthz",
        "/readyz",
    ):
        answer = web.test_client().get(path, headers=headers)
        assert answer.status_code < 500, f"{path} {headers}"
        assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "next_",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%2f%2fevil.example",
        "http:evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " //evil.example",
        "/a\r\nSet-Cookie:x",
    ],
)
def test_nobody_is_led_to_another_site(web: Flask, next_: str) -> None:
    """Neither by the first page, which passes the address on, nor by the sign-in, which refuses it."""
    browser = web.test_client()
    first = browser.get("/", query_string={"next": next_})
    assert "evil.example" not in first.text.replace("next=/%252f%252fevil.example", "")
    answer = browser.get("/connect/xero", query_string={"next": next_})
    assert answer.status_code in (302, 400)
    assert answer.status_code == 400 or next_.startswith("/%2f")  # a path of ours, if an odd one


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/static/../kit/settings.py",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/console",
        "/debug",
        "/server-status",
        "/api/v1/",
        "/static/",
        "/organisations/../metrics",
        "/%00",
        "/%ff%fe",
        "/static/dunnock.css%00.png",
        "/" + "a" * 9_000,
    ],
)
def test_what_is_not_ours_to_show_is_not_there(web: Flask, path: str) -> None:
    answer = web.test_client().get(path, buffered=True)
    assert answer.status_code in (308, 404), path
    assert "root:" not in answer.text and "SECRET" not in answer.text


def test_a_mistake_of_ours_is_a_sentence_and_no_trace(web: Flask) -> None:
    @web.get("/broken")
    @web.get("/api/broken", endpoint="api_broken")
    @web.post("/webhooks/broken", endpoint="webhooks_broken")
    def broken() -> str:
        raise RuntimeError("the password is swordfish")

    client = web.test_client()
    page, api, hook = client.get("/broken"), client.get("/api/broken"), client.post("/webhooks/broken")
    assert {page.status_code, api.status_code, hook.status_code} <= {400, 500}
    assert api.content_type == "application/problem+json"
    for answer in (page, api, hook):
        assert not any(word in answer.text for word in ("swordfish", "Traceback", "RuntimeError", ".py"))
