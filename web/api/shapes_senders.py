"""What the API answers about senders."""

from __future__ import annotations

from typing import Literal

from web.api.fields import Id, Moment
from web.api.shapes import Answer

SenderState = Literal["unchecked", "ready", "failing"]


class DnsRecord(Answer, frozen=True):
    """A record that the mail provider wants in the DNS of the domain."""

    host: str
    type: str
    value: str


class DnsFinding(Answer, frozen=True):
    """What one look at the DNS found, and what to do; ``ok`` is null where nobody could be asked."""

    name: str
    ok: bool | None
    text: str


class SenderDomain(Answer, frozen=True):
    """The domain of a sender's address, as the mail provider sends for it."""

    domain: str
    state: SenderState
    records: list[DnsRecord]
    findings: list[DnsFinding]
    checked_at: Moment | None


class SenderMailbox(Answer, frozen=True):
    """A sender's own mailbox. The password is never answered. ``maker``: where a person signed in; null: by password."""

    host: str
    port: int
    security: Literal["starttls", "tls"]
    user: str
    daily_limit: int
    maker: Literal["google", "microsoft"] | None = None


class SenderReading(Answer, frozen=True):
    """The reading of answers in a sender's mailbox. ``found``: mails about a chase since it was switched on.

    ``refused``: the mailbox lets nobody in, and a person has to mend that; any other ``problem`` is tried again by itself.
    """

    since: Moment
    switched_on_by: str
    host: str
    port: int
    read_at: Moment | None
    found: int
    problem: str | None
    refused: bool


class Sender(Answer, frozen=True):
    """Who writes. ``state``: mails of a failing one wait, with ``problem`` as the reason; in production unchecked ones too.

    ``person_id``: the colleague whose sender it is; mails to customers whom this colleague looks after leave as it.
    """

    id: Id
    name: str
    email: str
    signature: str | None
    person_id: Id | None
    is_default: bool
    way: Literal["provider", "mailbox"]
    state: SenderState
    problem: str | None
    checked_at: Moment | None
    mailbox: SenderMailbox | None
    domain: SenderDomain | None
    reads_mail: bool
    reading: SenderReading | None
