"""The mail service as an application meets it: what it accepts, refuses, tells and brings back."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail as SendGridMail

from sandbox.mail_checks import problems_of
from tests.sandbox.mail.side import KEY, PDF, a_mail, only_mail, send
from tests.sandbox.mail_receiver import serving


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
        ({"reply_to_list": [{"email": "a@x.example"}]}, "reply_to_list"),
        ({"reply_to": None, "reply_to_list": []}, "reply_to_list"),
        ({"reply_to": None, "reply_to_list": [{"email": "x"}]}, "reply_to_list.0.email"),
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
