"""What the API answers about what people do: holds, notes, calls, letters, reviews, tasks."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Literal

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer


class Hold(Answer, frozen=True):
    """What stops chasing of a contact or of one invoice, up to and including ``until`` (null: until released).

    ``owner_id``: who is asked to look at it again on ``look_on``; null where the organisation has no member.
    """

    id: Id
    contact_id: Id
    invoice_id: Id | None
    kind: str
    until: Day | None
    reason: str
    created_at: Moment
    created_by: str
    owner_id: Id | None
    look_on: Day


class Note(Answer, frozen=True):
    """A note that was recorded; ``id`` is that of its communication, ``task_ids`` those of who is mentioned in it."""

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    text: str
    recorded_at: Moment
    recorded_by: str
    task_ids: list[Id] = []


class Call(Answer, frozen=True):
    """A call that was recorded; ``id`` is that of its communication."""

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    outcome: str
    text: str | None
    recorded_at: Moment
    recorded_by: str
    person: str | None = None
    reached: bool = True
    promised_on: Day | None = None
    again_on: Day | None = None


class Review(Answer, frozen=True):
    """A review that was recorded; ``id`` is that of its communication."""

    id: Id
    contact_id: Id
    invoice_ids: list[Id]
    text: str
    recorded_at: Moment
    recorded_by: str


class Letter(Answer, frozen=True):
    """A letter that was posted; ``id`` is that of its communication, null where none was due and nothing was recorded."""

    id: Id | None
    contact_id: Id
    invoice_ids: list[Id]


class TaskLeftOut(Answer, frozen=True):
    """``communication_id``: the note that says what was left out and why; null: nothing of the kind was due."""

    communication_id: Id | None


TaskKind = Literal["call", "letter", "review"]


class TaskInvoice(Answer, frozen=True):
    """An invoice that a task is about; its two due days are those of ``Invoice``."""

    invoice_id: Id
    number: str
    due_date: Day
    due_as_agreed: Day | None
    amount_due: Money
    currency: Currency
    step: str


class Task(Answer, frozen=True):
    """What a person is asked to do for a contact.

    ``say``: what to say on the phone, or what the letter says; null where there is nothing to say, or where
    ``problem`` tells why it cannot be written. ``local_time``: where the contact is, if that is known.
    """

    kind: TaskKind
    contact_id: Id
    contact_name: str
    phone: str | None
    local_time: Moment | None
    step: str
    since: Day
    invoices: list[TaskInvoice]
    say: str | None
    problem: str | None


class Overdue(Answer, frozen=True):
    """What is overdue in one currency."""

    currency: Currency
    amount: Money


class CallOwner(Answer, frozen=True):
    """Who makes the calls to a customer. ``handed_over``: they were handed to this member; else it looks after the customer."""

    person_id: Id
    name: str
    handed_over: bool


class CallsOf(Answer, frozen=True):
    """Whose the calls to a customer are; ``owner`` null: nobody's."""

    contact_id: Id
    owner: CallOwner | None


class CallToMake(Answer, frozen=True):
    """A customer to be called. ``points``: by which the list is sorted, more is more urgent; ``why`` says from what.

    ``calls`` and ``reached``: calls of the last year, and of how many somebody answered. ``task``: what the schedule
    asks for; null where somebody said to call again by today. ``warnings``: what speaks against calling just now, by the
    rules known for the customer's country or by its own wish. ``owner``: whose call it is; null: nobody's.
    """

    contact_id: Id
    contact_name: str
    points: str
    why: str
    overdue: list[Overdue]
    oldest_due_date: Day | None
    calls: int
    reached: int
    task: Task | None
    warnings: list[str]
    owner: CallOwner | None = None
