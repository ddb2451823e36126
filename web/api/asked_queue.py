"""What requests about the mails of the queue may carry, and what they are answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from services.by_hand import LONGEST_REASON
from services.one_mail import PATTERN
from services.own_text import LONGEST_SUBJECT, LONGEST_TEXT
from services.queue_actions import MOST_AT_ONCE
from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING, DayText, Id, Moment, MomentText, check_day
from web.api.shapes import Answer, Owed, PlannedInvoice, Reason

Key = Annotated[
    str,
    Meta(
        pattern=PATTERN,
        description="A key as the queue answers it: the mail is found while it is still what it was then."
        " The bare id of a communication does as well.",
    ),
]
Because = Annotated[str, Meta(max_length=LONGEST_REASON, pattern=SAYS_SOMETHING)]


class QueueDay(Asked, frozen=True, kw_only=True):
    """One day of the coming fourteen, with up to a hundred of its mails; without it, the first mails of each."""

    day: date | None = None

    def __post_init__(self) -> None:
        check_day("day", self.day)


class SendNow(Asked, frozen=True, kw_only=True):
    """``outside_hours``: the second yes, to sending outside the hours in which mails leave."""

    outside_hours: bool = False


class Skip(Asked, frozen=True, kw_only=True):
    """``reason``: for whoever wonders why the message never left."""

    reason: Because


class Settle(Asked, frozen=True, kw_only=True):
    """``left``: whether the message left, as somebody has found out."""

    left: bool


class ChangeText(Asked, frozen=True, kw_only=True):
    """The subject and text of this one message, in place of its template's; both null: the template's after all.

    Merge fields can be used, as in templates.
    """

    subject: Annotated[str, Meta(max_length=LONGEST_SUBJECT, pattern=SAYS_SOMETHING)] | None
    text: Annotated[str, Meta(max_length=LONGEST_TEXT, pattern=SAYS_SOMETHING)] | None

    def __post_init__(self) -> None:
        if (self.subject is None) is not (self.text is None):
            raise ValueError("give subject and text, or neither")


class QueueAction(Asked, frozen=True, kw_only=True):
    """What is to be done with these mails. ``skip`` and ``hold`` need a ``reason``.

    ``hold`` puts the customer on hold up to and including ``until`` (null: until somebody releases it). ``approve`` is
    the yes that a mail waits for.
    """

    action: Literal["send_now", "skip", "hold", "approve"]
    keys: Annotated[list[Key], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Because | None = None
    until: date | None = None
    outside_hours: bool = False

    def __post_init__(self) -> None:
        check_day("until", self.until)
        if self.action in ("skip", "hold") and self.reason is None:
            raise ValueError(f"{self.action} needs a reason")
        if self.until and self.action != "hold":
            raise ValueError("until goes with hold")


class ActionResult(Answer, frozen=True):
    """What became of one mail. ``asks_again``: it can be done with ``outside_hours``, after a person's second yes."""

    key: str
    done: bool
    text: str
    asks_again: bool


class ActionResults(Answer, frozen=True):
    """One result for each key, in their order."""

    results: list[ActionResult]


class QueuedMail(Answer, frozen=True):
    """A mail that would leave. ``status``: planned or held (stored: ``communication_id``), or forecast.

    ``note``: why it is held, or waits. ``waits_for_yes``: it leaves only once a person has approved it, or said that a
    changed address is right.
    """

    key: str
    communication_id: Id | None
    status: str
    contact_id: Id
    contact_name: str
    to: list[str]
    step: str
    planned_for: MomentText
    invoices: list[PlannedInvoice]
    amounts: list[Owed]
    note: str | None
    waits_for_yes: bool
    reasons: list[Reason]


class QueuedBeside(Answer, frozen=True):
    """A mail that no step sends, as it waits; its ``key`` takes skip, hold and approve.

    ``kind``: thanks, statement, invoice, confirmation, campaign, broken_promise, promise_due, instalment_due or
    dispute_resolved. ``status``: planned, held or sending.
    """

    key: str
    communication_id: Id
    kind: str
    name: str
    status: str
    contact_id: Id
    contact_name: str
    to: list[str]
    planned_for: MomentText | None
    amounts: list[Owed]
    note: str | None
    waits_for_yes: bool


class QueuedDay(Answer, frozen=True):
    """One day on which something leaves: how many reminders, what they ask for, and the first of them.

    ``beside_count`` mails that no step sends leave besides; ``beside`` has the first of them.
    """

    on: DayText
    mails: int
    amounts: list[Owed]
    items: list[QueuedMail]
    beside_count: int
    beside: list[QueuedBeside]


class Queue(Answer, frozen=True):
    """The coming fourteen days. ``contacts_still_to_see`` are being looked at, and not counted yet."""

    as_of: Moment
    days: list[QueuedDay]
    contacts_still_to_see: int
