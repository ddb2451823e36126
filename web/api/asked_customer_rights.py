"""What requests about the rights of customers may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from web.api.asked import Asked


class ChangeContactRights(Asked, frozen=True, kw_only=True):
    """``restricted``: it is kept and not written to. ``legal_hold``: nothing of it is erased."""

    restricted: bool | UnsetType = UNSET
    legal_hold: bool | UnsetType = UNSET


class EraseContact(Asked, frozen=True, kw_only=True):
    """``name`` is the contact's name as it stands, so that nobody is erased by mistake."""

    because: Literal["asked", "not_needed", "unlawful"]
    name: Annotated[str, Meta(min_length=1, max_length=300)]
    kept_elsewhere: bool = False
