"""The event webhook: what becomes of an accepted mail, told in signed lists as SendGrid tells it.

The local part of an address decides its fate, so that a test or a person can choose one:

==========  =========================================
contains    events
==========  =========================================
`bounce`    processed, bounce (5.1.1, unknown user)
`drop`      dropped (never attempted)
`spam`      processed, delivered, spamreport
`defer`     processed, deferred, delivered
otherwise   processed, delivered
==========  =========================================
"""

from __future__ import annotations

import base64
import json
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.courier import Courier
from sandbox.mailbox import Address, Event, Mail

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
MAX_EVENTS_A_POST = 1000
_TIMEOUT_SECONDS = 10
_GAP_SECONDS = 0.1

_log = logging.getLogger(__name__)

_PROCESSED: tuple[str, dict[str, str]] = ("processed", {})
_DELIVERED: tuple[str, dict[str, str]] = ("delivered", {"response": "250 2.0.0 OK"})
_FATES: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "bounce": (
        _PROCESSED,
        (
            "bounce",
            {
                "type": "bounce",
                "status": "5.1.1",
                "bounce_classification": "Invalid Address",
                "reason": "550 5.1.1 The email account that you tried to reach does not exist.",
            },
        ),
    ),
    "drop": (("dropped", {"reason": "Bounced Address", "status": "5.0.0"}),),
    "spam": (_PROCESSED, _DELIVERED, ("spamreport", {})),
    "defer": (
        _PROCESSED,
        ("deferred", {"attempt": "1", "response": "451 4.7.1 Greylisting in action, please come back later"}),
        _DELIVERED,
    ),
}


def fate_of(address: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """The events an address meets, in order, each with what SendGrid adds to it."""
    local = address.partition("@")[0].lower()
    return next((fate for word, fate in _FATES.items() if word in local), (_PROCESSED, _DELIVERED))


class EventSigner:
    """Signs event lists with the P-256 key of the sandbox."""

    def __init__(self, private_key_pem: str) -> None:
        key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(  # noqa: TRY004  # a wrong value in the settings, not a wrong type in code
                "The key that signs mail events has to be an elliptic-curve (P-256) key in PEM form."
            )
        self._key = key

    def public_key(self) -> str:
        """The verification key as SendGrid shows it: base64 of the DER SubjectPublicKeyInfo."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def headers(self, body: bytes, now: datetime) -> dict[str, str]:
        """The two signature headers for this body, as of `now`."""
        timestamp = str(int(now.timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {SIGNATURE_HEADER: base64.b64encode(signature).decode(), TIMESTAMP_HEADER: timestamp}


@dataclass
class EventSwitches:
    """How the event webhook misbehaves on purpose; all off is normal."""

    drop: bool = False
    hold: bool = False
    duplicate: bool = False
    reverse: bool = False


class EventWebhook:
    """Turns accepted mails into events and posts them to the application in the background."""

    def __init__(self, url: str | None, signer: EventSigner, now: Callable[[], datetime]) -> None:
        self.switches = EventSwitches()
        self._url = url
        self._signer = signer
        self._now = now
        self._held: list[dict[str, Any]] = []
        self._courier: Courier[dict[str, Any]] = Courier(self._post, batch=MAX_EVENTS_A_POST)

    def tell_of(self, mail: Mail) -> None:
        """Record what becomes of a mail and tell the application, event by event."""
        for recipient in (*mail.to, *mail.cc, *mail.bcc):
            for place, event in enumerate(_events(mail, recipient, self._now())):
                self._tell(event, delay=_GAP_SECONDS * (place + 1))

    def release(self) -> int:
        """Post what `hold` kept back; gives how many events that were."""
        held, self._held = self._held, []
        for event in held:
            self._tell(event, delay=0.0)
        return len(held)

    def _tell(self, event: dict[str, Any], *, delay: float) -> None:
        if self.switches.drop or not self._url:
            return
        if self.switches.hold:
            self._held.append(event)
            return
        self._courier.put(event, delay=delay)
        if self.switches.duplicate:
            # A redelivered event can carry a new id, so an application has to stand both ids.
            self._courier.put({**event, "sg_event_id": _event_id()}, delay=delay)

    def _post(self, events: list[dict[str, Any]]) -> bool:
        ordered = events[::-1] if self.switches.reverse else events
        body = json.dumps(ordered).encode()
        headers = {"Content-Type": "application/json", **self._signer.headers(body, self._now())}
        try:
            answer = requests.post(str(self._url), data=body, headers=headers, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            _log.info("event webhook not reached: %s", error)
            return False
        return answer.ok


def _events(mail: Mail, recipient: Address, now: datetime) -> Iterator[dict[str, Any]]:
    for name, detail in fate_of(recipient.email):
        mail.events.append(Event(name=name, at=now, detail={"email": recipient.email, **detail}))
        yield {
            **mail.custom_args,
            "email": recipient.email,
            "timestamp": int(now.timestamp()),
            "smtp-id": mail.message_id,
            "event": name,
            "category": mail.categories,
            "sg_event_id": _event_id(),
            "sg_message_id": mail.sg_message_id,
            **detail,
        }


def _event_id() -> str:
    return secrets.token_urlsafe(16)
