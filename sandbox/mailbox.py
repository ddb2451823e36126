"""The mails the sandbox accepted: one `Mail` per personalization, newest last, kept in memory.

A mail is what one debtor's mailbox would hold, together with what became of it (`events`) and what the debtor
answered (`replies`). Callers hold `World.lock` while they read or change a mailbox.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Address:
    """An e-mail address with the name shown beside it, when there is one."""

    email: str
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email

    def as_json(self) -> dict[str, str | None]:
        """The address in the shape the control API answers with."""
        return {"email": self.email, "name": self.name}


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    type: str
    content: bytes

    def as_json(self) -> dict[str, str | int]:
        """Name, type, size in bytes and SHA-256; never the content itself."""
        digest = hashlib.sha256(self.content).hexdigest()
        return {"name": self.name, "type": self.type, "size": len(self.content), "sha256": digest}


@dataclass(frozen=True)
class Event:
    """One thing the event webhook tells of a mail (`delivered`, `bounce`, …), at an instant in UTC."""

    name: str
    at: datetime
    detail: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What the debtor wrote back, at an instant in UTC."""

    text: str
    at: datetime
    sender: str
    message_id: str


@dataclass
class Mail:
    """One mail in one debtor's mailbox."""

    id: str
    request_id: str
    sg_message_id: str
    message_id: str
    sender: Address
    reply_to: Address | None
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]
    subject: str
    text: str | None
    html: str | None
    headers: dict[str, str]
    attachments: list[Attachment]
    custom_args: dict[str, str]
    categories: list[str]
    received_at: datetime
    payload: dict[str, Any]
    events: list[Event] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def answers_go_to(self) -> Address:
        """Where the debtor's answer is addressed: Reply-To, else From."""
        return self.reply_to or self.sender

    def as_json(self) -> dict[str, Any]:
        """Every field, in the shape the control API answers with; attachments without their content."""
        return {
            "id": self.id,
            "x_message_id": self.request_id,
            "sg_message_id": self.sg_message_id,
            "message_id": self.message_id,
            "from": self.sender.as_json(),
            "reply_to": self.reply_to.as_json() if self.reply_to else None,
            "to": [address.as_json() for address in self.to],
            "cc": [address.as_json() for address in self.cc],
            "bcc": [address.as_json() for address in self.bcc],
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "headers": self.headers,
            "attachments": [attachment.as_json() for attachment in self.attachments],
            "custom_args": self.custom_args,
            "categories": self.categories,
            "received_at": self.received_at.isoformat(),
            "payload": _without_file_contents(self.payload),
            "events": [{"event": e.name, "at": e.at.isoformat(), **e.detail} for e in self.events],
            "replies": [
                {"text": r.text, "at": r.at.isoformat(), "from": r.sender, "message_id": r.message_id}
                for r in self.replies
            ],
        }


def _without_file_contents(payload: dict[str, Any]) -> dict[str, Any]:
    if not payload.get("attachments"):
        return payload
    bare = [
        {key: value for key, value in file.items() if key != "content"} for file in payload["attachments"]
    ]
    return {**payload, "attachments": bare}


class Mailbox:
    """All mails of one sandbox, by id and in order of arrival."""

    def __init__(self) -> None:
        self._mails: dict[str, Mail] = {}

    def __iter__(self) -> Iterator[Mail]:
        return iter(list(self._mails.values()))

    def __len__(self) -> int:
        return len(self._mails)

    def get(self, mail_id: str) -> Mail | None:
        """The mail with this id, or `None`."""
        return self._mails.get(mail_id)

    def clear(self) -> None:
        """Forget every mail."""
        self._mails.clear()

    def accept(self, payload: dict[str, Any], request_id: str, now: datetime) -> list[Mail]:
        """Keep a checked mail-send body as one mail per personalization and give those mails."""
        mails = [_mail(payload, block, request_id, now) for block in payload["personalizations"]]
        self._mails.update((mail.id, mail) for mail in mails)
        return mails


def _reply_to(payload: dict[str, Any]) -> Address | None:
    """Where an answer goes first; of several the sandbox's debtors answer the first."""
    given = payload.get("reply_to") or next(iter(payload.get("reply_to_list") or []), None)
    return _address(given) if given else None


def _mail(payload: dict[str, Any], block: dict[str, Any], request_id: str, now: datetime) -> Mail:
    headers = {**(payload.get("headers") or {}), **(block.get("headers") or {})}
    content = {part["type"]: part["value"] for part in payload["content"]}
    return Mail(
        id=secrets.token_hex(8),
        request_id=request_id,
        sg_message_id=f"{request_id}.recvd-{secrets.token_hex(5)}-0",
        message_id=_given_message_id(headers)
        or f"<{request_id}.{secrets.token_hex(4)}@geopod-ismtpd.example>",
        sender=_address(block.get("from") or payload["from"]),
        reply_to=_reply_to(payload),
        to=_addresses(block, "to"),
        cc=_addresses(block, "cc"),
        bcc=_addresses(block, "bcc"),
        subject=block.get("subject") or payload["subject"],
        text=content.get("text/plain"),
        html=content.get("text/html"),
        headers=headers,
        attachments=[_attachment(file) for file in payload.get("attachments") or []],
        custom_args={**(payload.get("custom_args") or {}), **(block.get("custom_args") or {})},
        categories=list(payload.get("categories") or []),
        received_at=now,
        payload=payload,
    )


def _given_message_id(headers: dict[str, str]) -> str | None:
    return next((value for name, value in headers.items() if name.lower() == "message-id"), None)


def _addresses(block: dict[str, Any], kind: str) -> list[Address]:
    return [_address(given) for given in block.get(kind) or []]


def _address(given: dict[str, Any]) -> Address:
    return Address(email=given["email"], name=given.get("name") or None)


def _attachment(given: dict[str, Any]) -> Attachment:
    return Attachment(
        name=given["filename"],
        type=given.get("type") or "application/octet-stream",
        content=base64.b64decode(given["content"]),
    )
