"""What comes back of a mail: events, failures on demand and replies."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sendgrid.helpers.eventwebhook import EventWebhook as SendGridVerifier

from tests.sandbox.mail.side import KEY, PDF, a_mail, only_mail, send
from tests.sandbox.mail_receiver import Post, Receiver, serving


def events_of(posts: list[Post]) -> list[dict[str, Any]]:
    return [event for post in posts if post.path == "events" for event in json.loads(post.body)]


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
