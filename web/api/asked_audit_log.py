"""What requests about the audit log may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from web.api.asked import Listing
from web.api.fields import SAYS_SOMETHING, Id, check_day
from web.api.shapes.audit_log import Via


class AuditLog(Listing, frozen=True, kw_only=True):
    """Which entries to list, newest first.

    ``q``: these words, in a name or a value. ``since`` and ``until``: days of the organisation, both included.
    ``subject``: a word as entries have it, such as ``schedule``.
    """

    person_id: Id | None = None
    via: Via | None = None
    subject: Annotated[str, Meta(pattern="^[a-z_]{1,32}$")] | None = None
    q: Annotated[str, Meta(max_length=100, pattern=SAYS_SOMETHING)] | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        check_day("since", self.since)
        check_day("until", self.until)
