"""What requests about the team may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING, Id

MemberRole = Literal["owner", "manager", "chaser", "caller", "read_only"]


class Invite(Asked, frozen=True, kw_only=True):
    """Whom to invite, and as what. Only an owner's token invites an owner."""

    email: Annotated[str, Meta(max_length=254, pattern=SAYS_SOMETHING, examples=["bea@example.com"])]
    role: MemberRole


class ChangeMember(Asked, frozen=True, kw_only=True):
    """Another role."""

    role: MemberRole


class RemoveMember(Asked, frozen=True, kw_only=True):
    """``hand_to``: the member who takes over what they look after; needed where that is anything."""

    hand_to: Id | None = None
