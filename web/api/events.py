"""The event feed: what happened, for programs that read on from where they were."""

from __future__ import annotations

from flask import abort

from services import feed
from services.feed import Gone, NoSuchPlace
from store.queries.feed import Told
from web.api.asked_events import EventsAfter
from web.api.caller import Caller
from web.api.shapes.events import Events, FeedEvent

_FOREIGN = "This cursor is none of this feed: take cursor from the answer before, as it is."
_GONE = (
    "The feed does not go on from this cursor any more: read it again without one."
    " Events that you know already have the ids that you know."
)


def list_events(caller: Caller, query: EventsAfter) -> Events:
    """What happened since, oldest first: messages, replies, calls, promises, disputes, holds, stops, fees and payments.

    Kept for a year. 410 where it cannot go on from a cursor: then read again without one.
    """
    try:
        page = feed.page(caller.app, caller.organisation_id, query.after, query.limit)
    except NoSuchPlace:
        abort(400, _FOREIGN)
    except Gone:
        abort(410, _GONE)
    return Events([_told(one) for one in page.events], page.cursor, page.more)


def _told(event: Told) -> FeedEvent:
    title, text = feed.words_of(event)
    return FeedEvent(
        id=event.id,
        at=event.at,
        kind=feed.EventKind(event.kind),
        contact_id=event.contact_id,
        invoice_ids=event.invoice_ids,
        communication_id=event.communication_id,
        title=title,
        text=text,
    )
