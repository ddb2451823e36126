"""The event feed: what happens is told to other programs, each thing once, in one order that never changes.

An event is written in the transaction of what it tells of. It gets its place in the order when somebody reads, by
transactions that wait for each other; so a reader who goes on from where it was misses nothing, however the writers
overtook each other ([ADR 20](docs/adr/0020-event-feed.md)).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from kit import clock
from kit.ids import derived_id, new_id
from services.app import App
from services.timeline_events import title_of
from store.queries import feed
from store.queries.feed import Told

KEPT = timedelta(days=366)
CURSOR = r"^(0|[1-9][0-9]{0,17}\.[0-9a-f]{12})$"
_BEGINNING = "0"
_NUMBERED_AT_ONCE = 1_000
_PLACE = re.compile(CURSOR, re.ASCII)


class EventKind(StrEnum):
    """What an event tells of."""

    MESSAGE_SENT = "message_sent"
    MESSAGE_DELIVERED = "message_delivered"
    MESSAGE_BOUNCED = "message_bounced"
    MESSAGE_FAILED = "message_failed"
    REPLY_RECEIVED = "reply_received"
    CALL = "call"
    NOTE = "note"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_PART_KEPT = "promise_part_kept"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_WITHDRAWN = "promise_withdrawn"
    PROMISE_REPLACED = "promise_replaced"
    PROMISE_OPEN = "promise_open"
    PLAN_PROPOSED = "plan_proposed"
    PLAN_DECLINED = "plan_declined"
    PLAN_RUNNING = "plan_running"
    PLAN_MISSED = "plan_missed"
    PLAN_BROKEN = "plan_broken"
    PLAN_KEPT = "plan_kept"
    PLAN_CHANGED = "plan_changed"
    PLAN_ENDED = "plan_ended"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_SETTLED = "dispute_settled"
    HOLD_PLACED = "hold_placed"
    HOLD_RELEASED = "hold_released"
    ACCOUNT_STOPPED = "account_stopped"
    ACCOUNT_LIFTED = "account_lifted"
    ACCOUNT_WATCHED = "account_watched"
    ACCOUNT_WATCH_ENDED = "account_watch_ended"
    LATE_FEE = "late_fee"
    CREDIT_LIMIT_SET = "credit_limit_set"
    CREDIT_LIMIT_EXCEEDED = "credit_limit_exceeded"
    CREDIT_PROPOSAL_MADE = "credit_proposal_made"
    CREDIT_PROPOSAL_ACCEPTED = "credit_proposal_accepted"
    CREDIT_PROPOSAL_DECLINED = "credit_proposal_declined"
    CREDIT_PROPOSAL_OVER = "credit_proposal_over"
    CREDIT_REPORT_ARRIVED = "credit_report_arrived"
    SPECIAL_TERMS_AGREED = "special_terms_agreed"
    SPECIAL_TERMS_CHANGED = "special_terms_changed"
    SPECIAL_TERMS_ENDED = "special_terms_ended"
    SPECIAL_TERMS_EXPIRED = "special_terms_expired"
    INVOICE_PAID = "invoice_paid"
    INVOICE_PART_PAID = "invoice_part_paid"


OF_RECORDS = {
    "call": EventKind.CALL,
    "note": EventKind.NOTE,
    "letter": EventKind.MESSAGE_SENT,
    "own_mail": EventKind.MESSAGE_SENT,
    "stop": EventKind.ACCOUNT_STOPPED,
    "lift": EventKind.ACCOUNT_LIFTED,
    "watch": EventKind.ACCOUNT_WATCHED,
    "watch_ended": EventKind.ACCOUNT_WATCH_ENDED,
    "fee": EventKind.LATE_FEE,
    "limit": EventKind.CREDIT_LIMIT_SET,
    "limit_exceeded": EventKind.CREDIT_LIMIT_EXCEEDED,
    "credit_report": EventKind.CREDIT_REPORT_ARRIVED,
}
"""What records tell of by themselves. Promises, plans, disputes and holds are told of where they change, because one
that came with a call or a reply has no record of its own."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the feed; a reader goes on behind ``cursor``, at once if there is ``more``, else later."""

    events: list[Told]
    cursor: str
    more: bool


class NoSuchPlace(ValueError):
    """A cursor that is none of ours."""


class Gone(Exception):
    """The feed does not go on from this cursor any more: the reader begins again, without one."""


