"""What the API answers of exports of everything."""

from __future__ import annotations

from typing import Literal

from web.api.fields import Id, Moment
from web.api.shapes.base import Answer


class DataExport(Answer, frozen=True):
    """An export of everything; it can be fetched while it is ``ready``, and is deleted at ``expires_at``.

    ``expected_rows`` is how many there were when it was asked for.
    """

    id: Id
    state: Literal["asked", "ready"]
    rows: int
    expected_rows: int
    asked_by: str
    asked_at: Moment
    ready_at: Moment | None
    expires_at: Moment
