"""What requests about the story of a contact or an invoice may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from services.timeline import LONGEST_SEARCH
from web.api.asked import Listing
from web.api.fields import SAYS_SOMETHING, Id, check_day
from web.api.shapes.timeline import EventGroup

_Words = Annotated[str, Meta(max_length=LONGEST_SEARCH, pattern=SAYS_SOMETHING)]


class Timeline(Listing, frozen=True, kw_only=True):
    """Which part of a story, newest first.

    ``q``: all of these words, in any order, capitals and accents aside. ``person``: who said, wrote or did it, or to
    whom it went. ``since`` and ``until``: days, both included.
    """

    kind: EventGroup | None = None
    q: _Words | None = None
    person: _Words | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        check_day("since", self.since)
        check_day("until", self.until)


class ContactTimeline(Timeline, frozen=True, kw_only=True):
    """The same of a contact; ``invoice_id``: only what touched this invoice of it."""

    invoice_id: Id | None = None
