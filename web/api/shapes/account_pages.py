"""How programs see the settings of account pages."""

from __future__ import annotations

from web.api.fields import Id
from web.api.shapes.base import Answer


class AccountPages(Answer, frozen=True):
    """How account pages are offered. ``link_days``: for how long a link works; ``promise_days``: up to how many days ahead a
    promise is taken at once.

    ``host``: the organisation's own name, null for the installation's; ``host_state``: what its DNS says (unchecked, ready,
    failing); ``host_used``: mails carry it.
    """

    offered: bool
    link_days: int
    promise_days: int
    host: str | None
    host_state: str | None
    host_used: bool


class WithdrawnLinks(Answer, frozen=True):
    """How many links of a contact still worked, and do so no more."""

    contact_id: Id
    withdrawn: int
