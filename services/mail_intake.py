"""Takes in what the mail provider posts: stored first, understood later.

Each function stores everything it is given in one commit, or raises ``Unavailable`` and has stored nothing.
What comes twice is stored once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from kit.wording import N_
from services import doors, inbound_mail
from services.app import App
from services.mime_mail import CUT, MAILBOX
from store.queries.mail_inbox import EVENTS, REPLIES
from store.receiving import NewEvent, receive

_KEY = re.compile(r"[A-Za-z0-9_=+/.-]{8,200}")
_NO_FORM = N_("parked: what arrived is not a form that can be taken apart")
_UNREADABLE = N_("parked: what arrived is not a list of events in JSON")


_MOST_EVENTS = 20_000
"""More real events do not fit into a body; more of anything else would fill our memory and our tables."""
_MOST_COMMAS = 20 * _MOST_EVENTS


class _Named(msgspec.Struct, frozen=True):
    sg_event_id: str


def take_events(app: App, body: bytes, now: datetime) -> None:
    """Store a list of events. One that cannot be read is kept and parked: nobody will send a better one."""
    try:
        rows = [_event(raw, now) for raw in _events(body)]
    except (msgspec.DecodeError, RecursionError):
        rows = [_row(EVENTS, _digest(body), body, now, parked=_UNREADABLE)]
    if receive(app.database, rows):
        app.soft_doorbell.ring(doors.MAIL_EVENTS)


def take_reply(app: App, content_type: str, body: bytes, now: datetime) -> None:
    """Store a mail that came in. A form that cannot be taken apart is kept and parked."""
    try:
        mail = inbound_mail.take_apart(content_type, body)
        for name in (MAILBOX, CUT):  # said by nobody but us
            mail.fields.pop(name, None)
        row = _row(
            REPLIES, inbound_mail.key_of(mail), msgspec.msgpack.encode(inbound_mail.without_codes(mail)), now
        )
    except (ValueError, KeyError):  # KeyError: a part without its Content-Disposition
        row = _row(REPLIES, _digest(body), body, now, parked=_NO_FORM)
    if receive(app.database, [row]):
        app.soft_doorbell.ring(doors.REPLIES)


def _events(body: bytes) -> Iterable[bytes]:
    """The events of a list, each once."""
    if body.count(b",") > _MOST_COMMAS:
        raise msgspec.DecodeError("more events than a body can hold")
    found = msgspec.json.decode(body, type=list[msgspec.Raw])
    if len(found) > _MOST_EVENTS:
        raise msgspec.DecodeError("more events than a body can hold")
    return dict.fromkeys(map(bytes, found))


def _event(raw: bytes, now: datetime) -> NewEvent:
    """One event; its key is the provider's id of it, or a digest where there is none to rely on."""
    try:
        name = msgspec.json.decode(raw, type=_Named).sg_event_id
    except (msgspec.DecodeError, RecursionError):
        name = ""
    return _row(EVENTS, name if _KEY.fullmatch(name) else _digest(raw), raw, now)


def _row(source: str, key: str, payload: bytes, now: datetime, parked: str | None = None) -> NewEvent:
    return {
        "source": source,
        "key": key,
        "tenant": None,
        "payload": payload,
        "received_at": now,
        "next_try_at": now,
        "handled_at": now if parked else None,
        "outcome": parked,
    }


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
