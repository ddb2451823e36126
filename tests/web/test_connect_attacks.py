"""Callbacks that somebody tampers with, and identity tokens that prove nothing: 4xx, one sentence, nothing stored."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from integration.xero import identity
from sandbox.ledger import DEFAULT_USER_ID
from services.app import App
from tests.integration.xero.consent import allow
from tests.integration.xero.hostile import Script, answer, hang_up, hostile_server
from tests.services.connection_stage import Stage, stage
from tests.web.connect_stage import CALLBACK, NOTHING, Visitor, pages, stored

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Fields = dict[str, str]


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


@pytest.fixture
def visitor(play: Stage) -> Visitor:
    return Visitor(play, pages(play.app).test_client())


@pytest.fixture
def good(visitor: Visitor) -> Fields:
    """What a genuine answer of the ledger to this visitor has in it."""
    return visitor.allow(visitor.begin(), visitor.play.organisation())


def refused(visitor: Visitor, address: str = CALLBACK, **query: Any) -> None:
    """It ends with a 4xx page that says something, nobody signed in and nothing stored."""
    response = visitor.browser.get(address, query_string=query or None)
    assert 400 <= response.status_code < 500, response.status_code
    assert "Start again" in response.text or "Xero" in response.text
    assert stored(visitor.play) == NOTHING
    assert visitor.person_id() is None


@pytest.mark.parametrize(
    "change",
    [
        {"state": None},
        {"state": ""},
        {"state": "x" * 30},
        {"state": "é\x00"},
        {"code": None},
        {"code": ""},
        {"code": "x" * 43},
        {"error": "access_denied"},
        {"code": None, "error": "access_denied", "state": "guessed"},
        {"code": None, "error": ""},
        {"iss": "https://login.evil.example"},
        {"iss": ""},
        {"id_token": "e30.e30."},
        {"access_token": "t"},
        {"refresh_token": "t"},
        {"token_type": "Bearer"},
        {"redirect_uri": "https://evil.example/callback"},
        {"client_id": "another"},
        {"code_verifier": "v" * 50},
        {"nonce": "n"},
        {"next": "//evil.example"},
        {"next": "/organisations"},
    ],
    ids=str,
)
def test_a_changed_answer_is_refused(visitor: Visitor, good: Fields, change: dict[str, str | None]) -> None:
    changed = {name: value for name, value in {**good, **change}.items() if value is not None}
    refused(visitor, **changed)


@pytest.mark.parametrize("name", ["code", "state"])
def test_a_field_that_comes_twice_is_refused(visitor: Visitor, good: Fields, name: str) -> None:
    twice: dict[str, Any] = {**good, name: [good[name], "other"]}
    refused(visitor, **twice)


def test_an_empty_callback_is_refused(visitor: Visitor) -> None:
    refused(visitor)


def test_what_other_parties_may_add_does_no_harm(visitor: Visitor, good: Fields) -> None:
    """The ledger itself adds fields that the standard lets it add."""
    answered = visitor.come_back({**good, "session_state": "abc", "scope": "openid", "utm_source": "mail"})
    assert answered.status_code == 302


def test_somebody_elses_answer_is_refused(visitor: Visitor, good: Fields) -> None:
    """As when a victim is led to open a link with the attacker's code and state."""
    victim = Visitor(visitor.play, FlaskClient(visitor.browser.application, visitor.browser.response_wrapper))
    refused(victim, **good)
    victim.begin()
    refused(victim, **good)


def test_somebody_elses_code_is_refused_with_ones_own_state(visitor: Visitor, good: Fields) -> None:
    victim = Visitor(visitor.play, FlaskClient(visitor.browser.application, visitor.browser.response_wrapper))
    refused(victim, code=good["code"], state=victim.begin()["state"])


def test_an_answer_is_good_once(visitor: Visitor, good: Fields) -> None:
    with visitor.browser.session_transaction() as session:
        before = dict(session)
    assert visitor.come_back(good).status_code == 302
    left = stored(visitor.play)
    assert visitor.come_back(good).status_code == 400
    with visitor.browser.session_transaction() as session:
        session.clear()
        session.update(before)  # the old cookie again
    assert visitor.come_back(good).status_code == 400
    assert stored(visitor.play) == left


def test_only_the_sign_in_begun_last_counts(visitor: Visitor, good: Fields) -> None:
    visitor.begin()
    refused(visitor, **good)


def test_a_sign_in_takes_ten_minutes_at_most(visitor: Visitor, good: Fields) -> None:
    visitor.play.later(advance_seconds=601)
    refused(visitor, **good)


def test_a_callback_cannot_be_posted(visitor: Visitor, good: Fields) -> None:
    assert visitor.browser.post(CALLBACK, data=good).status_code in (400, 405)
    assert stored(visitor.play) == NOTHING


@pytest.mark.parametrize("fault", ["500", "503", "html", "redirect", "truncate", "drop-before", "drop-after"])
def test_a_token_endpoint_out_of_order_signs_nobody_in(visitor: Visitor, good: Fields, fault: str) -> None:
    visitor.play.fault(fault, "/connect/token")
    refused(visitor, **good)


@pytest.mark.parametrize("fault", ["500", "503", "html", "redirect", "drop-before"])
def test_without_the_signing_keys_nobody_is_signed_in(visitor: Visitor, good: Fields, fault: str) -> None:
    visitor.play.fault(fault, "/.well-known/", times=-1)
    refused(visitor, **good)


KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
JWKS = answer(200, {"keys": [KEY.as_dict(private=False)]})
Forge = Callable[[dict[str, Any]], str | None]


def signed(claims: dict[str, Any], key: RSAKey = KEY, kid: str = "k1") -> str:
    return jwt.encode({"alg": "RS256", "kid": kid}, claims, key)


def by_hand(header: dict[str, str], claims: dict[str, Any], secret: bytes = b"") -> str:
    """A token that no decent library would make."""
    head, body = (_base64(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.digest(secret, f"{head}.{body}".encode(), "sha256") if secret else b""
    return f"{head}.{body}.{_base64(signature)}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


FORGERIES: dict[str, Forge] = {
    "none at all": lambda claims: None,
    "no token": lambda claims: "not.a.token",
    "empty": lambda claims: "",
    "another key": lambda claims: signed(claims, OTHER_KEY),
    "unknown key": lambda claims: signed(claims, OTHER_KEY, kid="k2"),
    "unsigned": lambda claims: by_hand({"alg": "none"}, claims),
    "unsigned, with a key named": lambda claims: by_hand({"alg": "None", "kid": "k1"}, claims),
    "signed with the public key": lambda claims: by_hand(
        {"alg": "HS256", "kid": "k1"}, claims, KEY.as_pem(private=False)
    ),
    "another issuer": lambda claims: signed({**claims, "iss": "https://login.evil.example"}),
    "no issuer": lambda claims: signed({k: v for k, v in claims.items() if k != "iss"}),
    "for another app": lambda claims: signed({**claims, "aud": "another"}),
    "for another app, asked by us": lambda claims: signed({**claims, "aud": "another", "azp": claims["aud"]}),
    "for nobody": lambda claims: signed({k: v for k, v in claims.items() if k != "aud"}),
    "expired": lambda claims: signed({**claims, "exp": int(time.time()) - 600}),
    "without an end": lambda claims: signed({k: v for k, v in claims.items() if k != "exp"}),
    "of another sign-in": lambda claims: signed({**claims, "nonce": "another"}),
    "of no sign-in": lambda claims: signed({k: v for k, v in claims.items() if k != "nonce"}),
    "of nobody": lambda claims: signed({k: v for k, v in claims.items() if k != "sub"}),
    "changed afterwards": lambda claims: _changed(signed(claims)),
}


def _changed(token: str) -> str:
    head, body, signature = token.split(".")
    other = signed({"sub": "attacker"}).split(".")[1]
    return f"{head}.{other}.{signature}" if other != body else token


def come_back_with(
    play: Stage, forge: Forge, *keys: Script, issuer: str | None = None
) -> tuple[int, dict[str, int]]:
    """Sign in where a server of ours stands in for the sign-in service; the status, and what was stored."""
    tokens = allow(play.box, play.organisation())
    with hostile_server() as server:
        settings = replace(play.app.settings, xero_identity_url=server.url)
        visitor = Visitor(play, pages(App(settings)).test_client())
        asked = visitor.begin()
        now = int(time.time())
        claims = {
            "iss": issuer or server.url,
            "aud": settings.xero_client_id,
            "sub": "s",
            "xero_userid": DEFAULT_USER_ID,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
        }
        id_token = forge(claims)
        token = {**tokens, "id_token": id_token}
        if id_token is None:
            del token["id_token"]
        server.script += [answer(200, token, Content_Type="application/json"), *(keys or (JWKS,))]
        status = visitor.come_back({"code": "c", "state": asked["state"]}).status_code
    return status, stored(play)


@pytest.mark.parametrize("name", FORGERIES)
def test_an_identity_token_that_proves_nothing_signs_nobody_in(play: Stage, name: str) -> None:
    assert come_back_with(play, FORGERIES[name]) == (400, NOTHING)


def test_a_genuine_identity_token_signs_in(play: Stage) -> None:
    """Else the tests of forgeries would prove nothing."""
    status, left = come_back_with(play, signed)
    assert (status, left["people"], left["organisations"]) == (302, 1, 1)


def test_xeros_own_issuer_is_known_by_its_name(play: Stage) -> None:
    assert come_back_with(play, signed, issuer="https://identity.xero.com")[0] == 302


def test_keys_that_have_moved_are_found_through_the_discovery_document(play: Stage) -> None:
    with hostile_server(answer(404)) as server:
        server.script += [answer(200, {"jwks_uri": f"{server.url}/keys"}), JWKS]
        settings = replace(play.app.settings, xero_identity_url=server.url)
        assert identity.signing_keys(settings)["keys"][0]["kid"] == "k1"
    assert [sent.split(" ")[1].rpartition("/")[2] for sent in server.requests] == [
        "jwks",
        "openid-configuration",
        "keys",
    ]


def test_keys_are_not_fetched_over_an_open_line_from_elsewhere(play: Stage) -> None:
    moved = answer(200, {"jwks_uri": "http://keys.evil.example/keys"})
    assert come_back_with(play, signed, answer(404), moved) == (400, NOTHING)


@pytest.mark.parametrize(
    "keys", [answer(200, {"keys": []}), answer(200, {"nothing": 1}), answer(200, b"[]"), hang_up]
)
def test_keys_that_are_none_sign_nobody_in(play: Stage, keys: Script) -> None:
    assert come_back_with(play, signed, keys) == (400, NOTHING)
