"""Takes in what the provider of text messages posts: stored first, understood later. What comes twice is stored once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from services import doors
from services.app import App
from services.inbound_mail import kept_words
from store.queries.mail_inbox import TEXT_REPLIES, TEXT_REPORTS
from store.receiving import receive

Form = Iterable[tuple[str, str]]


def take_report(app: App, named: Mapping[str, str], form: Form, now: datetime) -> None:
    """Store what became of a text; ``named`` are the parameters of our own address, which say which one."""
    fields = {**dict(form), "organisation": named.get("organisation", ""), "text": named.get("text", "")}
    key = _key(fields.get("MessageSid", ""), fields.get("MessageStatus", ""), fields["text"])
    _store(app, TEXT_REPORTS, key, fields, now, doors.TEXT_REPORTS)


def take_reply(app: App, form: Form, now: datetime) -> None:
    """Store a text that came in."""
    fields = dict(form)
    key = _key(fields.get("MessageSid", ""), fields.get("From", ""), fields.get("Body", ""))
    _store(app, TEXT_REPLIES, key, fields, now, doors.TEXT_REPLIES)


def _store(app: App, source: str, key: str, fields: dict[str, str], now: datetime, door: str) -> None:
    row = {
        "source": source,
        "key": key,
        "tenant": None,
        "payload": kept_words(msgspec.json.encode(fields)),
        "received_at": now,
        "next_try_at": now,
        "handled_at": None,
        "outcome": None,
    }
    if receive(app.database, [row]):  # type: ignore[list-item]
        app.soft_doorbell.ring(door)


def _key(*parts: str) -> str:
    """The same for every delivery of the same news."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
