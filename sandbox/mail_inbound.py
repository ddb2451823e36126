"""Answers of debtors, posted to the application as SendGrid's Inbound Parse posts them.

A reply is a multipart form with the fields SendGrid documents for its default (not raw) setting: the header
block as one text, the decoded bodies, an SMTP envelope as JSON, verdicts and the attached files. The first
try is made at once so that its status can be shown; a server error or no answer is repeated later.
"""

from __future__ import annotations

import base64
import json
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

import requests

from sandbox.courier import Courier
from sandbox.mailbox import Attachment, Mail, Reply

_TIMEOUT_SECONDS = 20
_SENDER_IP = "203.0.113.25"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReplyDraft:
    """What somebody wants to answer; a header given as `None` is left out of the mail."""

    text: str
    sender: str | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True)
class ParsedMail:
    """The form Inbound Parse posts: text fields, and files by field name."""

    fields: dict[str, str]
    files: dict[str, Attachment]


def draft_from_json(given: dict[str, Any]) -> ReplyDraft:
    """The draft in a control request; raises `ValueError` with a sentence about what is wrong with it."""
    text = given.get("text")
    headers = given.get("headers") or {}
    if not isinstance(text, str) or not isinstance(headers, dict):
        raise ValueError(  # noqa: TRY004  # a wrong value in a request, not a wrong type in code
            'A reply needs "text" (a string), and "headers" has to be an object when it is given.'
        )
    return ReplyDraft(
        text, given.get("from"), headers, [_attachment(file) for file in given.get("attachments") or []]
    )


def _attachment(given: dict[str, Any]) -> Attachment:
    try:
        content = base64.b64decode(given["content"], validate=True)
        return Attachment(given["name"], given.get("type") or "application/octet-stream", content)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            'Each attachment needs "name" and "content" (base64), and may have "type".'
        ) from error


def write_reply(mail: Mail, draft: ReplyDraft, now: datetime) -> tuple[Reply, ParsedMail]:
    """The debtor's answer to a mail: as the mailbox shows it, and as the application gets it."""
    sender = draft.sender or str(mail.to[0])
    address = sender.rpartition("<")[2].rstrip(">")
    message_id = f"<{secrets.token_hex(12)}@{address.rpartition('@')[2]}>"
    text, html = _bodies(mail, draft.text)
    subject = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
    fields = {
        "headers": _header_block(mail, draft, sender, subject, message_id, now),
        "dkim": f"{{@{address.rpartition('@')[2]} : pass}}",
        "to": str(mail.answers_go_to),
        "from": sender,
        "subject": subject,
        "text": text,
        "html": html,
        "sender_ip": _SENDER_IP,
        "envelope": json.dumps({"to": [mail.answers_go_to.email], "from": address}),
        "charsets": json.dumps(dict.fromkeys(("to", "from", "subject", "text", "html"), "UTF-8")),
        "SPF": "pass",
        "spam_score": "0.1",
        "attachments": str(len(draft.attachments)),
    }
    files = {f"attachment{number}": file for number, file in enumerate(draft.attachments, start=1)}
    if files:
        fields["attachment-info"] = json.dumps({name: _file_info(file) for name, file in files.items()})
    return Reply(draft.text, now, sender, message_id), ParsedMail(fields, files)


def _file_info(file: Attachment) -> dict[str, str]:
    return {"filename": file.name, "name": file.name, "type": file.type}


def _header_block(
    mail: Mail, draft: ReplyDraft, sender: str, subject: str, message_id: str, now: datetime
) -> str:
    headers: dict[str, str | None] = {
        "Received": f"from mail.debtor.example ({_SENDER_IP}) by mx.sendgrid.example; {format_datetime(now)}",
        "MIME-Version": "1.0",
        "Date": format_datetime(now),
        "From": sender,
        "To": str(mail.answers_go_to),
        "Subject": subject,
        "Message-ID": message_id,
        "In-Reply-To": mail.message_id,
        "References": mail.message_id,
        "Content-Type": "multipart/alternative; boundary=reply",
        **draft.headers,
    }
    return "".join(f"{name}: {value}\n" for name, value in headers.items() if value is not None)


def _bodies(mail: Mail, answer: str) -> tuple[str, str]:
    intro = f"On {mail.received_at:%a, %d %b %Y at %H:%M}, {mail.sender} wrote:"
    original = (mail.text or "").rstrip().splitlines()
    quoted = "\n".join(f"> {line}".rstrip() for line in original)
    html = (
        f'<div dir="auto">{escape(answer).replace(chr(10), "<br>")}</div><br>'
        f'<div class="gmail_quote"><div>{escape(intro)}</div>'
        f"<blockquote>{'<br>'.join(escape(line) for line in original)}</blockquote></div>"
    )
    return f"{answer}\n\n{intro}\n{quoted}\n", html


class InboundPoster:
    """Posts parsed mails to the application's inbound address."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._courier: Courier[ParsedMail] = Courier(lambda mails: all(map(self._arrived, mails)), batch=1)

    def post(self, parsed: ParsedMail) -> int | None:
        """Post now and give the status answered (`None`: no answer); 5xx and silence are repeated later.

        Raises `ValueError` when the sandbox was started without an inbound address.
        """
        if not self._url:
            raise ValueError(
                "The sandbox was started without an inbound address, so it cannot deliver replies."
            )
        status = self._try(parsed)
        if status is None or status >= 500:
            self._courier.put(parsed, delay=1.0)
        return status

    def _arrived(self, parsed: ParsedMail) -> bool:
        status = self._try(parsed)
        return status is not None and status < 500

    def _try(self, parsed: ParsedMail) -> int | None:
        form = [(name, (None, value.encode())) for name, value in parsed.fields.items()]
        files = [(name, (file.name, file.content, file.type)) for name, file in parsed.files.items()]
        try:
            # Everything goes in as parts: plain `data` would not be sent as multipart without a file.
            answer = requests.post(str(self._url), files=[*form, *files], timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            _log.info("inbound webhook not reached: %s", error)
            return None
        return answer.status_code
