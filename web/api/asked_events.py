"""What a request for the event feed may carry."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from services.feed import CURSOR
from web.api.asked import Asked
from web.api.fields import Limit


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
