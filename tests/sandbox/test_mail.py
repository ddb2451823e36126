"""The mail service as an application meets it: what it accepts, refuses, tells and brings back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook as SendGridVerifier
from sendgrid.helpers.mail import Mail as SendGridMail

from sandbox.app import create_sandbox
from sandbox.config import SandboxConfig
from sandbox.mail_checks import problems_of
from tests.sandbox.mail_receiver import Post, Receiver, receiving, serving

KEY = {"Authorization": "Bearer SG.sandbox"}
PDF = b"%PDF-1.4 an invoice"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture
def app(receiver: Receiver) -> Iterator[Flask]:
    app = create_sandbox(
        SandboxConfig(
            event_url=f"{receiver.url}/events",
            inbound_url=f"{receiver.url}/inbound?token=t",
            inbound_domain="reply.example",
        )
    )
    yield app
    app.extensions["sandbox_webhooks"].stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def a_mail(to: str = "martha@alder.example", **changes: Any) -> dict[str, Any]:
    body = {
        "personalizations": [{"to": [{"email": to, "name": "Martha Quill"}]}],
        "from": {"email": "accounts@hedgerow.example", "name": "Hedgerow Joinery"},
        "reply_to": {"email": "r-1@reply.example"},
        "subject": "Invoice INV-7 is due",
        "content": [
            {"type": "text/plain", "value": "Dear Martha,\nplease pay."},
            {"type": "text/html", "value": "<p>Dear Martha</p>"},
        ],
        "headers": {"Message-ID": "<m1@hedgerow.example>"},
        "custom_args": {"communication_id": "42"},
    }
    return body | changes


def send(client: FlaskClient, **changes: Any) -> Any:
    return client.post("/v3/mail/send", json=a_mail(**changes), headers=KEY)


def only_mail(client: FlaskClient) -> dict[str, Any]:
    (mail,) = client.get("/sandbox/mail").get_json()
    return dict(mail)


def events_of(posts: list[Post]) -> list[dict[str, Any]]:
    return [event for post in posts if post.path == "events" for event in json.loads(post.body)]


def test_an_accepted_mail_answers_202_with_an_empty_body_and_its_message_id(client: FlaskClient) -> None:
    answer = send(client)
    assert (answer.status_code, answer.data) == (202, b"")
    assert answer.headers["X-Message-Id"] == only_mail(client)["x_message_id"]


def test_a_mail_is_kept_with_everything_that_was_sent(client: FlaskClient) -> None:
    file = {"content": base64.b64encode(PDF).decode(), "filename": "INV-7.pdf", "type": "application/pdf"}
    send(client, attachments=[file])
    mail = only_mail(client)
    assert mail["from"] == {"email": "accounts@hedgerow.example", "name": "Hedgerow Joinery"}
    assert mail["to"] == [{"email": "martha@alder.example", "name": "Martha Quill"}]
    assert mail["reply_to"] == {"email": "r-1@reply.example", "name": None}
    assert (mail["subject"], mail["text"]) == ("Invoice INV-7 is due", "Dear Martha,\nplease pay.")
    assert (mail["html"], mail["custom_args"]) == ("<p>Dear Martha</p>", {"communication_id": "42"})
    assert mail["message_id"] == "<m1@hedgerow.example>"
    assert mail["attachments"][0] | {"sha256": ""} == {
        "name": "INV-7.pdf",
        "type": "application/pdf",
        "size": len(PDF),
        "sha256": "",
    }
    assert client.get(f"/sandbox/mail/{mail['id']}").get_json() == mail


def test_each_personalization_is_a_mail_of_its_own(client: FlaskClient) -> None:
    blocks = [
        {"to": [{"email": "a@one.example"}], "custom_args": {"id": "1"}},
        {"to": [{"email": "b@two.example"}], "custom_args": {"id": "2"}, "subject": "Another"},
    ]
    send(client, personalizations=blocks)
    first, second = client.get("/sandbox/mail").get_json()
    assert (first["to"][0]["email"], first["custom_args"]["id"]) == ("a@one.example", "1")
    assert (second["to"][0]["email"], second["subject"]) == ("b@two.example", "Another")
    assert first["x_message_id"] == second["x_message_id"]


def test_a_mail_without_message_id_gets_one(client: FlaskClient) -> None:
    send(client, headers={})
    assert only_mail(client)["message_id"].startswith("<")


def test_sendgrids_own_sandbox_mode_checks_and_keeps_nothing(client: FlaskClient) -> None:
    assert send(client, mail_settings={"sandbox_mode": {"enable": True}}).status_code == 200
    assert client.get("/sandbox/mail").get_json() == []


def test_mails_can_be_forgotten(client: FlaskClient) -> None:
    send(client)
    assert client.delete("/sandbox/mail").status_code == 204
    assert client.get("/sandbox/mail").get_json() == []


def test_a_wrong_key_is_refused_and_nothing_is_kept(client: FlaskClient) -> None:
    answer = client.post("/v3/mail/send", json=a_mail(), headers={"Authorization": "Bearer SG.other"})
    assert answer.status_code == 401
    assert set(answer.get_json()["errors"][0]) == {"message", "field", "help"}
    assert client.get("/sandbox/mail").get_json() == []


def test_a_body_that_is_not_json_is_refused(client: FlaskClient) -> None:
    broken = client.post("/v3/mail/send", data="{", headers=KEY, content_type="application/json")
    form = client.post("/v3/mail/send", data={"a": "b"}, headers=KEY)
    assert (broken.status_code, form.status_code) == (400, 415)


def test_a_body_over_30_mb_is_too_large(client: FlaskClient) -> None:
    answer = client.post("/v3/mail/send", data=b" " * (30 * 1024 * 1024 + 1), headers=KEY)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        (
            {"personalizations": [{"to": [{"email": "a@x.example"}], "cc": 5}]},
            "personalizations.0.cc.0.email",
        ),
        (
            {"personalizations": [{"to": [{"email": "a@x.example"}], "cc": [{"email": "A@x.example"}]}]},
            "personalizations.0",
        ),
        ({"from": {}}, "from.email"),
        ({"from": {"email": "not an address"}}, "from.email"),
        ({"reply_to": {"email": "x"}}, "reply_to.email"),
        ({"subject": ""}, "subject"),
        ({"subject": "two\r\nBcc: lines@x.example"}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        (
            {
                "content": [
                    {"type": "text/html", "value": "<p>"},
                    {"type": "text/plain", "value": "x"},
                ]
            },
            "content",
        ),
        ({"attachments": [{"content": "@@", "filename": "a"}]}, "attachments.0.content"),
        ({"attachments": [{"content": "YQ=="}]}, "attachments.0.filename"),
        ({"headers": {"X-A": "b\nBcc: c@d.example"}}, "headers.X-A"),
        ({"headers": {"Subject": "again"}}, "headers"),
        ({"custom_args": {"id": 7}}, "custom_args"),
        ({"custom_args": {"id": "x" * 10_001}}, "custom_args"),
        ({"categories": ["a"] * 2}, "categories"),
    ],
)
def test_a_bad_body_is_refused_with_the_field_that_is_wrong(
    client: FlaskClient, changes: dict[str, Any], field: str
) -> None:
    answer = send(client, **changes)
    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.get_json()["errors"]]
    assert client.get("/sandbox/mail").get_json() == []


def test_more_than_a_thousand_recipients_are_refused(client: FlaskClient) -> None:
    many = [{"email": f"p{number}@x.example"} for number in range(1001)]
    answer = send(client, personalizations=[{"to": many}])
    assert "1000 total recipients" in answer.get_json()["errors"][0]["message"]


@given(
    before=st.text(max_size=5),
    sign=st.sampled_from("\r\n\0"),
    after=st.text(max_size=5),
    place=st.sampled_from(["subject", "name", "header", "file"]),
)
def test_no_line_break_gets_into_a_header(before: str, sign: str, after: str, place: str) -> None:
    text = before + sign + after
    places: dict[str, dict[str, Any]] = {
        "subject": {"subject": text},
        "name": {"from": {"email": "a@b.example", "name": text}},
        "header": {"headers": {"X-Ours": text}},
        "file": {"attachments": [{"content": "YQ==", "filename": text}]},
    }
    assert problems_of(a_mail()) == []
    assert problems_of(a_mail(**places[place])) != []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["personalizations", "to", "email", "from", "content", "headers", "type"]),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_nonsense_is_refused_and_never_breaks_the_check(body: Any) -> None:
    assert problems_of(body) != []


def test_sendgrids_own_client_can_send(app: Flask) -> None:
    message = SendGridMail("accounts@hedgerow.example", "martha@alder.example", "Due", "Please pay.")
    with serving(app) as address:
        answer = SendGridAPIClient("SG.sandbox", host=address).send(message)
    assert answer.status_code == 202


def test_events_are_signed_so_that_sendgrids_own_verifier_accepts_them(
    client: FlaskClient, receiver: Receiver
) -> None:
    send(client)
    post = receiver.wait_for(lambda posts: len(events_of(posts)) == 2)[0]
    verifier = SendGridVerifier()
    key = verifier.convert_public_key_to_ecdsa(
        client.get("/sandbox/mail/event-public-key").get_json()["public_key"]
    )
    signature = post.headers["X-Twilio-Email-Event-Webhook-Signature"]
    timestamp = post.headers["X-Twilio-Email-Event-Webhook-Timestamp"]
    assert verifier.verify_signature(post.body.decode(), signature, timestamp, key)
    assert not verifier.verify_signature(post.body.decode() + " ", signature, timestamp, key)


def test_events_carry_our_custom_arguments_and_ids(client: FlaskClient, receiver: Receiver) -> None:
    request_id = send(client).headers["X-Message-Id"]
    event = events_of(receiver.wait_for(lambda posts: len(events_of(posts)) == 2))[-1]
    assert event["event"] == "delivered"
    assert event["communication_id"] == "42"
    assert event["email"] == "martha@alder.example"
    assert event["smtp-id"] == "<m1@hedgerow.example>"
    assert event["sg_message_id"].startswith(f"{request_id}.")
    assert isinstance(event["timestamp"], int)


@pytest.mark.parametrize(
    ("to", "names"),
    [
        ("bounce.me@x.example", ["processed", "bounce"]),
        ("drop@x.example", ["dropped"]),
        ("spam@x.example", ["processed", "delivered", "spamreport"]),
        ("deferred@x.example", ["processed", "deferred", "delivered"]),
        ("martha@bounce-house.example", ["processed", "delivered"]),
    ],
)
def test_the_address_decides_what_becomes_of_a_mail(
    client: FlaskClient, receiver: Receiver, to: str, names: list[str]
) -> None:
    send(client, to=to)
    events = events_of(receiver.wait_for(lambda posts: len(events_of(posts)) == len(names)))
    assert [event["event"] for event in events] == names
    assert [event["event"] for event in only_mail(client)["events"]] == names
    if "bounce" in names:
        assert (events[-1]["status"], events[-1]["type"]) == ("5.1.1", "bounce")


def test_events_that_were_refused_come_again(client: FlaskClient, receiver: Receiver) -> None:
    receiver.answers += [503]
    send(client, to="drop@x.example")
    first, second = receiver.wait_for(lambda posts: len(posts) == 2)
    assert json.loads(first.body) == json.loads(second.body)


def test_events_can_come_twice_with_new_ids(client: FlaskClient, receiver: Receiver) -> None:
    client.post("/sandbox/mail/events", json={"duplicate": True})
    send(client, to="drop@x.example")
    first, second = events_of(receiver.wait_for(lambda posts: len(events_of(posts)) == 2))
    assert first["sg_event_id"] != second["sg_event_id"]
    assert first | {"sg_event_id": ""} == second | {"sg_event_id": ""}


def test_events_can_be_held_back_and_released(client: FlaskClient, receiver: Receiver) -> None:
    client.post("/sandbox/mail/events", json={"hold": True})
    send(client)
    assert receiver.posts == []
    assert client.post("/sandbox/mail/events", json={"hold": False}).get_json() == {"released": 2}
    receiver.wait_for(lambda posts: len(events_of(posts)) == 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503, 504])
def test_a_failure_on_demand_happens_as_often_as_asked(client: FlaskClient, status: int) -> None:
    client.post("/sandbox/mail/faults", json={"answer": str(status), "times": 2})
    assert [send(client).status_code for _ in range(3)] == [status, status, 202]
    only_mail(client)


def test_a_failure_can_keep_the_mail_all_the_same(client: FlaskClient) -> None:
    client.post("/sandbox/mail/faults", json={"answer": "503", "accept": True})
    assert send(client).status_code == 503
    only_mail(client)


@pytest.mark.parametrize(("answer", "kept"), [("drop-after", 1), ("drop-before", 0), ("hang", 0)])
def test_a_cut_connection_loses_the_answer_and_maybe_the_mail(app: Flask, answer: str, kept: int) -> None:
    with serving(app) as address:
        requests.post(f"{address}/sandbox/mail/faults", json={"answer": answer, "seconds": 0.1}, timeout=5)
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{address}/v3/mail/send", json=a_mail(), headers=KEY, timeout=5)
        assert len(requests.get(f"{address}/sandbox/mail", timeout=5).json()) == kept


def test_a_failure_that_does_not_exist_is_explained(client: FlaskClient) -> None:
    answer = client.post("/sandbox/mail/faults", json={"answer": "explode"})
    assert answer.status_code == 400
    assert "drop-after" in answer.get_json()["error"]


def reply(client: FlaskClient, **body: Any) -> Any:
    return client.post(
        f"/sandbox/mail/{only_mail(client)['id']}/reply", json={"text": "Paid on Friday."} | body
    )


def test_a_reply_arrives_as_inbound_parse_posts_it(client: FlaskClient, receiver: Receiver) -> None:
    client.post("/sandbox/mail/events", json={"drop": True})
    send(client)
    assert reply(client).get_json()["status"] == 200
    (post,) = receiver.posts
    assert post.headers["Content-Type"].startswith("multipart/form-data")
    assert (post.form["to"], post.form["from"]) == (
        "r-1@reply.example",
        "Martha Quill <martha@alder.example>",
    )
    assert post.form["subject"] == "Re: Invoice INV-7 is due"
    assert post.form["text"].startswith("Paid on Friday.\n\nOn ")
    assert "wrote:\n> Dear Martha,\n> please pay." in post.form["text"]
    assert json.loads(post.form["envelope"]) == {"to": ["r-1@reply.example"], "from": "martha@alder.example"}
    assert "In-Reply-To: <m1@hedgerow.example>\n" in post.form["headers"]
    assert "References: <m1@hedgerow.example>\n" in post.form["headers"]
    assert {"dkim", "html", "sender_ip", "charsets", "SPF", "spam_score"} <= set(post.form)
    assert (post.form["attachments"], post.files) == ("0", {})
    assert only_mail(client)["replies"][0]["text"] == "Paid on Friday."


def test_a_reply_can_bring_files_and_other_headers(client: FlaskClient, receiver: Receiver) -> None:
    client.post("/sandbox/mail/events", json={"drop": True})
    send(client)
    file = {"name": "proof.pdf", "type": "application/pdf", "content": base64.b64encode(PDF).decode()}
    reply(
        client,
        attachments=[file],
        headers={"Auto-Submitted": "auto-replied", "In-Reply-To": None},
        **{"from": "Someone <someone@else.example>"},
    )
    (post,) = receiver.posts
    assert "Auto-Submitted: auto-replied\n" in post.form["headers"]
    assert "In-Reply-To" not in post.form["headers"]
    assert post.form["from"] == "Someone <someone@else.example>"
    assert json.loads(post.form["attachment-info"])["attachment1"]["filename"] == "proof.pdf"
    assert post.files["attachment1"].read() == PDF


def test_a_reply_that_met_an_error_is_posted_again(client: FlaskClient, receiver: Receiver) -> None:
    client.post("/sandbox/mail/events", json={"drop": True})
    receiver.answers += [503]
    send(client)
    assert reply(client).get_json()["status"] == 503
    first, second = receiver.wait_for(lambda posts: len(posts) == 2)
    assert first.form == second.form


def test_a_reply_goes_nowhere_when_the_mail_does_not_ask_for_answers_here(client: FlaskClient) -> None:
    send(client, reply_to={"email": "robin@hedgerow.example"})
    answer = reply(client)
    assert answer.status_code == 400
    assert "robin@hedgerow.example" in answer.get_json()["error"]


def test_an_unknown_mail_is_not_found(client: FlaskClient) -> None:
    assert client.get("/sandbox/mail/none").status_code == 404
    assert client.post("/sandbox/mail/none/reply", json={"text": "x"}).status_code == 404
