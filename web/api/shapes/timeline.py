"""What the API answers about the story of a contact or an invoice."""

from __future__ import annotations

from typing import Literal

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer

EventGroup = Literal["messages", "replies", "talk", "money", "decisions"]


class EventInvoice(Answer, frozen=True):
    """An invoice that an event is about, with the amount that it was about then."""

    id: Id
    number: str
    currency: Currency
    amount: Money


class EventState(Answer, frozen=True):
    """One thing that became of a message."""

    at: Moment
    what: str
    why: str


class TimelineEvent(Answer, frozen=True):
    """One thing that happened. ``day_only``: of ``at``, the day alone is known, in the organisation's time zone.

    ``state``, of messages: queued, held, leaving, sent, delivered, opened (only where the provider says so), answered,
    bounced, failed, unknown, cancelled, skipped, received, recorded. ``communication_id``: of messages, calls and notes.
    """

    ref: str
    at: Moment
    day_only: bool
    group: EventGroup
    kind: str
    channel: str | None
    state: str | None
    title: str
    text: str
    reason: str
    by: str
    to: list[str]
    invoices: list[EventInvoice]
    states: list[EventState]
    communication_id: Id | None
