"""Delivery reports that come as mails: which address a mail of ours did not reach, and whether it still may.

Whom a server names it has failed is found by ``flufl.bounce``, Mailman's own reader of the many shapes that such
mails have; what it does not tell (which mail, which status, whose words) is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr

_MESSAGE_ID = re.compile(r"^[>\s]*Message-ID:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_IDS = re.compile(r"<[^<>\s]{1,500}>")
_STATUS = re.compile(r"(?<![\d.])#?([245]\.\d{1,2}\.\d{1,3})(?![\d.])")
_ADDRESS = re.compile(r"[\w.+'&=-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_MACHINES = re.compile(r"(mailer-?daemon|postmaster|mail-?delivery|microsoftexchange\w*)\b", re.IGNORECASE)
_NOT_REACHED = re.compile(
    r"((could|can) ?not be delivered|couldn't be delivered|wasn't delivered|was not delivered|delivery (has )?failed"
    r"|address (couldn't be|not) found|undeliver|does not exist|nicht zugestellt|unzustellbar|n'a pas pu être (remis|distribué)"
    r"|delivery is delayed|delivery incomplete|(hasn't been|has not( yet)? been) delivered"
    r"|(un|not |wasn't |weren't )able to deliver|no valid recipients|unknown user|user unknown|failed addresses follow"
    r"|nicht (an alle|allen) .{0,40}(empfänger|empfaenger)\w*|nicht (ausgeliefert|zugestellt)|nachrichtenzustellung an"
    r"|n'a pas (encore )?(été|pu être) (remis|distribué|délivré)|échec de la remise|non distribué"
    r"|non remis|no se (ha podido|pudo|puede) entregar|error de entrega|entrega se ha retrasado"
    r"|kon niet (worden )?(bezorgd|afgeleverd)|bezorging aan deze|(nog )?niet afgeleverd|onbestelbaar"
    r"|recapitare|non è stato (consegnato|recapitato)|mancata consegna)",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"(delayed|will (be retried|retry|keep trying|continue to try)|temporary problem|verzögert|warning: message"
    r"|noch nicht zugestellt|weiter versucht|n'a pas encore été|remise (est )?(différée|retardée)|se ha retrasado"
    r"|nog niet afgeleverd|nog geprobeerd|non è ancora stato)",
    re.IGNORECASE,
)
_LONGEST = 100_000
_MOST_PARTS = 40
_NOT_THE_ADDRESS = ("4.", "5.2.2", "5.2.3", "5.3.", "5.4.5", "5.5.", "5.6.", "5.7.")
"""Statuses that say nothing against the address: full for now, too large, turned away by what is in it."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a mail server says of a mail of ours."""

    final: bool
    """It has given up; otherwise it goes on trying."""
    addresses: tuple[str, ...]
    """Which were not reached, in small letters."""
    message_ids: tuple[str, ...]
    """Of the mail that it is about, as far as they stand in it, with their angle brackets."""
    status: str = ""
    """RFC 3463: ``5.1.1``; empty where the report has none."""
    words: str = ""
    """The server's own."""
    complaint: bool = False
    """It did arrive, and its reader called it spam."""

    @property
    def is_about_the_address(self) -> bool:
        """The address itself is wrong; otherwise the mail was turned away for something else."""
        return self.final and not self.status.startswith(_NOT_THE_ADDRESS)


def read_report(message: Message) -> DeliveryReport | None:
    """What a delivery report says; None where the mail is none, or names no address. Never fails."""
    if complaint := _complaint(message):
        return complaint
    text = _text(message)
    temporary, permanent = _failures(message)
    if not (temporary or permanent) and _may_be_one(message):
        permanent = _named(message, " ".join(text.split()))
    if permanent and not any(_delivery_fields(message)) and _DELAYED.search(" ".join(text.split())[:2_000]):
        temporary, permanent = permanent, ()
    if not (temporary or permanent):
        return None
    return DeliveryReport(
        final=bool(permanent),
        addresses=permanent or temporary,
        message_ids=_message_ids(message, text),
        status=_status(message, text),
        words=_words(message, text),
    )


def tells_of_delivery(text: str) -> bool:
    """Whether a text speaks of a mail that did not arrive, as servers do."""
    return bool(_NOT_REACHED.search(" ".join(text[:_LONGEST].split())))


