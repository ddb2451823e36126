"""A mail as SendGrid's Inbound Parse posts it, and what can be read out of it.

Everything in it was written by a stranger. The form is taken apart into bytes and kept as it came but for the codes
of links; reading it never fails: what cannot be decoded is shown as well as can be.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr

import msgspec
import nh3
from mailparser_reply import EmailReplyParser
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from kit import clock
from services.html_words import words_of
from services.threads import folded
from services.understanding import Automatic, automatic

MOST_PARTS = 60
_LONGEST_HEADERS = 200_000
_LONGEST_TEXT = 200_000
_LONGEST_RAW = 2_000_000
_LONGEST_HTML = 500_000
_MOST_TAGS = 20_000
"""Cleaning takes time by the square of the depth: a mail of 100,000 nested tags would take a worker 20 seconds."""
_LONGEST_SENDER = 1_000
_LONGEST_NEW_PART = 3_000
_PAGE_CODE = re.compile(
    rb"((?:/|%2f)a(?:/|%2f))(?:[A-Za-z0-9_-](?:=\r?\n)?){22}(?![A-Za-z0-9_-])", re.IGNORECASE
)
_REPLIES = EmailReplyParser(languages=["en", "de", "fr", "nl", "es", "it", "pl", "sv", "da"])
_CHARSET = re.compile(
    r"(ascii|us|utf|iso|latin|cp|windows|koi8|gb|big5|euc|shift|johab|hz|mac|tis|ptcp|kz)[a-z0-9_-]*"
)


class InboundFile(msgspec.Struct, frozen=True):
    """A file that came with the mail."""

    name: str
    content_type: str
    content: bytes


class InboundMail(msgspec.Struct, frozen=True):
    """The form's fields and files, as bytes."""

    fields: dict[str, bytes]
    files: list[InboundFile]


def without_codes(mail: InboundMail) -> InboundMail:
    """The mail as it is kept: what it quotes of ours opens no customer's page. Files stay as they came."""
    fields = {name: kept_words(value) for name, value in mail.fields.items()}
    return InboundMail(fields, mail.files)


def kept_words(raw: bytes) -> bytes:
    """What a stranger sent, with ``…`` for the code of each link to an account page; also where a line breaks in it."""
    return _PAGE_CODE.sub("\\1…".encode(), raw)


