"""What goes to SendGrid, and what each of its answers means."""

from __future__ import annotations

import email
import email.policy
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from integration.email import headers
from integration.email.mailer import (
    File,
    Mail,
    MailAccountProblem,
    MailPostponed,
    MailRefused,
    MailUnsure,
)
from integration.email.sendgrid import SendGridMailer
from kit import clock
from tests.conftest import SHARED
from tests.integration.email.letters import letter

KEY = "SG.a-secret-key"


@dataclass
class Counter:
    """A server that answers every request alike and remembers what it was asked."""

    status: int = 202
    answer: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"X-Message-Id": "req-1"})
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def counter(**settings: Any) -> Iterator[Counter]:
    """A server until the end of the block."""
    seen = Counter(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.paths.append(self.path)
            seen.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(seen.status)
            for name, value in {"Content-Length": str(len(seen.answer)), **seen.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(seen.answer)

        def log_message(self, *_args: object) -> None:
            """Tests are quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    seen.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sent(mail: Mail) -> dict[str, Any]:
    """What SendGrid gets of this mail."""
    with counter() as server:
        assert SendGridMailer(KEY, server.url).send(mail) == "req-1"
    assert server.paths == ["/v3/mail/send"]
    return server.bodies[0]


def test_one_mail_goes_to_all_addresses_of_the_contact_who_see_each_other() -> None:
    body = sent(letter())
    (block,) = body["personalizations"]
    assert block["to"] == [{"email": "accounts@ashdown.example"}, {"email": "priya@ashdown.example"}]
    assert body["from"] == {"email": "anna@hedgerow.example", "name": "Anna Hale"}
    assert body["reply_to"]["email"] == "r-0123456789abcdef@reply.hedgerow.example"


def test_answers_go_to_both_addresses_where_there_are_two() -> None:
    body = sent(letter(reply_to="priya@ashdown.example", reply_also="r-1@reply.hedgerow.example"))
    assert [one["email"] for one in body["reply_to_list"]] == [
        "priya@ashdown.example", "r-1@reply.hedgerow.example",
    ]  # fmt: skip
    assert "reply_to" not in body, "the provider takes one or the other"


def test_a_copy_is_seen_by_all() -> None:
    (block,) = sent(letter(cc=("boss@ashdown.example",)))["personalizations"]
    assert (len(block["to"]), block["cc"]) == (2, [{"email": "boss@ashdown.example"}])


def test_one_each_is_one_call_in_which_nobody_sees_the_others() -> None:
    body = sent(letter(cc=("boss@ashdown.example",), one_each=True))
    first, second = body["personalizations"]
    assert first["to"] == [{"email": "accounts@ashdown.example"}]
    assert first["cc"] == [{"email": "boss@ashdown.example"}]
    assert second["to"] == [{"email": "priya@ashdown.example"}]
    assert "cc" not in second
    assert (
        first["custom_args"]
        == second["custom_args"]
        == {
            "dunnock_id": "a" * 32,
            "organisation_id": "b" * 32,
        }
    )


def test_a_copy_to_no_plain_address_is_refused() -> None:
    with pytest.raises(MailRefused):
        headers.check(letter(cc=("Boss <boss@ashdown.example>",)))


def test_nothing_is_tracked() -> None:
    tracking = sent(letter())["tracking_settings"]
    assert {name: settings["enable"] for name, settings in tracking.items()} == dict.fromkeys(
        ("click_tracking", "open_tracking", "subscription_tracking", "ganalytics"), False
    )


def test_our_ids_travel_with_the_mail_and_the_thread_is_kept() -> None:
    body = sent(letter())
    assert body["personalizations"][0]["custom_args"] == {"dunnock_id": "a" * 32, "organisation_id": "b" * 32}
    assert body["headers"] == {
        "Message-ID": "<aaaa@reply.hedgerow.example>",
        "In-Reply-To": "<earlier@reply.hedgerow.example>",
        "References": "<first@reply.hedgerow.example> <earlier@reply.hedgerow.example>",
    }


def test_a_first_mail_answers_nothing() -> None:
    body = sent(letter(in_reply_to=None, references=(), reply_to=None, files=()))
    assert body["headers"] == {"Message-ID": "<aaaa@reply.hedgerow.example>"}
    assert "reply_to" not in body
    assert "attachments" not in body


def test_text_comes_before_html_and_pdfs_are_attached() -> None:
    body = sent(letter())
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    (file,) = body["attachments"]
    assert (file["filename"], file["type"], file["disposition"]) == (
        "INV-1042.pdf",
        "application/pdf",
        "attachment",
    )


@pytest.mark.skipif(not SHARED.exists(), reason="the specifications are not beside this checkout")
def test_the_request_is_one_that_sendgrid_describes() -> None:
    document = yaml.safe_load((SHARED / "specs" / "sendgrid_mail_v3.yaml").read_text())
    schema = document["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
    jsonschema.Draft4Validator({**schema, "components": document["components"]}).validate(sent(letter()))


@pytest.mark.parametrize("status", [400, 413])
def test_a_refusal_is_given_in_the_providers_words(status: int) -> None:
    answer = json.dumps(
        {"errors": [{"message": "Does not contain a valid address.", "field": "from"}]}
    ).encode()
    with counter(status=status, answer=answer) as server, pytest.raises(MailRefused) as caught:
        SendGridMailer(KEY, server.url).send(letter())
    assert str(caught.value) == "Does not contain a valid address."


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"[]", b'{"errors": 7}', b'{"errors": [{}]}', b"\xff" * 9]
)
def test_a_refusal_without_words_is_a_refusal_still(answer: bytes) -> None:
    with (
        counter(status=400, answer=answer) as server,
        pytest.raises(MailRefused, match="No reason was given"),
    ):
        SendGridMailer(KEY, server.url).send(letter())


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_would_stop_every_mail_is_a_trouble_of_the_account(status: int) -> None:
    with counter(status=status) as server, pytest.raises(MailAccountProblem):
        SendGridMailer(KEY, server.url).send(letter())


@pytest.mark.parametrize("status", [200, 201, 204, 301, 302, 307, 308, 405, 409, 500, 502, 503, 504])
def test_every_other_answer_leaves_open_whether_the_mail_was_taken(status: int) -> None:
    elsewhere = {"Location": "http://127.0.0.1:9/v3/mail/send"}
    with counter(status=status, headers=elsewhere) as server, pytest.raises(MailUnsure):
        SendGridMailer(KEY, server.url).send(letter())
    assert len(server.bodies) == 1, "neither repeated nor redirected"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({"Retry-After": "7"}, 7), ({"Retry-After": "0"}, 1), ({"Retry-After": "soon"}, 60), ({}, 60),
     ({"Retry-After": "999999"}, 3600)],
)  # fmt: skip
def test_too_many_mails_wait_for_as_long_as_the_provider_says(given: dict[str, str], seconds: float) -> None:
    with counter(status=429, headers=given) as server, pytest.raises(MailPostponed) as caught:
        SendGridMailer(KEY, server.url).send(letter())
    assert caught.value.retry_after == seconds


def test_the_moment_at_which_the_limit_ends_is_understood_too() -> None:
    reset = {"X-RateLimit-Reset": str(int(clock.now().timestamp()) + 90)}
    with counter(status=429, headers=reset) as server, pytest.raises(MailPostponed) as caught:
        SendGridMailer(KEY, server.url).send(letter())
    assert 80 < caught.value.retry_after <= 90


def test_a_provider_that_is_not_there_has_surely_taken_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(MailPostponed):
        SendGridMailer(KEY, f"http://127.0.0.1:{port}").send(letter())


def test_a_name_that_nobody_knows_has_surely_taken_nothing() -> None:
    with pytest.raises(MailPostponed):
        SendGridMailer(KEY, "https://no-such-host.invalid").send(letter())


def test_a_connection_that_cannot_be_made_safe_has_surely_taken_nothing() -> None:
    with counter() as plain, pytest.raises(MailPostponed):
        SendGridMailer(KEY, plain.url.replace("http://", "https://")).send(letter())
    assert plain.bodies == []


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 202 Acc", b"no http at all\r\n\r\n"])
def test_an_answer_that_breaks_off_leaves_open_whether_the_mail_was_taken(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def cut() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        thread = threading.Thread(target=cut)
        thread.start()
        with pytest.raises(MailUnsure):
            SendGridMailer(KEY, f"http://127.0.0.1:{server.getsockname()[1]}").send(letter())
        thread.join()


def test_the_key_is_in_no_error() -> None:
    for status in (401, 429, 500):
        with counter(status=status) as server, pytest.raises(Exception) as caught:
            SendGridMailer(KEY, server.url).send(letter())
        assert KEY not in repr(caught.value)


BREAKS = ["\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1b", "\x7f", "\ud800"]
INJECTIONS = [f"a{sign}Bcc: everybody@victim.example{sign}b" for sign in BREAKS]
PLACES: dict[str, Any] = {
    "from_name": lambda text: {"from_name": text},
    "from_email": lambda text: {"from_email": text},
    "to": lambda text: {"to": ("a@b.example", text)},
    "reply_to": lambda text: {"reply_to": text},
    "subject": lambda text: {"subject": text},
    "message_id": lambda text: {"message_id": text},
    "in_reply_to": lambda text: {"in_reply_to": text},
    "references": lambda text: {"references": (text,)},
    "file name": lambda text: {"files": (File(text, "application/pdf", b"x"),)},
    "file type": lambda text: {"files": (File("a.pdf", text, b"x"),)},
    "header": lambda text: {"headers": {"X-Note": text}},
    "header name": lambda text: {"headers": {text: "x"}},
}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_can_break_out_of_its_header_line(place: str) -> None:
    for text in INJECTIONS:
        with pytest.raises(MailRefused):
            SendGridMailer(KEY, "http://127.0.0.1:1").send(letter(**PLACES[place](text)))


@pytest.mark.parametrize("coded", ["=?utf-8?q?a=0D=0ABcc:_x@victim.example?=", "=?UTF-8?B?YQ0KQmNjOiB4?="])
def test_characters_in_code_are_refused_because_some_servers_would_decode_them(coded: str) -> None:
    with pytest.raises(MailRefused):
        SendGridMailer(KEY, "http://127.0.0.1:1").send(letter(from_name=f"Anna {coded}"))


@pytest.mark.parametrize("subject", ["Re: Bcc: x@victim.example", "Rechnung für Åsa – 1.000 €", "2=?3?=5"])
def test_what_may_stand_in_a_header_line_stays_in_it(subject: str) -> None:
    built = EmailMessage(policy=email.policy.SMTP)
    built["Subject"] = sent(letter(subject=subject))["subject"]
    assert email.message_from_bytes(built.as_bytes()).keys() == ["Subject"]


@given(st.text(max_size=60))
def test_every_text_is_either_refused_or_one_line(text: str) -> None:
    try:
        headers.check(letter(subject=text))
    except MailRefused:
        return
    assert len(text.splitlines()) <= 1


def test_a_mail_to_nobody_is_refused() -> None:
    with pytest.raises(MailRefused, match="no recipient"):
        SendGridMailer(KEY, "http://127.0.0.1:1").send(letter(to=()))
