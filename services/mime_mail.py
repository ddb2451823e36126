"""A mail as it lies in a mailbox (MIME), made into the form in which the mail provider would have posted it.

So everything after it is the same, whichever way a mail came in. Everything in it was written by a stranger: taking
it apart never fails, and nothing in it is opened.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

import msgspec

from services.inbound_mail import MOST_PARTS, InboundFile, InboundMail, decoded, readable

MAILBOX = "dunnock-mailbox"
"""The field that says in whose mailbox a mail was found. What is posted to us never has it."""
CUT = "dunnock-cut"
"""Stands in the form of a mail of which the beginning alone was read."""
_MOST_DEPTH = 10
_PLAIN, _MARKUP = "text/plain", "text/html"


class Found(msgspec.Struct, frozen=True):
    """Where a mail was found: in ``inbox`` or in ``sent``, of which sender."""

    organisation_id: str
    sender_id: str
    folder: str


def form_of(raw: bytes, found: Found, *, whole: bool = True) -> InboundMail:
    """The fields and files of a mail. Never fails. Of one that is not ``whole`` the files are left out."""
    mail = parsed(raw)
    parts = list(_parts(mail))[:MOST_PARTS]
    fields = {name: _line(mail, name) for name in ("from", "to", "cc", "subject")}
    fields |= {"text": _body(parts, _PLAIN), "html": _body(parts, _MARKUP)}
    given = {name: value.encode("utf-8", "replace") for name, value in fields.items()}
    given["headers"] = _head(raw)
    given[MAILBOX] = msgspec.json.encode(found)
    files = [_file(number, part) for number, part in enumerate(parts, 1) if _is_file(part)]
    return InboundMail(given, files) if whole else InboundMail({**given, CUT: b"1"}, [])


def found_in(form: InboundMail) -> Found | None:
    """In whose mailbox it was found; None: it was posted by the mail provider."""
    try:
        return msgspec.json.decode(form.fields.get(MAILBOX, b""), type=Found)
    except msgspec.DecodeError:
        return None


def parsed(raw: bytes) -> Message:
    """The mail's parts. By the old policy: the newer one reads each line of the header by a grammar, and some break it."""
    try:
        return message_from_bytes(raw, policy=compat32)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return message_from_bytes(_head(raw), policy=compat32)  # nested beyond reason: its head alone


def words_of(form: InboundMail) -> str:
    """Everything in which the number of an invoice may stand."""
    markup = html.unescape(form.fields.get("html", b"").decode("utf-8", "replace"))
    return "\n".join(
        [*(form.fields.get(name, b"").decode("utf-8", "replace") for name in ("subject", "text")), markup]
    )


def _parts(mail: Message, depth: int = 0) -> Iterator[Message]:
    """What is no container, in its order; a mail within the mail is one part."""
    if mail.get_content_maintype() != "multipart" or not mail.is_multipart():
        yield mail
    elif depth < _MOST_DEPTH:
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _is_file(part: Message) -> bool:
    return part.get_content_type() not in (_PLAIN, _MARKUP) or _is_attached(part)


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _body(parts: list[Message], kind: str) -> str:
    """The first such part that is no file."""
    for part in parts:
        if part.get_content_type() == kind and not _is_attached(part):
            return readable(_bytes(part), _charset(part))
    return ""


def _bytes(part: Message) -> bytes:
    try:
        if part.get_content_maintype() == "message":
            inner = part.get_payload()
            return b"\n".join(one.as_bytes() for one in inner if isinstance(one, Message))
        found = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - a stranger's bytes may break the standard library in any way; then the part is empty
        return b""
    return found if isinstance(found, bytes) else b""


def _file(number: int, part: Message) -> InboundFile:
    name = decoded(part.get_filename() or "")
    if not name:
        name = f"mail-{number}.eml" if part.get_content_maintype() == "message" else f"attachment-{number}"
    return InboundFile(name, part.get_content_type(), _bytes(part))


def _line(mail: Message, name: str) -> str:
    """All lines of this name, decoded; bytes beyond ASCII are UTF-8, as newer mail servers let them stand."""
    found = [str(value) for key, value in mail.raw_items() if key.lower() == name]
    plain = (one.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for one in found)
    return ", ".join(decoded(" ".join(one.split())) for one in plain)


def _head(raw: bytes) -> bytes:
    """The header as it came."""
    ends = [at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0]
    return raw[: min(ends)] if ends else raw


def _charset(part: Message) -> str | None:
    """The character set that it names; None: it names none."""
    named = part.get_param("charset")
    return str(named) if named else None
