"""What requests about senders may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from services.sender_settings import LARGEST_DAILY_LIMIT, LONGEST_EMAIL, LONGEST_SIGNATURE
from services.senders import USUAL_DAILY_LIMIT
from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING, Id, ShortText

_NO_NUL = r"^[^\u0000]*$"
Address = Annotated[
    str, Meta(max_length=LONGEST_EMAIL, pattern=SAYS_SOMETHING, examples=["anna@example.com"])
]
Signature = Annotated[str, Meta(max_length=LONGEST_SIGNATURE, pattern=_NO_NUL)]
Host = Annotated[str, Meta(max_length=253, pattern=SAYS_SOMETHING, examples=["smtp.example.com"])]
Secret = Annotated[str, Meta(min_length=1, max_length=1_000, pattern=_NO_NUL)]


class GivenMailbox(Asked, frozen=True, kw_only=True):
    """A mailbox that mails leave from. Without ``password`` the one given before is kept, for the same server and user."""

    host: Host
    port: Annotated[int, Meta(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls"] = "starttls"
    user: Annotated[str, Meta(max_length=LONGEST_EMAIL, pattern=SAYS_SOMETHING)]
    password: Secret | None = None
    daily_limit: Annotated[int, Meta(ge=1, le=LARGEST_DAILY_LIMIT)] = USUAL_DAILY_LIMIT


class NewSender(Asked, frozen=True, kw_only=True):
    """``person_id``: whose it is (null: of the member with this address). Without ``mailbox`` it writes by the mail provider."""

    name: ShortText
    email: Address
    signature: Signature | None = None
    person_id: Id | None = None
    is_default: bool = False
    mailbox: GivenMailbox | None = None


class ChangeSender(Asked, frozen=True, kw_only=True):
    """What is left out stays as it is. ``reads_mail``: answers in its own mailbox are read, by its usual server.

    A colleague's own mailbox can be switched on by that colleague alone, on the page of the sender.
    """

    name: ShortText | UnsetType = UNSET
    email: Address | UnsetType = UNSET
    signature: Signature | UnsetType | None = UNSET
    person_id: Id | UnsetType | None = UNSET
    is_default: Literal[True] | UnsetType = UNSET
    mailbox: GivenMailbox | UnsetType | None = UNSET
    reads_mail: bool | UnsetType = UNSET
