"""What a request to try a schedule may carry, and what it is answered."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Annotated, Literal

from msgspec import Meta

from web.api.asked import Asked
from web.api.asked_schedules import ScheduleName, Steps
from web.api.fields import Currency, Id, Moment, Money, check_day
from web.api.shapes import Answer, NextStep, Reason
from web.api.written import CurrencyCode

Amount = Annotated[str, Meta(pattern=r"^\d{1,12}(\.\d{1,2})?$", examples=["1250.00"])]


class MadeUp(Asked, frozen=True, kw_only=True):
    """An invoice that is made up. ``currency``: the organisation's own, if it is left out."""

    date: Day
    due_date: Day
    amount: Amount = "1000.00"
    currency: CurrencyCode | None = None

    def __post_init__(self) -> None:
        check_day("date", self.date)
        check_day("due_date", self.due_date)


class Simulate(Asked, frozen=True, kw_only=True):
    """A schedule by name or id, or ``steps`` as they would be sent (neither: the default one), and an invoice.

    That is a real one, or one made up, for the contact if it is named. ``on``: the day to look at (null: today).
    """

    schedule: ScheduleName | None = None
    steps: Steps | None = None
    invoice_id: Id | None = None
    invoice: MadeUp | None = None
    contact_id: Id | None = None
    on: Day | None = None

    def __post_init__(self) -> None:
        check_day("on", self.on)
        if (self.invoice_id is None) is (self.invoice is None):
            raise ValueError("give invoice_id or an invoice to make up, one of the two")
        if self.schedule is not None and self.steps is not None:
            raise ValueError("give schedule or steps, not both")
        if self.contact_id is not None and self.invoice is None:
            raise ValueError("contact_id goes with an invoice that is made up")


class SimulatedEvent(Answer, frozen=True):
    """What becomes of one step: a mail leaves (``at``), a person is asked, or it is left out. ``past``: before ``on``."""

    on: Day
    at: Moment | None
    what: Literal["mail", "person", "left_out"]
    step: str
    action: str
    position: int
    past: bool
    reasons: list[Reason]


class Simulation(Answer, frozen=True):
    """All that would become of the invoice, in order, had the schedule run from its issue on.

    Nothing comes after ``paid_on``. ``reasons`` and ``next_step`` say how it would stand ``on`` that day.
    """

    schedule: str
    contact_name: str
    number: str
    date: Day
    due_date: Day
    amount: Money
    currency: Currency
    paid_on: Day | None
    on: Day
    events: list[SimulatedEvent]
    reasons: list[Reason]
    next_step: NextStep | None


class ReplayedStep(Answer, frozen=True):
    """One mail of the schedule. ``invoices``: on how many its day came; ``paid_by_then``: how many of these were paid by it."""

    name: str
    messages: int
    invoices: int
    paid_by_then: int


class ReplayedMonth(Answer, frozen=True):
    """How many messages would have left in a month (``2026-01``), by step."""

    month: str
    messages: dict[str, int]


class ReplayedContact(Answer, frozen=True):
    contact_id: Id
    contact_name: str
    messages: int


class Replay(Answer, frozen=True):
    """A schedule replayed on the organisation's own book from ``first`` to ``last``, as if every customer had been on it.

    An invoice counts from its issue to the day on which it was really paid. ``first`` is twelve months ago, or the day
    from which the mirror holds invoices. While it is not ``done``, the counts are of the contacts played so far.
    ``most``: messages to whoever would have got most; ``top``: who they are.
    """

    done: bool
    asked_by: str
    asked_at: Moment
    first: Day
    last: Day
    contacts: int
    invoices: int
    messages: int
    written_to: int
    most: int
    steps: list[ReplayedStep]
    months: list[ReplayedMonth]
    top: list[ReplayedContact]
