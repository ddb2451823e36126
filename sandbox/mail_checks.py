"""What the mail API refuses, in the words and with the field names SendGrid uses.

Every check is a generator of `Problem`; an accepted payload yields none. SendGrid reports all problems of a
request at once, so nothing here stops at the first one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

MAX_BODY_BYTES = 30 * 1024 * 1024
MAX_PERSONALIZATIONS = 1000
MAX_RECIPIENTS = 1000
MAX_CUSTOM_ARGS_BYTES = 10_000
MAX_CATEGORIES = 10

_HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
_RESERVED_HEADERS = frozenset(
    [
        *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"),
        *("to", "from", "subject", "reply-to", "cc", "bcc"),
    ]
)


@dataclass(frozen=True)
class Problem:
    """One entry of SendGrid's `errors` list."""

    message: str
    field: str | None = None
    help: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """The entry as it stands in the answer."""
        return asdict(self)


def problems_of(payload: Any) -> list[Problem]:
    """Everything SendGrid would refuse about a decoded mail-send body; empty means it is accepted."""
    if not isinstance(payload, dict):
        return [Problem("Bad Request")]
    return [
        *_check_personalizations(payload),
        *_check_from(payload),
        *_check_subject(payload),
        *_check_content(payload),
        *_check_attachments(payload),
        *_check_headers(payload.get("headers"), "headers"),
        *_check_custom_args(payload.get("custom_args"), "custom_args"),
        *_check_categories(payload),
    ]


def is_only_checked(payload: dict[str, Any]) -> bool:
    """Whether a body asks for SendGrid's own sandbox mode: checked, answered 200, never delivered."""
    settings = payload.get("mail_settings")
    mode = settings.get("sandbox_mode") if isinstance(settings, dict) else None
    return isinstance(mode, dict) and mode.get("enable") is True


def _check_personalizations(payload: dict[str, Any]) -> Iterator[Problem]:
    blocks = payload.get("personalizations")
    if not isinstance(blocks, list) or not blocks:
        yield Problem(
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
            f"{_HELP}#-Personalizations-Errors",
        )
        return
    if len(blocks) > MAX_PERSONALIZATIONS:
        yield Problem(
            f"The personalization block is limited to {MAX_PERSONALIZATIONS} personalizations per API "
            f"request. You have provided {len(blocks)} personalizations. Please consider splitting this into "
            "multiple requests and resending your request.",
            "personalizations",
            f"{_HELP}#-Personalizations-Errors",
        )
    if sum(_recipient_count(block) for block in blocks) > MAX_RECIPIENTS:
        yield Problem(
            f"There is a limit of {MAX_RECIPIENTS} total recipients (to + cc + bcc) per request.",
            "personalizations",
            f"{_HELP}#-Personalizations-Errors",
        )
    for index, block in enumerate(blocks):
        yield from _check_personalization(block, f"personalizations.{index}")


def _recipient_count(block: Any) -> int:
    if not isinstance(block, dict):
        return 0
    return sum(len(_as_list(block.get(kind))) for kind in ("to", "cc", "bcc"))


