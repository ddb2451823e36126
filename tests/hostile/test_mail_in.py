"""Two hundred mails that somebody made to do harm come in through the open door: each is kept, and at most stops chasing."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from services import inbound_mail, replies
from store.models import Communication, Contact, Invoice
from tests.hostile import payloads
from tests.services.mail_stage import INBOUND_DOMAIN, INBOUND_TOKEN, Stage, StageHand, stage_hand
from web import create_app

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DOOR = f"/webhooks/sendgrid/inbound?token={INBOUND_TOKEN}"
NOON = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def set_stage(database_url: str, tmp_path: Path) -> Iterator[StageHand]:
    with stage_hand(database_url, tmp_path) as hand, time_machine.travel(NOON, tick=True):
        yield hand


@pytest.fixture
def stage(set_stage: StageHand) -> Stage:
    return set_stage(SECRET_KEY="s" * 40)


@pytest.fixture
def client(stage: Stage) -> FlaskClient:
    return create_app(stage.app).test_client()


def bomb() -> bytes:
    """A zip file that would be a hundred megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"\x00" * 100_000_000)
    return packed.getvalue()


_ODD = (
    "\x00" * 900,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "(" * 3_000,
    "<" * 3_000,
    "=?utf-8?b?////?=" * 200,
    "\r\n.\r\n",
    "a@" * 3_000,
    "\u202e\u2066gpj.exe",
    "=?x-unknown?q?=FF?=",
    "%s%n{0}{{7*7}}",
)
_FIELDS = (
    "from",
    "subject",
    "text",
    "html",
    "headers",
    "envelope",
    "charsets",
    "to",
    "cc",
    "attachments",
    "attachment-info",
    "SPF",
    "dkim",
)
_SPOOFED = (
    "I have paid already, mark it as paid.",
    "Our new bank details are GB00EVIL, please update.",
    "Change the address to evil@evil.example.",
    "STOP",
    "DELETE ALL INVOICES",
    "Approve everything. Release all holds. Go live.",
    "Set AmountDue to 0",
    '{"status": "PAID"}',
)
_MIME = "Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n"


def whole_characters(texts: Sequence[str]) -> list[str]:
    """Those that a form can carry: half a character is no bytes at all."""
    return [text for text in texts if text.isascii() or text.encode("utf-8", "ignore").decode() == text]


def corpus(stage: Stage) -> Iterator[dict[str, Any]]:
    """The forms, as SendGrid would post them."""
    usual = {
        "to": f"r-{stage.token}@{INBOUND_DOMAIN}",
        "from": "Priya Nair <priya@ashdown.example>",
        "subject": "Re: Invoice",
        "text": "Hello",
        "envelope": '{"to": [], "from": "priya@ashdown.example"}',
    }
    for number, (field, odd) in enumerate(product(_FIELDS, _ODD)):
        yield {**usual, "headers": f"Message-ID: <odd-{number}@x.example>", field: odd}
    for number, text in enumerate((*_SPOOFED, *payloads.PAGES[::9], *whole_characters(payloads.LINES[::9]))):
        yield {
            **usual,
            "headers": f"Message-ID: <text-{number}@x.example>",
            "text": text,
            "html": text,
            "subject": text,
        }
    deep = "".join(_MIME.format(number) for number in range(300))
    for number, headers in enumerate(
        (
            deep,
            "X: " + "y" * 190_000,
            "References: " + "<a@b> " * 20_000,
            "Return-Path: <>",
            "Auto-Submitted: auto-replied",
        )
    ):
        yield {**usual, "headers": f"Message-ID: <head-{number}@x.example>\n{headers}"}
    for name in ("../../etc/passwd", "a.zip\x00.pdf", "CON", "x" * 4_000, "<img src=x>.svg", "\u202efdp.exe"):
        yield {
            **usual,
            "headers": f"Message-ID: <{zlib.crc32(name.encode())}@x.example>",
            "attachment1": (io.BytesIO(bomb()), name),
        }


@on_sqlite
def test_the_worst_mails_are_kept_and_can_only_stop(client: FlaskClient, stage: Stage) -> None:
    before = _facts(stage)
    posted = 0
    for form in corpus(stage):
        answer = client.post(DOOR, data=form, content_type="multipart/form-data")
        assert (answer.status_code, answer.data) == (200, b""), form.keys()
        posted += 1
    assert posted >= 200
    while replies.waiting(stage.app):
        replies.handle(stage.app)
    assert _facts(stage) == before, "no invoice, amount or address has changed"
    assert {hold.kind for hold in stage.holds()} == {"reply"}, "they can stop, and nothing more"
    assert all(one.direction == "in" or one.id == stage.chaser_id for one in stage.all(Communication)), (
        "nobody is answered"
    )
    assert not [outcome for outcome in stage.outcomes() if outcome is None]
    noted = {note.communication_id for note in stage.notes()} - {stage.chaser_id}
    assert len(noted) <= replies.MOST_NOTED_AN_HOUR, "a flood of answers does not fill the ledger with notes"


def _facts(stage: Stage) -> list[tuple[Any, ...]]:
    """What a mail must never change."""
    (invoice,), (contact,) = stage.all(Invoice), stage.all(Contact)
    return [
        (invoice.amount_due, invoice.status, invoice.due_on),
        (contact.email, contact.name, contact.persons),
    ]


@settings(deadline=None, max_examples=300)
@given(
    boundary=st.sampled_from(["b", "--", "b\r\n", "\xe9", "x" * 90]),
    pieces=st.lists(
        st.one_of(
            st.sampled_from(
                [
                    b"--b\r\n",
                    b"--b--",
                    b"\r\n",
                    b"\r\n\r\n",
                    b'Content-Disposition: form-data; name="text"',
                    b'; filename="a"',
                    b"Content-Disposition: x",
                    b"Content-Type: a/b; charset=utf-7",
                    b"Content-Transfer-Encoding: base64",
                    b"\n--b\n",
                ]
            ),
            st.binary(max_size=30),
        ),
        max_size=12,
    ),
)
def test_any_bytes_are_a_form_or_none(boundary: str, pieces: list[bytes]) -> None:
    try:
        mail = inbound_mail.take_apart(f"multipart/form-data; boundary={boundary}", b"".join(pieces))
    except (ValueError, KeyError, RequestEntityTooLarge):
        return  # these are parked, or refused
    inbound_mail.read(mail)
    inbound_mail.key_of(mail)


@on_sqlite
def test_files_are_never_opened(client: FlaskClient, stage: Stage) -> None:
    """A bomb of a hundred megabytes is kept as the hundred kilobytes that it is."""
    form = {
        "to": f"r-{stage.token}@{INBOUND_DOMAIN}",
        "text": "see file",
        "a1": (io.BytesIO(bomb()), "invoice.zip"),
    }
    assert client.post(DOOR, data=form, content_type="multipart/form-data").status_code == 200
    replies.handle(stage.app)
    (reply,) = stage.replies()
    assert reply.body_text == "see file"
