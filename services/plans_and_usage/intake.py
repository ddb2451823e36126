"""What the billing provider posts: stored before it is acknowledged, and then only a reason to ask."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from kit import clock
from kit.wording import N_
from services import doors
from services.app import App
from services.inbox_loop import Done, Unusable, Work, work_through
from store.queries import mail_inbox
from store.queries import plans as queries
from store.queries.mail_inbox import BILLING, Waiting
from store.receiving import receive


class _Thing(msgspec.Struct):
    """The object of an event: an account itself, or something of an account."""

    id: str = ""
    object: str = ""
    customer: str | None = None


class _Data(msgspec.Struct):
    object: _Thing


class _Event(msgspec.Struct):
    id: str
    data: _Data


def take(app: App, body: bytes, now: datetime) -> bool:
    """Store a genuine delivery; False for one that is no event at all. Each event is stored once."""
    try:
        event = msgspec.json.decode(body, type=_Event)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    row = {
        "source": BILLING,
        "key": event.id[:200],
        "tenant": None,
        "payload": body,
        "received_at": now,
        "next_try_at": now,
        "handled_at": None,
        "outcome": None,
    }
    if receive(app.database, [row]):  # type: ignore[list-item]
        app.soft_doorbell.ring(doors.BILLING_NEWS)
    return True


def waiting(app: App) -> bool:
    """Whether there are events to handle now."""
    with app.database.read_across() as session:
        return mail_inbox.is_waiting(session, BILLING, clock.now())


def handle(app: App) -> bool:
    """Have the accounts asked for of which there is news. True if more may be waiting."""
    return work_through(app, Work(BILLING, 50, _read, _apply, lambda _app, _event: None))


def _read(payload: bytes) -> _Event:
    try:
        return msgspec.json.decode(payload, type=_Event)
    except msgspec.DecodeError as error:
        raise Unusable(N_("it was not stored as it should have been")) from error


def _apply(session: Session, _one: Waiting, event: _Event, now: datetime) -> Done:
    thing = event.data.object
    customer = thing.id if thing.object == "customer" else thing.customer
    payer = queries.payer_by_customer(session, customer) if customer else None
    if payer is None:
        return Done(N_("not about one of our accounts"), forget=True)
    payer.next_look_at = now
    return Done(N_("the account is asked for"), ((doors.BILLING, payer.id),), forget=True)
