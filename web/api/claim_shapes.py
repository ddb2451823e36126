"""What the API answers about claims: of whom something could be claimed, letters before action, handing over."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - as in the other shapes
from typing import Literal

from web.api.fields import Id, Moment
from web.api.shapes import Answer, Owed

LetterStatus = Literal["made", "approved", "posted", "withdrawn"]


class Claimable(Answer, frozen=True):
    """A customer whose ``invoices`` are overdue and not disputed; ``owed`` is without interest.

    ``days``: how long a letter before action would give; null: ``problem`` says what is missing for one.
    ``handed_over_at``: since when it has been with a collections agency.
    """

    contact_id: Id
    contact_name: str
    invoice_ids: list[Id]
    owed: list[Owed]
    days: int | None
    enclosures: list[str]
    doubt: str
    problem: str | None
    handed_over_at: Moment | None


class ClaimLetter(Answer, frozen=True):
    """A letter before action, fixed when it was made. ``together``: what it claims, interest included.

    ``enclosures`` must go with it. ``doubts`` are what somebody has to have checked. ``approved_through``: the token by
    which the go was said.
    """

    id: Id
    contact_id: Id
    status: LetterStatus
    dated: Day
    deadline: Day
    days: int
    source: str
    invoice_ids: list[Id]
    owed: list[Owed]
    together: list[Owed]
    enclosures: list[str]
    doubts: list[str]
    created_by: str
    created_at: Moment
    approved_by: str | None
    approved_at: Moment | None
    approved_through: str | None
    posted_by: str | None
    posted_at: Moment | None
    communication_id: Id | None


class HandedOver(Answer, frozen=True):
    """That a customer was handed over: chasing is on hold. The file is at ``GET /contacts/{id}/hand-over``."""

    contact_id: Id
    invoice_ids: list[Id]
    owed: list[Owed]
    by: str
    at: Moment
