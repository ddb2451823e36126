"""A mail as it lies in a mailbox, taken apart: what it says is found, and nothing that anybody writes makes it fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import inbound_mail, mime_mail
from services.inbound_mail import Letter
from services.mailbox_sieve import lines_of, names
from services.mime_mail import Found
from services.understanding.delivery_reports import read_report

FOUND = Found("o" * 32, "s" * 32, "inbox")
PIECES = [
    b"From: ", b"To: ", b"Subject: ", b"Content-Type: multipart/mixed; boundary=b\r\n", b"--b\r\n", b"--b--\r\n", b"\r\n",
    b"\r\n\r\n", b"Content-Type: text/plain; charset=utf-7\r\n", b"Content-Type: text/html; charset=zlib\r\n", b"=?utf-8?b?",
    b"Content-Type: message/rfc822\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: multipart/report\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n", b"begin 644 a\r\n", b"?=", b"\x00", b"\xff\xfe", b"(" * 200, b'"',
    b"<a@b.example>",
    b"Content-Type: message/delivery-status\r\n", b"Final-Recipient: rfc822;a@b.example\r\nAction: failed\r\n",
    b"Content-Disposition: attachment; filename*=utf-8''%E2%82\r\n", b"Content-Type: text/plain; charset*=''\xff\r\n", b"Paid.",
]  # fmt: skip


def letter(raw: bytes) -> Letter:
    return inbound_mail.read(mime_mail.form_of(raw, FOUND))


@pytest.mark.parametrize(
    ("raw", "subject", "text"),
    [
        (b"Subject: =?iso-8859-1?q?Gr=F6=DFe?=\r\n\r\nHallo", "Größe", "Hallo"),
        ("Subject: Größe\r\n\r\nGrüße".encode(), "Größe", "Grüße"),
        (b"Content-Type: text/plain; charset=windows-1252\r\n\r\n\x80 50", "", "€ 50"),
        (b"Content-Type: text/plain; charset=nonsense\r\n\r\nPaid", "", "Paid"),
        (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nUGFpZA==", "", "Paid"),
        (b"Content-Type: text/html\r\n\r\n<p>Paid <b>today</b></p>", "", "Paid today"),
        (b"Subject: only this", "only this", ""),
    ],
)
def test_what_it_says_is_found_in_any_encoding(raw: bytes, subject: str, text: str) -> None:
    found = letter(raw)
    assert (found.subject, found.text) == (subject, text)


def test_a_mail_within_the_mail_is_a_file() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee below\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: old\r\n\r\nOld text\r\n--b--\r\n"
    )
    form = mime_mail.form_of(raw, FOUND)
    assert inbound_mail.read(form).text == "See below"
    (file,) = form.files
    assert (file.name, file.content_type) == ("mail-2.eml", "message/rfc822") and b"Old text" in file.content


@pytest.mark.parametrize("depth", [12, 150, 400, 3_000])
def test_nesting_without_end_is_read_as_far_as_is_bearable(depth: int) -> None:
    heads = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(depth)
    )
    assert letter(b"Subject: deep\r\n" + heads).subject == "deep"
    assert read_report(mime_mail.parsed(heads)) is None


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=30), max_size=30))
def test_nothing_that_anybody_writes_makes_it_fail(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    assert mime_mail.found_in(mime_mail.form_of(raw, FOUND)) == FOUND
    letter(raw), read_report(mime_mail.parsed(raw)), lines_of(raw)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("About INV-1042, please.", True),
        ("about inv-1042", True),
        ("INV-10420", False),
        ("XINV-1042", False),
        ("INV 1042", False),
        ("(INV-1042)", True),
    ],
)
def test_a_number_is_found_as_a_word_of_its_own(text: str, found: bool) -> None:
    assert bool(names(text, {"INV-1042"})) is found
