"""What SendGrid posts is verified, stored, and only then acknowledged."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from integration.email.event_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER
from kit import clock
from sandbox.config import SandboxConfig, generate_event_key
from sandbox.mail_events import EventSigner
from services import mail_events, replies
from services.app import App
from services.inbound_mail import InboundMail
from services.mail_access import open_mailer
from store.models import InboxEvent
from tests.integration.email.letters import letter
from tests.services.mail_stage import INBOUND_DOMAIN, INBOUND_TOKEN, Stage, StageHand, stage_hand
from tests.support.sandbox import running_sandbox
from webhooks.sendgrid import LARGEST_EVENTS, LARGEST_MAIL, webhooks_sendgrid

SIGNER = EventSigner(generate_event_key())
EVENTS = "/webhooks/sendgrid/events"
INBOUND = f"/webhooks/sendgrid/inbound?token={INBOUND_TOKEN}"


def web(app: App) -> Flask:
    """A server with these webhooks and nothing else."""
    flask = Flask(__name__)
    flask.extensions["dunnock"] = app
    flask.register_blueprint(webhooks_sendgrid)
    return flask


@pytest.fixture
def set_stage(database_url: str, tmp_path: Path) -> Iterator[StageHand]:
    with stage_hand(database_url, tmp_path) as hand:
        yield hand


@pytest.fixture
def stage(set_stage: StageHand) -> Stage:
    return set_stage(SENDGRID_EVENT_PUBLIC_KEY=SIGNER.public_key())


@pytest.fixture
def client(stage: Stage) -> FlaskClient:
    return web(stage.app).test_client()


def post(
    client: FlaskClient, body: bytes, signed_at: timedelta = timedelta(), **headers: str
) -> TestResponse:
    """Events as SendGrid posts them, signed this long ago (or ahead)."""
    signed = SIGNER.headers(body, clock.now() - signed_at)
    return client.post(EVENTS, data=body, headers={**signed, "Content-Type": "application/json", **headers})


def stored(stage: Stage) -> list[InboxEvent]:
    with stage.app.database.read_across() as session:
        return list(session.scalars(select(InboxEvent).order_by(InboxEvent.id)))


def event(number: int = 1, **values: Any) -> dict[str, Any]:
    return {"event": "delivered", "timestamp": 1, "sg_event_id": f"event-{number:08}", **values}


def test_signed_events_are_stored_one_by_one_and_answered_with_nothing(
    client: FlaskClient, stage: Stage
) -> None:
    answer = post(client, json.dumps([event(1), event(2)]).encode())
    assert (answer.status_code, answer.data) == (200, b"")
    assert "Set-Cookie" not in answer.headers
    assert [row.key for row in stored(stage)] == ["event-00000001", "event-00000002"]
    assert json.loads(stored(stage)[0].payload) == event(1)


def test_an_event_that_comes_twice_is_stored_once(client: FlaskClient, stage: Stage) -> None:
    for body in ([event(1)], [event(1), event(1), event(2)]):
        assert post(client, json.dumps(body).encode()).status_code == 200
    assert len(stored(stage)) == 2


def test_an_event_without_a_usable_id_is_known_by_what_it_says(client: FlaskClient, stage: Stage) -> None:
    names = [None, 7, "", "x" * 900, "a\x00b" * 5, "'; drop table"]
    for name in names * 2:
        assert post(client, json.dumps([event(sg_event_id=name)]).encode()).status_code == 200
    assert len(stored(stage)) == len(names)


def test_a_signed_body_that_is_no_list_is_parked_and_acknowledged(client: FlaskClient, stage: Stage) -> None:
    bodies = [
        b"",
        b"{}",
        b"[",
        b"null",
        b"[" * 100_000,
        b"\xff",
        b'{"events": []}',
        b'[{"a": ' + b"[" * 50_000,
    ]
    for body in bodies:
        assert post(client, body).status_code == 200
    assert len(stored(stage)) == len(bodies)
    assert all(row.handled_at and str(row.outcome).startswith("parked: ") for row in stored(stage))
    assert not mail_events.waiting(stage.app)


def test_an_empty_list_is_nothing(client: FlaskClient, stage: Stage) -> None:
    assert post(client, b"[]").status_code == 200
    assert stored(stage) == []


BODY = json.dumps([event()]).encode()


FORGERIES: list[dict[str, str]] = [
    {SIGNATURE_HEADER: ""},
    {SIGNATURE_HEADER: "no base64"},
    {SIGNATURE_HEADER: base64.b64encode(b"x" * 70).decode()},
    {SIGNATURE_HEADER: "é"},
    {SIGNATURE_HEADER: EventSigner(generate_event_key()).headers(BODY, clock.now())[SIGNATURE_HEADER]},
    {TIMESTAMP_HEADER: ""},
    {TIMESTAMP_HEADER: "1e9"},
    {TIMESTAMP_HEADER: "9" * 30},
    {TIMESTAMP_HEADER: "-1"},
    {TIMESTAMP_HEADER: "٣"},
]


def test_what_is_not_signed_by_sendgrid_is_refused(client: FlaskClient, stage: Stage) -> None:
    for forged in FORGERIES:
        raw: Any = {name: value.encode().decode("latin-1") for name, value in forged.items()}
        answer = post(client, BODY, **raw)
        assert (answer.status_code, answer.data) == (401, b""), forged
    assert stored(stage) == []


def test_a_changed_byte_breaks_the_signature(client: FlaskClient, stage: Stage) -> None:
    signed = SIGNER.headers(BODY, clock.now())
    for changed in (BODY + b"\n", BODY.replace(b"delivered", b"bounce"), b" " + BODY, BODY[:-1]):
        assert client.post(EVENTS, data=changed, headers=signed).status_code == 401
    assert stored(stage) == []


def test_an_old_list_cannot_be_played_again(client: FlaskClient) -> None:
    for minutes, status in ((4, 200), (-4, 200), (6, 401), (-6, 401), (60 * 24, 401)):
        assert post(client, BODY, timedelta(minutes=minutes)).status_code == status


def test_without_a_key_nobody_is_believed(stage: Stage) -> None:
    for key in ("", "nonsense", "AAAA", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"):
        app = App(replace(stage.app.settings, sendgrid_event_public_key=key))
        assert post(web(app).test_client(), BODY).status_code == 401


def test_while_a_key_is_changed_the_old_and_the_new_one_count(set_stage: StageHand) -> None:
    new = EventSigner(generate_event_key()).public_key()
    stage = set_stage(SENDGRID_EVENT_PUBLIC_KEY=f"{new}, {SIGNER.public_key()}")
    assert post(web(stage.app).test_client(), BODY).status_code == 200


def test_a_list_that_is_too_large_is_refused(client: FlaskClient, stage: Stage) -> None:
    answer = post(client, b" " * (LARGEST_EVENTS + 1))
    assert (answer.status_code, answer.data) == (413, b"")
    assert stored(stage) == []


def test_a_thousand_events_are_taken_at_once(client: FlaskClient, stage: Stage) -> None:
    assert post(client, json.dumps([event(number) for number in range(1_000)]).encode()).status_code == 200
    assert len(stored(stage)) == 1_000


def test_nothing_is_acknowledged_that_could_not_be_stored(client: FlaskClient, stage: Stage) -> None:
    with stage.app.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox_events RENAME TO away")
    assert post(client, BODY).status_code == 503
    assert client.post(INBOUND, data={"to": "x"}).status_code == 503


def form(stage: Stage, **fields: Any) -> dict[str, Any]:
    return {
        "headers": "Message-ID: <one@ashdown.example>\n",
        "to": f"r-{stage.token}@{INBOUND_DOMAIN}",
        "from": "Priya Nair <priya@ashdown.example>",
        "subject": "Re: Invoice",
        "text": "Paid.",
        "envelope": f'{{"to":["r-{stage.token}@{INBOUND_DOMAIN}"],"from":"priya@ashdown.example"}}',
        **fields,
    }


def multipart(client: FlaskClient, fields: dict[str, Any]) -> TestResponse:
    return client.post(INBOUND, data=fields, content_type="multipart/form-data")


def test_a_mail_is_stored_whole_before_it_is_acknowledged(client: FlaskClient, stage: Stage) -> None:
    file = (io.BytesIO(b"%PDF"), "Größe.pdf", "application/pdf")
    answer = multipart(client, form(stage, attachment1=file))
    assert (answer.status_code, answer.data) == (200, b"")
    (row,) = stored(stage)
    mail = msgspec.msgpack.decode(row.payload, type=InboundMail)
    assert mail.fields["text"] == b"Paid."
    assert [(one.name, one.content_type, one.content) for one in mail.files] == [
        ("Größe.pdf", "application/pdf", b"%PDF")
    ]


def test_bytes_that_are_no_utf8_arrive_as_they_were(client: FlaskClient, stage: Stage) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xfcberwiesen\r\n--x--\r\n'
    assert client.post(INBOUND, data=body, content_type="multipart/form-data; boundary=x").status_code == 200
    assert (
        msgspec.msgpack.decode(stored(stage)[0].payload, type=InboundMail).fields["text"] == b"\xfcberwiesen"
    )


def test_a_mail_that_is_delivered_twice_is_stored_once(client: FlaskClient, stage: Stage) -> None:
    for _ in range(3):  # the test client makes a new boundary each time, as SendGrid may
        assert multipart(client, form(stage)).status_code == 200
    assert len(stored(stage)) == 1


def test_two_mails_without_an_id_are_two(client: FlaskClient, stage: Stage) -> None:
    for text in ("one", "two", "two"):
        assert multipart(client, form(stage, headers="", text=text)).status_code == 200
    assert len(stored(stage)) == 2


def test_a_stranger_cannot_bring_mail_in(client: FlaskClient, stage: Stage) -> None:
    for token in ("", "wrong", INBOUND_TOKEN + "x", INBOUND_TOKEN[:-1], INBOUND_TOKEN.upper(), "é"):
        answer = client.post("/webhooks/sendgrid/inbound", query_string={"token": token}, data=form(stage))
        assert (answer.status_code, answer.data) == (401, b"")
    assert client.post("/webhooks/sendgrid/inbound", data=form(stage)).status_code == 401
    assert stored(stage) == []


def test_without_a_token_no_mail_comes_in(set_stage: StageHand) -> None:
    stage = set_stage(INBOUND_MAIL_TOKEN="")
    client = web(stage.app).test_client()
    assert client.post("/webhooks/sendgrid/inbound?token=", data=form(stage)).status_code == 401


def test_a_long_mail_is_taken_and_a_huge_one_refused(client: FlaskClient, stage: Stage) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--x--\r\n"
    assert client.post(INBOUND, data=part, content_type="multipart/form-data; boundary=x").status_code == 200
    assert len(stored(stage)) == 1
    huge = client.post(
        INBOUND, data=b"x" * (LARGEST_MAIL + 1), content_type="multipart/form-data; boundary=x"
    )
    assert huge.status_code == 413


def test_too_many_parts_are_refused(client: FlaskClient, stage: Stage) -> None:
    assert multipart(client, {f"field{number}": "x" for number in range(100)}).status_code == 413
    assert stored(stage) == []


NO_FORMS = [
    ("text/plain", b"hello"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b""),
    ("multipart/form-data; boundary=x", b"--x\r\nno end"),
    ("multipart/form-data; boundary=x", b"--x\r\nX-A: b\r\n\r\nnameless\r\n--x--\r\n"),
    ("multipart/form-data; boundary=" + "y" * 500, b"--x--"),
]


def test_what_is_no_form_is_parked_and_acknowledged(client: FlaskClient, stage: Stage) -> None:
    for content_type, body in NO_FORMS:
        assert client.post(INBOUND, data=body, content_type=content_type).status_code == 200
    assert [str(row.outcome).split(":")[0] for row in stored(stage)] == ["parked"] * len(NO_FORMS)


def test_a_real_round_over_http_from_chaser_to_answer(database_url: str, tmp_path: Path) -> None:
    """Sent, reported as delivered, answered: over real connections, with the sandbox as the provider."""
    config = replace(SandboxConfig(), inbound_domain=INBOUND_DOMAIN)
    signer = EventSigner(config.event_private_key)
    with stage_hand(database_url, tmp_path) as set_stage:
        stage = set_stage(
            "unknown", SENDGRID_EVENT_PUBLIC_KEY=signer.public_key(), SENDGRID_API_KEY=config.sendgrid_api_key
        )
        server = make_server("127.0.0.1", 0, web(stage.app), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        ours = f"http://127.0.0.1:{server.server_port}"
        config = replace(config, event_url=ours + EVENTS, inbound_url=ours + INBOUND)
        try:
            with running_sandbox(config) as sandbox:
                app = App(replace(stage.app.settings, sendgrid_api_url=sandbox.url))
                address = replies.reply_address(app, stage.token)
                mail = letter(id=stage.chaser_id, organisation_id=stage.organisation_id, reply_to=address)
                open_mailer(app, stage.organisation_id).send(mail)
                app.database.close()
                until(lambda: is_delivered(stage))
                (caught,) = sandbox.get("/sandbox/mail").json()
                assert (
                    sandbox.post(f"/sandbox/mail/{caught['id']}/reply", text="Paid today.").json()["status"]
                    == 200
                )
                replies.handle(stage.app)
                assert [str(reply.body_text)[:11] for reply in stage.replies()] == ["Paid today."]
                assert stage.holds()[0].reason.endswith("“Paid today.”")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def is_delivered(stage: Stage) -> bool:
    mail_events.handle(stage.app)
    return stage.chaser().status == "delivered"


def until(done: Callable[[], bool]) -> None:
    """Wait, but not for ever."""
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)
