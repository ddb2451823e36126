"""Sending events to the addresses that want them: signed, in order, each at least once.

One request carries what comes next; the following one leaves when it was taken. An address that does not take it is tried
again at growing distances for three days and then paused, and the owners are told. Each takes a turn behind the others.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from integration.web.hook import NotTaken, post
from kit import clock
from kit.errors import UserError
from services import feed, notice_text, notices
from services.app import App
from services.event_endpoints import group_of
from store.models import EventEndpoint, Organisation
from store.queries import event_endpoints as queries
from store.queries import notices as readers
from store.queries.event_endpoints import ON, PAUSED
from store.queries.feed import Told

SIGNATURE = "Dunnock-Signature"
AT_ONCE = 100
_PAGES = 20
"""So many pages that an address does not want are passed over in one turn."""
_ONE_TURN = timedelta(minutes=2)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_GIVEN_UP_AFTER = timedelta(days=3)
_REST = 10
"""An address rests for so many times as long as its answer took, so that a slow one cannot fill a worker."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What an address gets next, and where it stands then."""

    events: list[Told]
    position: int


def due(app: App) -> list[str]:
    """Organisations with something to send."""
    with app.database.read_across() as session:
        return list(queries.organisations_to_serve(session, clock.now()))


def deliver(app: App, organisation_id: str) -> bool:
    """Send one address what comes next for it. True if more may be due."""
    row = _claim(app, organisation_id)
    if row is None:
        return False
    parcel = _parcel(app, row)
    began = clock.stopwatch()
    try:
        if parcel.events:
            _post(app, row, parcel.events)
    except (NotTaken, UserError) as problem:
        _failed(app, row, str(problem))
    else:
        _taken(app, row, parcel, timedelta(seconds=(clock.stopwatch() - began) * _REST))
    return True


def signature(secret: str, at: int, body: bytes) -> str:
    """``t=1764000000,v1=…``: the time in seconds, and HMAC-SHA256 over that time, a full stop and the body."""
    code = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={code}"


def _claim(app: App, organisation_id: str) -> EventEndpoint | None:
    """Take the next one, so that nobody else sends to it meanwhile and changes the order."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        row = queries.next_due(session, organisation_id, now)
        if row:
            row.next_try_at = now + _ONE_TURN
    return row


def _parcel(app: App, row: EventEndpoint) -> _Parcel:
    """The next events that it wants, some pages on if need be."""
    position = row.position
    for _ in range(_PAGES):
        found = feed.behind(app, row.organisation_id, position, AT_ONCE)
        wanted = [one for one in found if not row.groups or group_of(one.kind) in row.groups]
        position = found[-1].position if found else position
        if wanted or len(found) < AT_ONCE:
            return _Parcel(wanted, position)
    return _Parcel([], position)


def _post(app: App, row: EventEndpoint, events: list[Told]) -> None:
    body = msgspec.json.encode(
        {
            "organisation_id": row.organisation_id,
            "endpoint_id": row.id,
            "events": [_shape(one) for one in events],
        }
    )
    secret = app.secrets.decrypt(row.secret_cipher)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Dunnock",
        SIGNATURE: signature(secret, int(clock.machine_now().timestamp()), body),
    }
    post(row.url, body, headers, public_only=app.settings.production)


def _shape(event: Told) -> dict[str, Any]:
    """As the feed answers it."""
    title, text = feed.words_of(event)
    return {
        "id": event.id,
        "at": event.at,
        "kind": event.kind,
        "contact_id": event.contact_id,
        "invoice_ids": event.invoice_ids,
        "communication_id": event.communication_id,
        "title": title,
        "text": text,
    }


def _taken(app: App, claimed: EventEndpoint, parcel: _Parcel, rest: timedelta) -> None:
    now = clock.now()
    with app.database.write(claimed.organisation_id) as session:
        row = queries.locked(session, claimed.organisation_id, claimed.id)
        if row is None or row.next_try_at != claimed.next_try_at:
            return  # somebody switched it meanwhile: the same is sent again
        row.position, row.next_try_at = parcel.position, now + rest
        if parcel.events:
            row.taken_at, row.attempts, row.failing_since, row.problem = now, 0, None, None


def _failed(app: App, claimed: EventEndpoint, problem: str) -> None:
    now = clock.now()
    with app.database.write(claimed.organisation_id) as session:
        row = queries.locked(session, claimed.organisation_id, claimed.id)
        if row is None or row.state != ON or row.next_try_at != claimed.next_try_at:
            return
        row.failing_since = row.failing_since or now
        row.next_try_at = now + min(_FIRST_PAUSE * 2 ** min(row.attempts, 10), _LONGEST_PAUSE)
        row.attempts, row.problem = row.attempts + 1, problem
        if now - row.failing_since < _GIVEN_UP_AFTER:
            return
        row.state = PAUSED
        organisation = session.get_one(Organisation, row.organisation_id)
        for reader in readers.in_charge(session, row.organisation_id, ("owner",)):
            home = app.settings.public_url
            subject, body = notice_text.events_paused(organisation, reader, row.url, problem, home)
            about = f"{row.id} {_seconds(row.failing_since)}"
            notices.tell(session, row.organisation_id, "events", reader, about, subject, body, now)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