def _as_list(value: Any) -> list[Any]:
    """The entries of an optional list; anything else counts as one entry, so that its check complains."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _check_personalization(block: Any, field: str) -> Iterator[Problem]:
    if not isinstance(block, dict) or not isinstance(block.get("to"), list) or not block["to"]:
        yield Problem(
            "The to array is required for all personalization objects, and must have at least one email "
            "object with a valid email address.",
            f"{field}.to",
            f"{_HELP}#message.personalizations.to",
        )
        return
    seen: set[str] = set()
    for kind in ("to", "cc", "bcc"):
        for place, address in enumerate(_as_list(block.get(kind))):
            yield from _check_address(address, f"{field}.{kind}.{place}")
            yield from _check_repeated(address, seen, field, kind)
    if block.get("from") is not None:
        yield from _check_address(block["from"], f"{field}.from")
    yield from _check_headers(block.get("headers"), f"{field}.headers")
    yield from _check_custom_args(block.get("custom_args"), f"{field}.custom_args")
    if "subject" in block:
        yield from _check_one_line(block["subject"], f"{field}.subject")


def _check_repeated(address: Any, seen: set[str], field: str, kind: str) -> Iterator[Problem]:
    email = address.get("email") if isinstance(address, dict) else None
    if not isinstance(email, str):
        return
    if email.lower() in seen:
        yield Problem(
            "Each email address in the personalization block should be unique between to, cc, and bcc. "
            f"We found the first duplicate instance of [{email}] in the {field}.{kind} field.",
            field,
            f"{_HELP}#message.personalizations",
        )
    seen.add(email.lower())


def _check_address(address: Any, field: str) -> Iterator[Problem]:
    email = address.get("email") if isinstance(address, dict) else None
    if not isinstance(email, str) or not _ADDRESS.fullmatch(email):
        yield Problem(
            "Does not contain a valid address.", f"{field}.email", f"{_HELP}#message.recipient-errors"
        )
    if isinstance(address, dict) and address.get("name") is not None:
        yield from _check_one_line(address["name"], f"{field}.name")


def _check_from(payload: dict[str, Any]) -> Iterator[Problem]:
    sender = payload.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        yield Problem(
            "The from object must be provided for every email send. It is an object that requires the email "
            'parameter, but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or '
            '{"email" : "example@example.com", "name" : "Example Recipient"}.',
            "from.email",
            f"{_HELP}#message.from",
        )
    else:
        yield from _check_address(sender, "from")
    if payload.get("reply_to") is not None:
        yield from _check_address(payload["reply_to"], "reply_to")
        if payload.get("reply_to_list") is not None:
            yield Problem("reply_to and reply_to_list cannot be used together.", "reply_to_list", _HELP)
    if payload.get("reply_to_list") is not None:
        yield from _check_reply_to_list(payload["reply_to_list"])


def _check_reply_to_list(given: object) -> Iterator[Problem]:
    if not isinstance(given, list) or not 0 < len(given) <= 1000:
        yield Problem("The reply_to_list is an array of 1 to 1000 addresses.", "reply_to_list", _HELP)
        return
    for index, address in enumerate(given):
        yield from _check_address(address, f"reply_to_list.{index}")


def _check_subject(payload: dict[str, Any]) -> Iterator[Problem]:
    subject = payload.get("subject")
    blocks = payload.get("personalizations") or [{}]
    everywhere = isinstance(blocks, list) and all(isinstance(b, dict) and b.get("subject") for b in blocks)
    if not subject and not everywhere:
        yield Problem(
            "The subject is required. You can get around this requirement if you use a template with a "
            "subject defined or if every personalization has a subject defined.",
            "subject",
            f"{_HELP}#message.subject",
        )
    if subject:
        yield from _check_one_line(subject, "subject")


def _check_content(payload: dict[str, Any]) -> Iterator[Problem]:
    content = payload.get("content")
    if not isinstance(content, list) or not content:
        yield Problem(
            "Unless a valid template_id is provided, the content parameter is required. There must be at "
            "least one defined content block. We typically suggest both text/plain and text/html blocks are "
            "included, but only one block is required.",
            "content",
            f"{_HELP}#message.content",
        )
        return
    for index, block in enumerate(content):
        yield from _check_content_block(block, f"content.{index}")
    yield from _check_content_order([block.get("type") for block in content if isinstance(block, dict)])


def _check_content_block(block: Any, field: str) -> Iterator[Problem]:
    kind = block.get("type") if isinstance(block, dict) else None
    value = block.get("value") if isinstance(block, dict) else None
    if not isinstance(kind, str) or not kind or any(sign in kind for sign in ";\r\n"):
        yield Problem(
            "The content type must be a string of at least one character, without ';' or CRLF characters.",
            f"{field}.type",
            f"{_HELP}#message.content.type",
        )
    if not isinstance(value, str) or not value:
        yield Problem(
            "The content value must be a string at least one character in length.",
            f"{field}.value",
            f"{_HELP}#message.content.value",
        )


def _check_content_order(kinds: list[Any]) -> Iterator[Problem]:
    known = [kind for kind in kinds if kind in ("text/plain", "text/html")]
    if len(known) != len(set(known)):
        yield Problem(
            "If present, text/plain and text/html may only be provided once.",
            "content",
            f"{_HELP}#message.content",
        )
    if known and kinds[: len(set(known))] != sorted(set(known), reverse=True):
        yield Problem(
            "If present, text/plain must be first, followed by text/html, followed by any other content.",
            "content",
            f"{_HELP}#message.content",
        )


def _check_attachments(payload: dict[str, Any]) -> Iterator[Problem]:
    for index, attachment in enumerate(_as_list(payload.get("attachments"))):
        field = f"attachments.{index}"
        if not isinstance(attachment, dict) or not attachment.get("content"):
            yield Problem(
                "The attachment content is required.",
                f"{field}.content",
                f"{_HELP}#message.attachments.content",
            )
            continue
        if not _is_base64(attachment["content"]):
            yield Problem(
                "The attachment content must be base64 encoded.",
                f"{field}.content",
                f"{_HELP}#message.attachments.content",
            )
        if not attachment.get("filename"):
            yield Problem(
                "The filename of the attachment is required.",
                f"{field}.filename",
                f"{_HELP}#message.attachments.filename",
            )
        else:
            yield from _check_one_line(attachment["filename"], f"{field}.filename")
        if any(sign in str(attachment.get("type", "")) for sign in ";\r\n"):
            yield Problem(
                "The type of the attachment cannot contain ';', or CRLF characters.",
                f"{field}.type",
                f"{_HELP}#message.attachments.type",
            )


def _is_base64(content: Any) -> bool:
    try:
        base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return False
    return True


def _check_headers(headers: Any, field: str) -> Iterator[Problem]:
    if headers is None:
        return
    if not isinstance(headers, dict):
        yield Problem(
            "The headers parameter must be an object of strings.", field, f"{_HELP}#message.headers"
        )
        return
    for name, value in headers.items():
        if name.lower() in _RESERVED_HEADERS:
            yield Problem(
                f"The header {name} is reserved and cannot be set.", field, f"{_HELP}#message.headers"
            )
        if not isinstance(value, str) or not re.fullmatch(r"[!-9;-~]+", name):
            yield Problem(
                "Header names must be printable ASCII and header values must be strings.",
                f"{field}.{name}",
                f"{_HELP}#message.headers",
            )
        else:
            yield from _check_one_line(value, f"{field}.{name}")


def _check_one_line(value: Any, field: str) -> Iterator[Problem]:
    if not isinstance(value, str) or any(sign in value for sign in "\r\n\0"):
        yield Problem("The value must be a string without CRLF characters.", field, _HELP)


def _check_custom_args(args: Any, field: str) -> Iterator[Problem]:
    if args is None:
        return
    if not isinstance(args, dict) or not all(isinstance(value, str) for value in args.values()):
        yield Problem(
            "The custom_args parameter must be an object of strings.", field, f"{_HELP}#message.custom_args"
        )
    elif sum(len(f"{key}{value}".encode()) for key, value in args.items()) > MAX_CUSTOM_ARGS_BYTES:
        yield Problem(
            f"Custom arguments may not exceed {MAX_CUSTOM_ARGS_BYTES} bytes.",
            field,
            f"{_HELP}#message.custom_args",
        )


def _check_categories(payload: dict[str, Any]) -> Iterator[Problem]:
    categories = payload.get("categories")
    if categories is None:
        return
    if not isinstance(categories, list) or not all(isinstance(name, str) for name in categories):
        yield Problem(
            "The categories parameter must be an array of strings.",
            "categories",
            f"{_HELP}#message.categories",
        )
    elif len(categories) > MAX_CATEGORIES or len(set(categories)) != len(categories):
        yield Problem(
            f"A message may have at most {MAX_CATEGORIES} categories, each of them once.",
            "categories",
            f"{_HELP}#message.categories",
        )
