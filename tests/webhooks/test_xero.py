"""Xero's webhook: right signatures are stored and answered 200, everything else is 401 and leaves no trace."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from kit.doorbell import Doorbell
from services.app import App
from store.database import Database
from store.models import InboxEvent
from tests.support.mirrored import make_app
from webhooks.xero import MOST_BYTES, in_front

KEY = "LR+QgKlbRciIPYpi65tTKLaZ3FzLLofCNEQWrRXqWXJeDFrfexzfVI9SmnVuCWDJ4jnjHB9ECtOyxZSofRxwWw=="
HANDSHAKE = b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "LUWDSUDGSWNZVALZXBEV"}'
HANDSHAKE_SIGNATURE = "BjzNbYUfrzg4g8wxm+dKHaZVrKxr2m75E296fUbD1E4="
TENANT = "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f"


def sign(body: bytes, key: str = KEY) -> str:
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    values = {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{number:032x}",
        "resourceId": f"{number:08x}-0000-4000-8000-000000000000",
        "eventDateUtc": "2025-12-02T00:44:09.923",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": TENANT,
        "tenantType": "ORGANISATION",
    }
    return values | fields


def delivery(*events: Any) -> bytes:
    return json.dumps(
        {"events": events, "firstEventSequence": 1, "lastEventSequence": 1, "entropy": "X"}
    ).encode()


@dataclass
class Receiver:
    app: App
    flask: Flask

    def post(self, body: bytes, signature: str | None = None, **options: Any) -> TestResponse:
        headers = {"x-xero-signature": sign(body) if signature is None else signature}
        return self.flask.test_client().post("/webhooks/xero", data=body, headers=headers, **options)

    def stored(self) -> list[InboxEvent]:
        with self.app.database.read_across() as session:
            return list(session.scalars(select(InboxEvent).order_by(InboxEvent.id)))


@pytest.fixture
def receiver(database_url: str, tmp_path: Path) -> Iterator[Receiver]:
    app = make_app(database_url, tmp_path, XERO_WEBHOOK_KEY=KEY)
    yield Receiver(app, serve(app))
    app.database.close()


def serve(app: App) -> Flask:
    flask = Flask("webhooks")
    flask.wsgi_app = in_front(app, flask.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask's own way
    return flask


def assert_empty(response: TestResponse, status: int) -> None:
    assert response.status_code == status
    assert response.data == b""
    assert "Set-Cookie" not in response.headers
    assert "Content-Type" not in response.headers


def test_the_handshake_is_answered_as_xero_wants(receiver: Receiver) -> None:
    for _ in range(3):
        assert_empty(receiver.post(HANDSHAKE, HANDSHAKE_SIGNATURE), 200)
        assert_empty(receiver.post(HANDSHAKE, "/" + HANDSHAKE_SIGNATURE[1:]), 401)
    assert receiver.stored() == []


WRONG_SIGNATURES = {
    "empty": "",
    "cut": HANDSHAKE_SIGNATURE[:-1],
    "first character only": HANDSHAKE_SIGNATURE[:1],
    "other case": HANDSHAKE_SIGNATURE.swapcase(),
    "twice": HANDSHAKE_SIGNATURE + HANDSHAKE_SIGNATURE,
    "twice, as a list": f"{HANDSHAKE_SIGNATURE}, {HANDSHAKE_SIGNATURE}",
    "for URLs": HANDSHAKE_SIGNATURE.replace("+", "-").replace("/", "_"),
    "in hexadecimal": base64.b64decode(HANDSHAKE_SIGNATURE).hex(),
    "with a prefix": "sha256=" + HANDSHAKE_SIGNATURE,
    "not ASCII": "é" * 44,
    "of another key": sign(HANDSHAKE, "another"),
    "of the decoded key": base64.b64encode(hmac.digest(base64.b64decode(KEY), HANDSHAKE, "sha256")).decode(),
    "of another body": sign(HANDSHAKE + b"\n"),
    "with SHA-1": base64.b64encode(hmac.digest(KEY.encode(), HANDSHAKE, "sha1")).decode(),
    "of the empty key": sign(HANDSHAKE, ""),
}


@pytest.mark.parametrize("signature", WRONG_SIGNATURES.values(), ids=WRONG_SIGNATURES.keys())
def test_a_wrong_signature_is_refused(receiver: Receiver, signature: str) -> None:
    assert_empty(receiver.post(HANDSHAKE, signature), 401)


def test_a_missing_signature_is_refused_and_nothing_is_stored(receiver: Receiver) -> None:
    response = receiver.flask.test_client().post("/webhooks/xero", data=delivery(event()))
    assert_empty(response, 401)
    assert receiver.stored() == []


def test_any_changed_byte_is_refused(receiver: Receiver) -> None:
    body = delivery(event())
    signature = sign(body)
    chance = random.Random(7)
    for _ in range(100):
        place = chance.randrange(len(body))
        changed = body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1 :]
        assert_empty(receiver.post(changed, signature), 401)
    assert_empty(receiver.post(json.dumps(json.loads(body), indent=1).encode(), signature), 401)
    assert receiver.stored() == []


@pytest.mark.parametrize("environment", [{}, {"XERO_WEBHOOK_KEY": " , "}])
def test_without_a_key_everything_is_refused(
    environment: dict[str, str], tmp_path: Path, sqlite_template: Path
) -> None:
    app = make_app(f"sqlite:///{sqlite_template}", tmp_path, **environment)
    assert_empty(Receiver(app, serve(app)).post(HANDSHAKE, sign(HANDSHAKE, "")), 401)
    app.database.close()


def test_two_keys_are_valid_while_one_replaces_the_other(tmp_path: Path, sqlite_template: Path) -> None:
    app = make_app(f"sqlite:///{sqlite_template}", tmp_path, XERO_WEBHOOK_KEY="old-key, new-key")
    receiver = Receiver(app, serve(app))
    statuses = [
        receiver.post(HANDSHAKE, sign(HANDSHAKE, key)).status_code for key in ("old-key", "new-key", "third")
    ]
    app.database.close()
    assert statuses == [200, 200, 401]


def test_every_event_is_stored_before_the_answer_and_only_once(receiver: Receiver) -> None:
    body = delivery(event(1), event(2), event(1), event(1, tenantId="other"), event(1, eventType="CREATE"))
    for _ in range(3):
        assert_empty(receiver.post(body), 200)
    stored = receiver.stored()
    assert [(each.tenant, each.handled_at) for each in stored] == [
        (TENANT, None),
        (TENANT, None),
        ("other", None),
        (TENANT, None),
    ]
    assert json.loads(stored[0].payload) == event(1)


def test_case_makes_no_new_event(receiver: Receiver) -> None:
    receiver.post(delivery(event(1)))
    receiver.post(delivery(event(1, eventType="Update", eventCategory="Invoice", tenantId=TENANT.upper())))
    assert len(receiver.stored()) == 1


STRANGE = {
    "unknown category and fields": delivery(event(eventCategory="PARCEL", surprise={"a": [1, None]})),
    "payments": delivery(event(eventCategory="PAYMENT", data={"Type": "ACCRECPAYMENT"})),
    "no tenant": delivery({"resourceId": "x"}),
    "an absurd tenant": delivery(event(tenantId="x" * 1000)),
    "a tenant with a NUL": delivery(event(tenantId="a\x00b")),
    "numbers for texts": delivery(event(tenantId=7)),
    "an event that is a list": delivery([1, 2]),
    "no JSON": b"hello",
    "nothing": b"",
    "not UTF-8": b'{"events":[{"tenantId":"\xff"}]}',
    "a list": b"[]",
    "null events": b'{"events":null}',
    "NaN": b'{"events":[NaN]}',
    "deep": b'{"events":[' + b"[" * 10_000 + b"]" * 10_000 + b"]}",
    "a deep event": b'{"events":[{"tenantId":"t","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}]}",
    "huge integer": b'{"events":[],"firstEventSequence":' + b"9" * 5_000 + b"}",
    "many keys": b'{"events":[],' + b",".join(b'"k%d":1' % number for number in range(50_000)) + b"}",
    "a key twice": b'{"events":[],"events":[]}',
    "half a surrogate": b'{"events":[{"tenantId":"\\ud800"}]}',
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE.keys())
def test_nothing_that_is_well_signed_makes_it_fail(receiver: Receiver, body: bytes) -> None:
    assert_empty(receiver.post(body), 200)
    assert_empty(receiver.post(body), 200)
    assert len(receiver.stored()) <= 1


def test_what_cannot_be_understood_is_parked_and_not_followed(receiver: Receiver) -> None:
    receiver.post(b"hello")
    (parked,) = receiver.stored()
    assert (
        parked.handled_at is not None and parked.outcome is not None and parked.outcome.startswith("parked")
    )
    assert parked.payload == b"hello"


class Endless(io.RawIOBase):
    """A body that never ends, and counts what was read of it."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.given += len(buffer)
        buffer[:] = b" " * len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("environment", "most_read"),
    [
        ({"CONTENT_LENGTH": str(MOST_BYTES + 1)}, 0),
        ({"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}, 2 * MOST_BYTES),
    ],
    ids=["declared", "chunked"],
)
def test_too_large_a_body_is_refused_without_reading_it_all(
    receiver: Receiver, environment: dict[str, Any], most_read: int
) -> None:
    endless = Endless()
    response = receiver.flask.test_client().post(
        "/webhooks/xero", environ_overrides={"wsgi.input": endless, **environment}
    )
    assert_empty(response, 413)
    assert endless.given <= most_read


def test_the_largest_body_is_taken(receiver: Receiver) -> None:
    events = [event(number) for number in range(3_000)]
    assert_empty(receiver.post(delivery(*events)), 200)
    assert len(receiver.stored()) == 3_000


def test_while_the_database_is_locked_the_answer_is_503_soon(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    app = make_app(f"sqlite:///{path}", tmp_path, XERO_WEBHOOK_KEY=KEY)
    receiver = Receiver(app, serve(app))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert_empty(receiver.post(delivery(event())), 503)
    other.execute("ROLLBACK")
    other.close()
    assert_empty(receiver.post(delivery(event())), 200)
    assert len(receiver.stored()) == 1
    app.database.close()


def test_while_a_table_is_locked_on_postgresql_the_answer_is_503_soon(receiver: Receiver) -> None:
    if receiver.app.database.dialect != "postgresql":
        pytest.skip("locks of single tables are PostgreSQL's")
    other = Database(receiver.app.settings.database_url)
    with other.engine.begin() as connection:
        connection.execute(text("LOCK TABLE inbox_events IN ACCESS EXCLUSIVE MODE"))
        assert_empty(receiver.post(delivery(event())), 503)
    other.close()
    assert_empty(receiver.post(delivery(event())), 200)


def test_without_tables_the_answer_is_503(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path, XERO_WEBHOOK_KEY=KEY)
    assert_empty(Receiver(app, serve(app)).post(delivery(event())), 503)
    app.database.close()


def test_without_redis_the_answer_is_200_all_the_same(receiver: Receiver) -> None:
    assert not Doorbell(receiver.app.redis).ring("jobs.mirror.handle_news", TENANT)
    assert_empty(receiver.post(delivery(event())), 200)
    assert len(receiver.stored()) == 1
