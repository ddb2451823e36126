"""Whoever tries too often is told to wait, and nobody else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kit import settings
from services import api_tokens
from services.app import App
from tests.support import cast
from tests.support.mirrored import NOWHERE
from web import create_app
from web.limits import SIGN_IN, UNKNOWN_TOKEN

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Serve = Callable[[str], tuple[App, FlaskClient]]


@pytest.fixture
def serve(database_url: str, tmp_path: Path) -> Iterator[Serve]:
    """Serves the app with Redis at an address."""
    apps: list[App] = []

    def begin(redis_url: str) -> tuple[App, FlaskClient]:
        environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "VAR_DIR": str(tmp_path)}
        secrets = {
            "SECRET_KEY": "s" * 40,
            "TOKEN_KEYS": "t",
            "XERO_CLIENT_ID": "c",
            "XERO_CLIENT_SECRET": "d",
        }
        apps.append(App(settings.load({**environment, **secrets})))
        return apps[-1], create_app(apps[-1]).test_client()

    yield begin
    for app in apps:
        app.database.close()


def ask(client: FlaskClient, token: str, address: str = "192.0.2.7") -> TestResponse:
    return client.get(
        "/api/v1/organisation",
        headers={"Authorization": f"Bearer {token}"},
        environ_base={"REMOTE_ADDR": address},
    )


@pytest.mark.parametrize("away", [False, True], ids=["redis is there", "redis is away"])
def test_guessing_tokens_ends_soon_and_only_for_whoever_guesses(
    serve: Serve, redis_url: str, away: bool
) -> None:
    app, client = serve(NOWHERE if away else redis_url)
    token = api_tokens.create(app, cast.fill(app.database).organisation_id, "owner")
    for number in range(UNKNOWN_TOKEN.most):
        assert ask(client, f"dk_guess_{number}").status_code == 401
    refused = ask(client, "dk_guess")
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert refused.content_type == "application/problem+json"
    assert refused.get_json()["detail"].startswith("That was tried very often")
    assert ask(client, token).status_code == 200, "a right token is served from the same address too"
    assert ask(client, "dk_guess", "198.51.100.1").status_code == 401, "another address has tries of its own"


def test_signing_in_too_often_is_answered_with_a_page_in_words(serve: Serve, redis_url: str) -> None:
    _, client = serve(redis_url)
    for _ in range(SIGN_IN.most):
        assert client.get("/connect/xero").status_code == 302
    for path in ("/connect/xero", "/connect/xero/callback?code=c&state=s"):
        refused = client.get(path)
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
        assert "Wait a minute, then try again." in refused.text
    assert client.get("/").status_code == 200


def test_all_addresses_of_a_household_count_together(serve: Serve, redis_url: str) -> None:
    _, client = serve(redis_url)
    answers = [
        ask(client, "dk_guess", f"2001:db8:1:2::{number:x}") for number in range(1, UNKNOWN_TOKEN.most + 2)
    ]
    assert answers[-1].status_code == 429
    assert ask(client, "dk_guess", "2001:db8:1:3::1").status_code == 401


def test_counts_end_by_themselves_and_hold_no_address(serve: Serve, redis_url: str) -> None:
    _, client = serve(redis_url)
    ask(client, "dk_guess", "192.0.2.77")
    connection = redis.Redis.from_url(redis_url, decode_responses=True)
    (key,) = connection.scan_iter("tries:*")
    assert 0 < int(connection.ttl(key)) <= UNKNOWN_TOKEN.seconds
    assert "192.0.2.77" not in str(key)
    connection.close()
