"""What requests about many customers or invoices at once may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from services.by_hand import LONGEST_REASON
from services.tags import LONGEST
from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING, Id, check_day

BulkPage = Literal["customers", "invoices"]
BulkWord = Literal["hold", "release", "schedule", "owner", "tag", "untag"]
BulkMark = Literal["held", "disputed", "promised", "never_chased", "on_stop", "no_email"]
Risk = Annotated[
    str,
    Meta(
        pattern="^[a-z0-9_]{1,40}$",
        description="A category of risk by its key (/credit/risk), as customers were last judged; unrated: those in none.",
    ),
]
Tag = Annotated[str, Meta(max_length=LONGEST, pattern=SAYS_SOMETHING)]


class BulkFilter(Asked, frozen=True, kw_only=True):
    """All that match at the moment of the request, as on the pages of the lists; customers that owe, invoices that are open."""

    owner_id: Id | None = None
    schedule_id: Id | None = None
    tag: Tag | None = None
    marks: Annotated[list[BulkMark], Meta(max_length=6)] = []
    bucket: Literal["current", "1-30", "31-60", "61-90", "91+"] | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    risk: Risk | None = None


class ActInBulk(Asked, frozen=True, kw_only=True):
    """One action on these (``ids``), or on all that match (``filter``) if they are no more than ``at_most``.

    ``hold`` needs a ``reason`` and lasts up to and including ``until`` (null: until somebody releases it). ``tag`` and
    ``untag`` need a ``tag``. ``schedule`` and ``owner`` are for customers; without ``schedule_id`` the rules decide
    again, without ``owner_id`` nobody in particular looks after them.
    """

    page: BulkPage
    action: BulkWord
    ids: Annotated[list[Id], Meta(min_length=1, max_length=1_000)] | None = None
    filter: BulkFilter | None = None
    at_most: Annotated[int, Meta(ge=1, le=50_000)] | None = None
    reason: Annotated[str, Meta(max_length=LONGEST_REASON, pattern=SAYS_SOMETHING)] | None = None
    until: date | None = None
    schedule_id: Id | None = None
    owner_id: Id | None = None
    tag: Tag | None = None

    def __post_init__(self) -> None:
        check_day("until", self.until)
        if (self.ids is None) is (self.filter is None):
            raise ValueError("give ids or filter, and not both")
        if self.filter is not None and self.at_most is None:
            raise ValueError("filter needs at_most: how many there may be at the most")
