"""What the API answers of the event feed."""

from __future__ import annotations

from services.feed import EventKind
from web.api.fields import Id, Moment
from web.api.shapes.base import Answer


class FeedEvent(Answer, frozen=True):
    """One thing that happened. ``id`` is the same whenever it is told; ``text``: what was said, where something was.

    ``communication_id``: the message, call or note that it is about or came with. A promise that was made in a call is
    an event of its own beside the call, with the same ``communication_id``.
    """

    id: Id
    at: Moment
    kind: EventKind
    contact_id: Id
    invoice_ids: list[Id]
    communication_id: Id | None
    title: str
    text: str


class Events(Answer, frozen=True):
    """The next events in their order. Ask again after ``cursor``: at once where there is ``more``, else after a while.

    An event that was answered never changes, and none turns up before another that was.
    """

    items: list[FeedEvent]
    cursor: str
    more: bool
