"""What the rules answer: decisions that carry their reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from credit_control.facts import Schedule, Step


class Outcome(StrEnum):
    """What one rule did to the decision."""

    ALLOWS = "allows"
    DELAYS = "delays"
    STOPS = "stops"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule's word on one invoice. The sentence is put together only when somebody reads it."""

    rule: str
    outcome: Outcome
    pattern: str
    values: tuple[object, ...] = ()

    @property
    def text(self) -> str:
        """The reason as an English sentence."""
        return self.pattern.format(*self.values)


class Placed(StrEnum):
    """What put a contact on its schedule."""

    BY_HAND = "by_hand"
    BY_COMPARISON = "by_comparison"
    BY_RULE = "by_rule"
    BY_DEFAULT = "by_default"


@dataclass(frozen=True, slots=True)
class Placement:
    """Which schedule a contact is on, and what put it there."""

    schedule: Schedule
    """In its newest version."""
    placed: Placed
    reason: Reason
    excluded: bool = False
    """A rule keeps the contact from being chased."""
    rule_id: str | None = None
    look_on: int | None = None
    """The next day (ordinal) on which time alone can place it otherwise."""
    own: Mapping[str, Schedule] = field(default_factory=dict)
    """The older version that an invoice under way has kept, by invoice."""

    def on(self, invoice_id: str) -> Schedule:
        """The version of the schedule that an invoice is on."""
        return self.own.get(invoice_id, self.schedule) if self.own else self.schedule


class Verdict(StrEnum):
    """The decision on one invoice."""

    SEND = "send"
    WAIT = "wait"
    HOLD = "hold"
    PERSON = "person"
    DONE = "done"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step that comes next, and the first day on which it may be taken."""

    name: str
    on: date


@dataclass(frozen=True, slots=True)
class InvoiceDecision:
    """What happens to one invoice, and why."""

    invoice_id: str
    verdict: Verdict
    reasons: tuple[Reason, ...]
    step: Step | None = None
    """The step to be taken now (SEND), or the one that a person is asked for (PERSON)."""
    next_step: NextStep | None = None
    skipped: tuple[Step, ...] = ()
    """Steps that were missed and will not be made up for."""
    person_step: Step | None = None
    """A step for a person that is due, beside whatever the mails do."""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to the contact: the invoices that travel together and when it may leave."""

    step: Step
    """The gravest of the steps taken; it gives the text."""
    taken: tuple[tuple[str, Step], ...]
    """(invoice id, its own step), gravest first."""
    not_before: datetime
    not_after: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ContactDecision:
    """All decisions on one contact at one moment."""

    contact_id: str
    invoices: tuple[InvoiceDecision, ...]
    message: Message | None
    next_look_at: datetime | None
    """The next moment at which time alone can change the decision; None: only news can."""
    placement: Placement | None = None
    """Which schedule the contact is on, and why."""
