"""What requests about letters before action and handing over may carry."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web.api.asked import Asked, Listing
from web.api.claim_shapes import LetterStatus
from web.api.fields import SAYS_SOMETHING, Id, LongText, ShortText

Lines = Annotated[
    str,
    Meta(
        max_length=2_000,
        pattern=SAYS_SOMETHING,
        description="One to five lines.",
        examples=["1 High Street\nAlderton\nAL1 1AA"],
    ),
]


class ClaimLetters(Listing, frozen=True, kw_only=True):
    status: LetterStatus | None = None
    contact_id: Id | None = None


class MakeClaimLetter(Asked, frozen=True, kw_only=True):
    """Both addresses without the names. ``agreement``: what the debt arises from; ``how_to_pay``: your bank details, say."""

    address: Lines
    own_address: Lines
    agreement: LongText
    how_to_pay: LongText


class ApproveClaimLetter(Asked, frozen=True, kw_only=True):
    """``approved_by``: the e-mail address of the member who says go, and whose name is under the letter."""

    approved_by: Annotated[str, Meta(max_length=320, pattern=SAYS_SOMETHING, examples=["anna@example.com"])]


class ClaimLetterPosted(Asked, frozen=True, kw_only=True):
    """``enclosed``: everything that must go with the letter is in the envelope."""

    enclosed: bool = False


class HandOver(Asked, frozen=True, kw_only=True):
    """``agency``: to whom."""

    agency: ShortText