def _complaint(message: Message) -> DeliveryReport | None:
    """A feedback loop's report (RFC 5965) that a reader has called a mail spam."""
    for part in _parts(message):
        if part.get_content_type() == "message/feedback-report":
            fields = _fields(part)
            given = next((one["original-rcpt-to"] for one in fields if "original-rcpt-to" in one), "")
            text = _text(message)
            address = parseaddr(given)[1].lower()
            return DeliveryReport(
                False, (address,) if address else (), _message_ids(message, text), complaint=True
            )
    return None


def _failures(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Temporary and permanent, by the library; nothing where it stumbles over what a stranger wrote."""
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return (), ()
    return _addresses(temporary), _addresses(permanent)


def _addresses(found: object) -> tuple[str, ...]:
    given = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in found]  # type: ignore[attr-defined]
    return tuple(sorted({one.lower().strip("<> ") for one in given if _ADDRESS.fullmatch(one.strip("<> "))}))


def _may_be_one(message: Message) -> bool:
    sender = parseaddr(str(message.get("From", "")))[1].partition("@")[0]
    return (
        "X-Failed-Recipients" in message
        or bool(_MACHINES.match(sender))
        or (
            message.get_content_type() == "multipart/report"
            and message.get_param("report-type") != "disposition-notification"
        )
    )


def _named(message: Message, text: str) -> tuple[str, ...]:
    """The addresses that the header names, else the first in the words that say it was not reached."""
    given = _ADDRESS.findall(str(message.get("X-Failed-Recipients", "")))
    if given:
        return tuple(sorted({one.lower() for one in given}))
    failed = _NOT_REACHED.search(text)
    if failed is None:
        return ()
    sender = parseaddr(str(message.get("From", "")))[1].lower()
    near = (one.lower() for one in _ADDRESS.findall(text[max(0, failed.start() - 300) : failed.end() + 800]))
    return next(((one,) for one in near if one != sender), ())


def _message_ids(message: Message, text: str) -> tuple[str, ...]:
    """Of the mail that came back: in the part that brings it, in what is quoted, in what the report answers."""
    found: list[str] = []
    for part in _parts(message):
        if part is not message and part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            inner = part.get_payload()
            inside = inner[0] if isinstance(inner, list) and inner else None
            if isinstance(inside, Message):
                found += _IDS.findall(str(inside.get("Message-ID", "")))
            found += _MESSAGE_ID.findall(_payload(part))
    found += _MESSAGE_ID.findall(text)
    for name in ("In-Reply-To", "References", "X-MS-Exchange-Message-Is-Ndr-For"):
        found += _IDS.findall(str(message.get(name, "")))
    return tuple(dict.fromkeys(found))[:20]


def _status(message: Message, text: str) -> str:
    for fields in _delivery_fields(message):
        if found := _STATUS.search(fields.get("status", "")):
            return found[1]
    found = _STATUS.search(text)
    return found[1] if found else ""


def _words(message: Message, text: str) -> str:
    for fields in _delivery_fields(message):
        if said := fields.get("diagnostic-code"):
            return " ".join(said.partition(";")[2].split() or said.split())[:300]
    line = re.search(r"^.*(?:\b[45]\d\d[ -]|#[45]\.\d).*$", text, re.MULTILINE)
    return " ".join(line[0].split())[:300] if line else ""


def _delivery_fields(message: Message) -> Iterator[dict[str, str]]:
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            yield from _fields(part)


def _fields(part: Message) -> list[dict[str, str]]:
    """The groups of fields of a status part, which the standard library gives as messages of their own."""
    payload = part.get_payload()
    groups = payload if isinstance(payload, list) else []
    return [
        {name.lower(): str(value) for name, value in group.items()}
        for group in groups
        if isinstance(group, Message)
    ]


def _parts(message: Message) -> list[Message]:
    return [part for _, part in zip(range(_MOST_PARTS), message.walk(), strict=False)]


def _text(message: Message) -> str:
    texts = [_payload(part) for part in _parts(message) if part.get_content_maintype() == "text"]
    return "\n".join(texts)[:_LONGEST]


def _payload(part: Message) -> str:
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content[:_LONGEST].decode("utf-8", "replace")
    return ""
