"""What the API answers about tasks of colleagues, and about what notes in the ledger say."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Annotated, Literal

from msgspec import Meta

from web.api.fields import Id, Moment
from web.api.shapes.base import Answer

TeamTaskKind = Literal["reply", "bounce", "dispute", "promise", "paid_claim", "hold", "call", "own"]
NoteKind = Literal["all", "reply", "call", "note", "hold", "dispute", "review", "fee"]
NoteText = Annotated[
    Literal["written", "kept_out"],
    Meta(description="Whether notes on this contact say what was said; null: as the organisation has it."),
]


class TaskEvent(Answer, frozen=True):
    """What was done with a task."""

    at: Moment
    by: str
    what: str


class TeamTask(Answer, frozen=True):
    """Something for one colleague, due on a day. ``hold_id``: the hold that is to be looked at again."""

    id: Id
    kind: TeamTaskKind
    what: str
    due_on: Day
    owner_id: Id | None
    contact_id: Id | None
    invoice_id: Id | None
    communication_id: Id | None
    hold_id: Id | None
    asked_by: str
    asked_at: Moment
    finished_by: str | None
    finished_at: Moment | None
    story: list[TaskEvent]


class NoteRule(Answer, frozen=True):
    """Of these kinds of records only the fact is written to the ledger; ``all``: of every kind."""

    without_text: list[NoteKind]


class ContactNoteText(Answer, frozen=True):
    """Whether notes on a contact say what was said."""

    contact_id: Id
    note_text: NoteText | None