def tell(
    session: Session,
    organisation_id: str,
    kind: EventKind,
    contact_id: str,
    *,
    title: str,
    now: datetime,
    text: str = "",
    invoice_ids: Iterable[str] = (),
    communication_id: str | None = None,
    key: str | None = None,
    at: datetime | None = None,
) -> None:
    """Tell of something, within the caller's change. The same ``key`` is the same event; None: nothing else is it."""
    feed.add(
        session,
        organisation_id=organisation_id,
        id=derived_id("event", kind, key) if key else new_id(),
        at=at or now,
        created_at=now,
        kind=kind.value,
        contact_id=contact_id,
        communication_id=communication_id,
        invoice_ids=sorted(set(invoice_ids)),
        title=title,
        text=text,
    )


def tell_message(
    session: Session,
    organisation_id: str,
    kind: EventKind,
    contact_id: str,
    communication_id: str,
    *,
    now: datetime,
    at: datetime | None = None,
    text: str | None = None,
) -> None:
    """Tell of a message, call or note in its own words (``text``: in these), once for each kind."""
    feed.add(
        session,
        organisation_id=organisation_id,
        id=derived_id("event", kind, communication_id),
        at=at or now,
        created_at=now,
        kind=kind.value,
        contact_id=contact_id,
        communication_id=communication_id,
        invoice_ids=None,
        title=None,
        text=text,
    )


def page(app: App, organisation_id: str, cursor: str | None, limit: int) -> Page:
    """The next events behind a cursor (None: from the oldest kept on). ``NoSuchPlace`` and ``Gone`` as they say."""
    found = _read(app, organisation_id, cursor, limit)
    if len(found.events) == limit or not _number(app, organisation_id):
        return found
    return _read(app, organisation_id, cursor, limit)


def newest(app: App, organisation_id: str) -> int:
    """The position of the newest event."""
    while _number(app, organisation_id):
        pass
    with app.database.read(organisation_id) as session:
        return feed.standing(session, organisation_id)[0]


def behind(app: App, organisation_id: str, position: int, limit: int) -> list[Told]:
    """The next events behind a position that we keep ourselves."""
    found = _behind(app, organisation_id, position, limit)
    if len(found) < limit and _number(app, organisation_id):
        found = _behind(app, organisation_id, position, limit)
    return found


def _behind(app: App, organisation_id: str, position: int, limit: int) -> list[Told]:
    with app.database.read(organisation_id) as session:
        return feed.after(session, organisation_id, position, limit)


def words_of(event: Told) -> tuple[str, str]:
    """The title and text of an event."""
    message = event.communication
    title = event.title if event.title is not None else title_of(message) if message else ""
    text = event.text if event.text is not None else message.body_text if message else ""
    return title, text or ""


def forget(app: App) -> None:
    """Forget what is older than a year, one organisation after the other."""
    before = clock.now() - KEPT
    with app.database.read_across() as session:
        concerned = feed.organisations_with_events_before(session, before)
    for organisation_id in concerned:
        with app.database.write(organisation_id) as session:
            feed.forget(session, organisation_id, before)


def _read(app: App, organisation_id: str, cursor: str | None, limit: int) -> Page:
    with app.database.read(organisation_id) as session:
        position = _position(session, organisation_id, cursor)
        events = feed.after(session, organisation_id, position, limit + 1)
    shown = events[:limit]
    following = _cursor(shown[-1]) if shown else cursor or _BEGINNING
    return Page(shown, following, len(events) > limit)


def _position(session: Session, organisation_id: str, cursor: str | None) -> int:
    """Where a reader has come to. ``Gone`` where an older database does not know it, or what follows is not kept."""
    if cursor is None:
        return 0
    if not _PLACE.fullmatch(cursor):
        raise NoSuchPlace(cursor)
    digits, _, mark = cursor.partition(".")
    position = int(digits)
    numbered, forgotten = feed.standing(session, organisation_id)
    if position > numbered or position < forgotten:
        raise Gone(cursor)
    there = feed.id_at(session, organisation_id, position) if position > forgotten else None
    if there and not there.startswith(mark):
        raise Gone(cursor)
    return position


def _cursor(event: Told) -> str:
    return f"{event.position}.{event.id[:12]}"


def _number(app: App, organisation_id: str) -> int:
    """Put what has happened since in order; how much it was."""
    with app.database.read(organisation_id) as session:
        if not feed.is_unnumbered(session, organisation_id):
            return 0
    with app.database.write(organisation_id) as session:
        return feed.number(session, organisation_id, _NUMBERED_AT_ONCE)
