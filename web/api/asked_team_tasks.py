"""What requests about tasks of colleagues, and about what notes in the ledger say, may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from web.api.asked import Asked, Listing
from web.api.fields import Id, Text, check_day
from web.api.shapes.team_tasks import NoteKind, NoteText, TeamTaskKind


class TeamTasks(Listing, frozen=True, kw_only=True):
    """Which tasks to list; those that are open unless ``finished``."""

    owner_id: Id | None = None
    contact_id: Id | None = None
    kind: TeamTaskKind | None = None
    finished: bool = False


class AskForTask(Asked, frozen=True, kw_only=True):
    """Something to be done by a day. Without ``owner_id``: whoever looks after the contact, else who is in charge."""

    what: Text
    due_on: date
    owner_id: Id | None = None
    contact_id: Id | None = None
    invoice_id: Id | None = None

    def __post_init__(self) -> None:
        check_day("due_on", self.due_on)


class ChangeTask(Asked, frozen=True, kw_only=True):
    """Hand a task over to a colleague, or put it off: ``due_on`` goes with ``reason``."""

    owner_id: Id | UnsetType = UNSET
    due_on: date | UnsetType = UNSET
    reason: Text | None = None

    def __post_init__(self) -> None:
        if self.due_on is not UNSET:
            check_day("due_on", self.due_on)
        if (self.due_on is UNSET) != (self.reason is None):
            raise ValueError("due_on goes with reason, which says why it is put off")


class SetNoteRule(Asked, frozen=True, kw_only=True):
    without_text: Annotated[list[NoteKind], Meta(max_length=20)]


class SetContactNoteText(Asked, frozen=True, kw_only=True):
    note_text: NoteText | None
