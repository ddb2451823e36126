"""Reports of mail servers that a mail was not delivered, as they lie in the mailbox that it left by (RFC 3464).

Made into the same news that the mail provider would have posted, so what follows from it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from services.mime_mail import parsed

_ID = re.compile(r"<[^<>\s]{1,500}>")
_EVENTS = {"failed": "bounce", "delayed": "deferred", "delivered": "delivered", "relayed": "delivered"}
_MOST_RECIPIENTS = 50
_SOFT = re.compile(r"4\.")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one mail at one address. ``event`` and ``type`` are the mail provider's words for it."""

    address: str
    event: str
    type: str
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class Reports:
    """What a report says: the Message-IDs that it names of the mail that it is about, and each address."""

    message_ids: tuple[str, ...]
    reports: tuple[Report, ...]


def read_report(raw: bytes) -> Reports | None:
    """What a mail reports; None when it is no report. Never fails."""
    mail = parsed(raw)
    if mail.get_content_type() != "multipart/report":
        return None
    parts = list(mail.walk())[:100]
    found = tuple(
        report
        for part in parts
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
        for report in _told(part)
    )[:_MOST_RECIPIENTS]
    ids = dict.fromkeys(_ids(mail, parts[1:]))
    return Reports(tuple(ids), found) if found and ids else None


def _told(part: Message) -> Iterator[Report]:
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Message):
            continue
        action = str(block.get("Action", "")).strip().lower()
        address = _typed(block.get("Final-Recipient")) or _typed(block.get("Original-Recipient"))
        if action in _EVENTS and address:
            status = str(block.get("Status", "")).strip()[:20]
            words = _typed(block.get("Diagnostic-Code")) or status
            kind = "blocked" if action == "failed" and _SOFT.match(status) else "bounce"
            yield Report(address[:320], _EVENTS[action], kind, status, words[:300])


def _typed(value: object) -> str:
    """``rfc822; priya@ashdown.example`` without its type."""
    text = " ".join(str(value or "").split())
    return text.partition(";")[2].strip() or ("" if ";" in text else text)


def _ids(mail: Message, parts: list[Message]) -> Iterator[str]:
    """The mail that came back lies in the report, whole or its header alone; some servers only answer it."""
    for part in parts:
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            payload = part.get_payload(decode=True)
            inner = parsed(payload if isinstance(payload, bytes) else b"")
            yield from _ID.findall(str(inner.get("Message-ID", "")))
        elif part.get("Message-ID"):
            yield from _ID.findall(str(part["Message-ID"]))
    for name in ("X-Failed-Message-ID", "In-Reply-To", "References"):
        yield from _ID.findall(str(mail.get(name, "")))
