"""What is answered about mails beside reminders."""

from __future__ import annotations

from datetime import date
from typing import Literal

from web.api.fields import Id, Moment, Money
from web.api.shapes import Answer


class Occasion(Answer, frozen=True):
    """A kind of mails beside reminders; ``since`` when it is switched on (null: it is off).

    ``problem``: why what they are about cannot be read of the ledger just now.
    """

    kind: str
    name: str
    about: str
    since: Moment | None
    problem: str | None


class StatementLine(Answer, frozen=True):
    """A customer with a balance: what is open and unallocated, by currency. ``left_out``: why it gets no statement."""

    contact_id: Id
    name: str
    owed: dict[str, Money]
    credit: dict[str, Money]
    left_out: str | None


class StatementRun(Answer, frozen=True):
    """The statements that would leave ``on`` that day, as the books stand now; ``lines`` are one page of the customers."""

    on: date
    statements: int
    left_out: int
    owed: dict[str, Money]
    lines: list[StatementLine]


class CampaignMail(Answer, frozen=True):
    """A mail of a campaign as it would leave today; ``problem``: why it cannot be written."""

    contact_id: Id
    name: str
    amounts: dict[str, Money]
    to: list[str]
    subject: str | None
    text: str | None
    problem: str | None


class NotWritten(Answer, frozen=True):
    """A customer who meets the conditions and would not be written to, and why."""

    contact_id: Id
    name: str
    reason: str


class CampaignRun(Answer, frozen=True):
    """The list of a campaign, with one page of its mails. ``campaign_id``: it was started; null: only looked at."""

    campaign_id: Id | None
    mark: str
    customers: int
    """So many get a mail; those left out are not among them."""
    amounts: dict[str, Money]
    mails: list[CampaignMail]
    left_out: list[NotWritten]


class Campaign(Answer, frozen=True):
    """A campaign, and of how many customers the mail was sent, is still to go, and was left out."""

    id: Id
    name: str
    template: str
    status: Literal["running", "stopped"]
    never_chased: bool
    started_at: Moment
    started_by: str
    sent: int
    waiting: int
    left_out: int
