"""What is asked for of account pages."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from services.portal_hosts import LONGEST_LINK_DAYS, LONGEST_PROMISE_DAYS
from web.api.asked import Asked


class OfferAccountPages(Asked, frozen=True, kw_only=True):
    """How account pages are to be offered; see the answer. What is left out is as usual, and without a name of its own."""

    offered: bool
    link_days: Annotated[int, Meta(ge=1, le=LONGEST_LINK_DAYS)] = 90
    promise_days: Annotated[int, Meta(ge=0, le=LONGEST_PROMISE_DAYS)] = 30
    host: Annotated[str, Meta(max_length=253)] | None = None
    host_used: bool = False
