"""What the API answers of the audit log."""

from __future__ import annotations

from typing import Any, Literal

from web.api.fields import Id, Moment
from web.api.shapes.base import Answer

Via = Literal["page", "api", "command", "clock", "customer"]


class AuditEntry(Answer, frozen=True):
    """One act: who did what to what, and how it was before.

    ``before`` and ``after`` hold the changed values by their names. Secrets stand as ``set`` or ``changed``, and so do
    the words about customers, which are on the timeline. ``said``: the whole in a sentence.
    """

    id: Id
    at: Moment
    who: str
    person_id: Id | None
    via: Via
    address: str | None
    practice_id: Id | None
    act: str
    subject: str
    subject_id: str | None
    contact_id: Id | None
    invoice_id: Id | None
    said: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
