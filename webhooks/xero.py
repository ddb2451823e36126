"""Xero's webhook: 200 when the signature is right and everything is stored, 401 when it is wrong.

Xero wants an answer within five seconds, without a body and without cookies, and it switches the webhook off
for all organisations after a day of failures; so nothing inside a well-signed delivery can make it fail.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, cast

import msgspec
from werkzeug import Request, Response
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from kit import clock
from services import doors
from services.app import App
from store.receiving import NewEvent, Unavailable, receive

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/webhooks/xero"
MOST_BYTES = 1024 * 1024
_MOST_EVENTS = 5_000
"""More real events do not fit into a body of that size; more of anything else would fill our memory and our tables."""
_MOST_COMMAS = 20 * _MOST_EVENTS
_LONGEST_TENANT = 64


def in_front(app: App, behind: WSGIApplication) -> WSGIApplication:
    """Deliveries are answered here, before the web application: they need nothing of it, and come in floods."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == PATH and environ["REQUEST_METHOD"] == "POST":
            return receive_xero(app, Request(environ))(environ, start)
        return behind(environ, start)

    return answer


def receive_xero(app: App, request: Request) -> Response:
    """Verify over the bytes as they came, store, answer; then ring."""
    try:
        body = _body(request)
    except RequestEntityTooLarge:
        return _answer(413)
    except ClientDisconnected:
        return _answer(400)
    if not _is_signed(body, request.headers.get("x-xero-signature", ""), app.settings.xero_webhook_key):
        return _answer(401)
    events = _events(body, clock.now())
    try:
        fresh = receive(app.database, events)
    except Unavailable:
        return _answer(503)
    if fresh:
        for tenant in {event["tenant"] for event in events} - {None}:
            app.soft_doorbell.ring(doors.LEDGER_NEWS, cast("str", tenant))
    return _answer(200)


def _body(request: Request) -> bytes:
    """The bytes as they came. Without a declared length Werkzeug ends reading at the limit and says nothing."""
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge
    request.max_content_length = MOST_BYTES + 1
    body = request.get_data(cache=False)
    if len(body) > MOST_BYTES:
        raise RequestEntityTooLarge
    return body


def _answer(status: int) -> Response:
    """Nothing but a status."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def _is_signed(body: bytes, signature: str, keys: str) -> bool:
    """Whether one of the keys made this signature. While a key is being changed, two stand in the setting, with a comma."""
    given = signature.encode("latin-1", "replace")
    right = False
    for key in filter(None, (part.strip() for part in keys.split(","))):
        made = base64.b64encode(hmac.digest(key.encode(), body, "sha256"))
        right |= hmac.compare_digest(made, given)
    return right


class _Delivery(msgspec.Struct):
    events: list[msgspec.Raw]


class _Event(msgspec.Struct, rename="camel"):
    """What makes an event itself; more fields may come, and none of them is needed to know it again."""

    tenant_id: str
    resource_id: str = ""
    event_date_utc: str = ""
    event_category: str = ""
    event_type: str = ""

    @property
    def key(self) -> str:
        """The same for each delivery of the same event."""
        parts = (self.tenant_id, self.resource_id, self.event_date_utc, self.event_category, self.event_type)
        return hashlib.sha256("|".join(parts).lower().encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def tenant(self) -> str | None:
        """The tenant, in small letters; None if it cannot be one."""
        fits = (
            0 < len(self.tenant_id) <= _LONGEST_TENANT
            and self.tenant_id.isascii()
            and self.tenant_id.isprintable()
        )
        return self.tenant_id.lower() if fits else None


_read_delivery = msgspec.json.Decoder(_Delivery)
_read_event = msgspec.json.Decoder(_Event)
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)


def _events(body: bytes, now: datetime) -> list[NewEvent]:
    """The delivery's events, each once; what cannot be read is kept too, but never followed."""
    if body.count(b",") > _MOST_COMMAS:
        return [_parked(body, now)]
    try:
        delivered = _read_delivery.decode(body).events
    except _UNREADABLE:
        return [_parked(body, now)]
    if len(delivered) > _MOST_EVENTS:
        return [_parked(body, now)]
    events = [_stored(event, now) for event in dict.fromkeys(map(bytes, delivered))]
    return list({event["key"]: event for event in events}.values())


def _stored(payload: bytes, now: datetime) -> NewEvent:
    try:
        event = _read_event.decode(payload)
    except _UNREADABLE:
        return _parked(payload, now)
    if event.tenant is None:
        return _parked(payload, now)
    return {
        "source": "xero",
        "key": event.key,
        "tenant": event.tenant,
        "payload": payload,
        "received_at": now,
        "next_try_at": now,
        "handled_at": None,
        "outcome": None,
    }


def _parked(payload: bytes, now: datetime) -> NewEvent:
    return {
        "source": "xero",
        "key": hashlib.sha256(payload).hexdigest(),
        "tenant": None,
        "payload": payload,
        "received_at": now,
        "next_try_at": now,
        "handled_at": now,
        "outcome": "parked: it cannot be understood, or names no organisation",
    }
