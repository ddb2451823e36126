"""What the API answers of what a customer has a right to."""

from __future__ import annotations

from typing import Literal

from web.api.fields import Id, Moment
from web.api.shapes.base import Answer


class HeldOfContact(Answer, frozen=True):
    """How much is held of one kind, and what becomes of it when the contact is erased."""

    what: str
    many: int
    becomes: Literal["goes", "is_emptied", "stays"]


class ContactRights(Answer, frozen=True):
    """What is held of a contact, what keeps it as it is, and its erasure.

    ``obstacles``: why it cannot be erased now, as sentences; none: it can. ``kept_by_law``: what bookkeeping law wants
    kept, which whoever erases it has to say is kept elsewhere. ``erased_at`` is null while the erasure is under way.
    """

    contact_id: Id
    restricted_at: Moment | None
    legal_hold_at: Moment | None
    held: list[HeldOfContact]
    stays: list[str]
    obstacles: list[str]
    kept_by_law: str | None
    erasure_asked_at: Moment | None
    erasure_asked_by: str | None
    erased_at: Moment | None
