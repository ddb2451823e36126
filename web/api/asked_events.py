"""What a request for the event feed may carry."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from services.event_endpoints import LONGEST_URL, EventGroup
from services.feed import CURSOR
from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING, Limit


class EventsAfter(Asked, frozen=True, kw_only=True):
    """From where on to read."""

    after: (
        Annotated[
            str,
            Meta(
                pattern=CURSOR,
                max_length=40,
                description="``cursor`` of the answer before; without it, from the oldest event that is kept.",
            ),
        ]
        | None
    ) = None
    limit: Limit = 100


class AddEventEndpoint(Asked, frozen=True, kw_only=True):
    """An address (https) to which events are to be sent. ``groups``: which of them; none: all."""

    url: Annotated[str, Meta(min_length=1, max_length=LONGEST_URL, pattern=SAYS_SOMETHING)]
    groups: Annotated[list[EventGroup], Meta(max_length=len(EventGroup))] = []


class SwitchEventEndpoint(Asked, frozen=True, kw_only=True):
    """Whether events are sent there."""

    on: bool
