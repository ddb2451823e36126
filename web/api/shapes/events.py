"""What the API answers of the event feed."""

from __future__ import annotations

from typing import Literal

from services.event_endpoints import EventGroup
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


class EventEndpoint(Answer, frozen=True):
    """An address to which events are sent. ``paused``: it took nothing for three days; switch it on again.

    ``problem``: why it did not take what was sent last. ``taken_at``: when it last did.
    """

    id: Id
    url: str
    groups: list[EventGroup]
    state: Literal["off", "on", "paused"]
    problem: str | None
    failing_since: Moment | None
    taken_at: Moment | None


class NewEventEndpoint(Answer, frozen=True):
    """An address that was added, with the secret by which what is sent to it is signed."""

    endpoint: EventEndpoint
    secret: str
