"""Twilio's two webhooks: what is signed is kept before it is acknowledged, anything else is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from integration.sms.signature import signature_of
from services.app import App
from store.models import InboxEvent
from tests.support.chasing import TWILIO
from tests.support.mirrored import make_app
from web import assemble
from webhooks.twilio import webhooks_twilio

HOME = "https://dunnock.example"
STATUS = "/webhooks/twilio/status?organisation=" + "1" * 32 + "&text=" + "2" * 32
INBOUND = "/webhooks/twilio/inbound"
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+447400123456", "Body": "Grüße & more ="}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    made = make_app(database_url, tmp_path, PUBLIC_URL=HOME, **TWILIO)
    yield made
    made.database.close()


@pytest.fixture
def client(app: App) -> FlaskClient:
    return assemble(app, webhooks_twilio).test_client()


def post(
    client: FlaskClient, path: str, form: dict[str, str], token: str = TWILIO["TWILIO_AUTH_TOKEN"]
) -> int:
    signature = signature_of(token, HOME + path, form.items())
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature}).status_code


def kept(app: App) -> list[tuple[str, bytes]]:
    with app.database.read_across() as session:
        return [(one.source, one.payload) for one in session.query(InboxEvent).order_by(InboxEvent.id)]


@pytest.mark.parametrize(("path", "source"), [(STATUS, "twilio_status"), (INBOUND, "twilio_inbound")])
def test_what_is_signed_is_kept_once(app: App, client: FlaskClient, path: str, source: str) -> None:
    assert post(client, path, FORM) == 200
    assert post(client, path, FORM) == 200
    (found,) = kept(app)
    assert found[0] == source and "Grüße & more =".encode() in found[1]


@pytest.mark.parametrize("path", [STATUS, INBOUND])
def test_what_is_not_signed_by_the_account_is_refused(app: App, client: FlaskClient, path: str) -> None:
    assert post(client, path, FORM, "another token") == 401
    assert client.post(path, data=FORM).status_code == 401
    signature = signature_of(TWILIO["TWILIO_AUTH_TOKEN"], HOME + path, FORM.items())
    changed = FORM | {"To": "+447400999999"}
    assert client.post(path, data=changed, headers={"X-Twilio-Signature": signature}).status_code == 401
    assert client.post(path, data=b"\xff" * 100, headers={"X-Twilio-Signature": "ü"}).status_code == 401
    assert client.post(path, data=b"a=" + b"b" * 70_000).status_code in (401, 413)
    assert kept(app) == []


def test_the_signature_is_twilios_own() -> None:
    """The example of Twilio's documentation on the security of webhooks."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature_of("12345", address, form.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_without_a_token_nothing_is_taken(database_url: str, tmp_path: Path) -> None:
    made = make_app(database_url, tmp_path)
    assert post(assemble(made, webhooks_twilio).test_client(), INBOUND, FORM) == 401
    made.database.close()