class _Envelope(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    to: list[str] = []
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What the mail says. ``recipients`` holds everything in which one of our addresses may stand."""

    from_name: str
    from_email: str
    recipients: str
    subject: str
    text: str
    html: str | None
    message_id: str
    answers: tuple[str, ...]
    """Message-IDs that it answers, the nearest first."""
    automatic: bool
    """Written by a machine: out of office, a bounce, a list."""
    machine: Automatic | None = None
    """What kind of machine; None: a person wrote it."""
    addressees: str = ""
    """Whom it was written to and copied to, as its header lines say."""


def take_apart(content_type: str, body: bytes) -> InboundMail:
    """The fields and files of a posted form.

    Raises ``ValueError`` when it is none, Werkzeug's ``RequestEntityTooLarge`` when it has too many parts.
    """
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise ValueError("the request is not a form with files")
    decoder = MultipartDecoder(options["boundary"].encode(), max_parts=MOST_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    fields: dict[str, bytes] = {}
    files: list[InboundFile] = []
    part: Field | File | None = None
    content = bytearray()
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            part, content = event, bytearray()
        elif isinstance(event, Data):
            content += event.data
            if not event.more_data and isinstance(part, File):
                files.append(InboundFile(part.filename, part.headers.get("Content-Type", ""), bytes(content)))
            elif not event.more_data and part is not None:
                fields.setdefault(str(part.name), bytes(content))
    if not fields:
        raise ValueError("the form is empty")
    return InboundMail(fields, files)


def key_of(mail: InboundMail) -> str:
    """The same for every delivery of the same mail to the same recipients."""
    letter_id = _headers(mail).get("Message-ID", "").strip()
    digest = hashlib.sha256()
    if letter_id:
        digest.update(letter_id.encode("utf-8", "replace"))
        digest.update("\0".join(sorted(_envelope(mail).to)).lower().encode("utf-8", "replace"))
    else:
        for name in sorted(mail.fields):
            digest.update(name.encode("utf-8", "replace") + b"\0" + mail.fields[name] + b"\0")
        for file in mail.files:
            digest.update(file.content)
    return digest.hexdigest()


def read(mail: InboundMail) -> Letter:
    """What the mail says. Never fails."""
    headers = _headers(mail)
    envelope = _envelope(mail)
    name, address = _sender(_field(mail, "from"))
    markup = _few_tags(_field(mail, "html")[:_LONGEST_HTML])
    text, subject = _text(mail, markup), _line(decoded(_field(mail, "subject")))[:500]
    if "From" not in headers:
        headers["From"] = address
    machine = automatic(headers, envelope.sender, subject, text, today=clock.now().date())
    return Letter(
        from_name=name[:200],
        from_email=(address or envelope.sender or "")[:320],
        recipients=" ".join([_field(mail, "to"), _field(mail, "cc"), *envelope.to, _header_text(mail)]),
        subject=subject,
        text=text,
        html=clean_html(markup) if markup.strip() else None,
        message_id=_line(str(headers.get("Message-ID", "")))[:500],
        answers=_answers(headers),
        automatic=machine is not None,
        machine=machine,
        addressees=f"{_field(mail, 'to')} {_field(mail, 'cc')}",
    )


def _sender(written: str) -> tuple[str, str]:
    """Name and address; nothing of a line so nested that the standard library loses its way.

    The name is decoded only now: a name may say what looks like an address.
    """
    try:
        name, address = parseaddr(_line(written[:_LONGEST_SENDER]))
    except RecursionError:
        return "", ""
    return _line(decoded(name)), address


def decoded(value: str) -> str:
    """``=?utf-8?B?SsO2cmc=?=`` as it is meant; what cannot be decoded stays as it is."""
    try:
        return _storable(str(make_header(decode_header(value))))
    except (ValueError, LookupError, RecursionError, TypeError):
        return _storable(value)


def _few_tags(markup: str) -> str:
    """The markup up to the tag that is one too many."""
    return markup if markup.count("<") <= _MOST_TAGS else "<".join(markup.split("<", _MOST_TAGS)[:-1])


def as_message(mail: InboundMail) -> Message:
    """The mail as the standard library has it: as it came where the form brings it whole, else put together again."""
    if raw := mail.fields.get("email"):
        return message_from_bytes(raw[:_LONGEST_RAW])
    whole = Message()
    for name, value in _headers(mail).items():
        if not name.lower().startswith("content-"):
            whole[name] = value
    whole["Content-Type"] = "multipart/mixed"
    parts = [(file.content_type, file.content[:_LONGEST_TEXT]) for file in mail.files[:MOST_PARTS]]
    for kind, content in (
        ("text/plain", _text(mail, _few_tags(_field(mail, "html")[:_LONGEST_HTML])).encode()),
        *parts,
    ):
        whole.attach(message_from_bytes(b"Content-Type: " + _kind(kind) + b"\n\n" + content))
    return whole


def _kind(given: str) -> bytes:
    """A content type that is one."""
    kind = given.partition(";")[0].strip().lower()
    return (
        kind.encode() if re.fullmatch(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}", kind) else b"application/octet-stream"
    )


def clean_html(markup: str) -> str:
    """The markup without scripts, styles, forms and pictures: nothing in it runs, and nothing is loaded."""
    return nh3.clean(
        markup,
        tags=nh3.ALLOWED_TAGS - {"img", "map", "area"},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def new_part(text: str) -> str:
    """What was written anew, without the quoted mail and the signature below it; on one line.

    Only the beginning is looked at: the patterns that find a signature are slow on text made to slow them.
    """
    new = re.sub(r"\s*\n\s*\n\s*", "\n\n", folded(text[: 2 * _LONGEST_NEW_PART]).new)
    return _line(_REPLIES.parse_reply(new[:_LONGEST_NEW_PART]) or "")


def _text(mail: InboundMail, markup: str) -> str:
    """The text part; without one, the words of the HTML; without that, the mail as it came."""
    words = _field(mail, "text").strip() or words_of(markup)
    return (words or _field(mail, "email").strip())[:_LONGEST_TEXT]


def _field(mail: InboundMail, name: str) -> str:
    """A field in the character set that the form names for it, else UTF-8, else what Windows writes."""
    return readable(mail.fields.get(name, b""), _charsets(mail).get(name))


def readable(raw: bytes, charset: str | None) -> str:
    """The bytes as text of this character set (None: it is not said), in so far as they are."""
    try:
        text = raw.decode(_codec(charset), "replace") if charset else raw.decode()
    except UnicodeError:  # a codec that does not know how to go on; or none is named, and it is not UTF-8
        text = raw.decode("utf-8" if charset else "cp1252", "replace")
    return _storable(text).replace("\r\n", "\n")


def _codec(charset: str) -> str:
    """A codec for text in this character set; UTF-8 for what is none (to Python, compression is one too)."""
    try:
        name = codecs.lookup(charset.strip()).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _CHARSET.fullmatch(name) else "utf-8"


def _charsets(mail: InboundMail) -> dict[str, str]:
    try:
        return msgspec.json.decode(mail.fields.get("charsets", b""), type=dict[str, str])
    except (msgspec.DecodeError, RecursionError):
        return {}


def _envelope(mail: InboundMail) -> _Envelope:
    try:
        return msgspec.json.decode(mail.fields.get("envelope", b""), type=_Envelope)
    except (msgspec.DecodeError, RecursionError):
        return _Envelope()


def header(mail: InboundMail, name: str) -> str:
    """A line of the mail's header, as it stands there; empty: there is none."""
    return str(_headers(mail).get(name, ""))


def envelope_sender(mail: InboundMail) -> str:
    """The address that the mail would return to, as its server said; empty: none, or nobody knows."""
    return _envelope(mail).sender or ""


def _headers(mail: InboundMail) -> Message:
    return HeaderParser().parsestr(_header_text(mail))


def _header_text(mail: InboundMail) -> str:
    return _storable(mail.fields.get("headers", b"")[:_LONGEST_HEADERS].decode("utf-8", "replace"))


def _storable(text: str) -> str:
    """Without what PostgreSQL does not keep: zero characters and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _answers(headers: Message) -> tuple[str, ...]:
    """In-Reply-To first, then the References from the last to the first."""
    near = re.findall(r"<[^<>\s]{1,500}>", str(headers.get("In-Reply-To", "")))
    far = re.findall(r"<[^<>\s]{1,500}>", str(headers.get("References", "")))
    return tuple(dict.fromkeys([*near, *reversed(far)]))[:50]


def _line(text: str) -> str:
    return " ".join(text.split())
