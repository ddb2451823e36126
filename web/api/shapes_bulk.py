"""What the API answers about actions on many customers or invoices."""

from __future__ import annotations

from web.api.fields import Id, Moment
from web.api.shapes.base import Answer


class BulkRefusal(Answer, frozen=True):
    """One that it was not done with, and why."""

    id: Id
    name: str
    why: str


class BulkRun(Answer, frozen=True):
    """An action on many, and how far it has come. ``refused`` has the first hundred that it was not done with."""

    id: Id
    page: str
    action: str
    total: int
    done: int
    waiting: int
    refused_count: int
    refused: list[BulkRefusal]
    asked_by: str
    asked_at: Moment
    finished_at: Moment | None
    undoes: Id | None
