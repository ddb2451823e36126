"""What requests about the people of a contact may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.contact_wishes import LONGEST_HOW
from services.people import LONGEST_ADDRESS, LONGEST_NAME
from services.stopped_addresses import LONGEST_REASON
from web.api.asked import Asked, Listing
from web.api.fields import SAYS_SOMETHING
from web.api.written import RoleName

PersonName = Annotated[str, Meta(max_length=LONGEST_NAME, pattern=SAYS_SOMETHING)]
Address = Annotated[str, Meta(max_length=LONGEST_ADDRESS, pattern=SAYS_SOMETHING)]
Mobile = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=SAYS_SOMETHING,
        description="With its country, or as it is written in the contact's country; answered as E.164.",
        examples=["+447400123456"],
    ),
]


class PersonEntered(Asked, frozen=True, kw_only=True):
    """Somebody at a contact, reached by ``email`` or ``mobile``. ``name`` null: as the ledger has it."""

    name: PersonName | None = None
    email: Address | None = None
    mobile: Mobile | None = None
    roles: Annotated[list[RoleName], Meta(max_length=4)] = []


class RightAddress(Asked, frozen=True, kw_only=True):
    """An address that changed, and that is right."""

    address: Address


class DataHealth(Listing, frozen=True, kw_only=True):
    problem: Literal["missing", "bouncing", "changed", "duplicate", "personal"] | None = None


class WishNoted(Asked, frozen=True, kw_only=True):
    """What a contact wants of one channel, and how that is known. ``none``: what was noted holds no longer."""

    channel: Literal["email", "sms", "call", "letter"]
    wish: Literal["preferred", "unwanted", "none"]
    how: Annotated[str, Meta(max_length=LONGEST_HOW, pattern=SAYS_SOMETHING)] | None = None


class AwaySettled(Asked, frozen=True):
    """Whose absence it is, and what is to be done: write to the stand-in, leave them, or note that who was away is back."""

    address: Address
    do: Literal["accept", "dismiss", "back"]


class StoppedAddressSettled(Asked, frozen=True, kw_only=True):
    """An address that no mail goes to: ``accept`` writes to the proposed person instead, ``lift`` lets mail go there again.

    To lift it takes a ``reason``.
    """

    address: Address
    do: Literal["accept", "lift"]
    reason: Annotated[str, Meta(max_length=LONGEST_REASON, pattern=SAYS_SOMETHING)] | None = None
