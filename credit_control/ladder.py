"""A schedule seen from one day: its two lanes, and the days on which a mail of it can leave.

Days are ordinals (``date.toordinal``) because they are compared and added a great deal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from credit_control.calendar import first_sending_day
from credit_control.decisions import NextStep
from credit_control.facts import Action, PaymentDays, Schedule, SendingWindow, Step
from credit_control.payment_runs import Run, run_in_the_way
from credit_control.people import Role


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """One schedule seen from one day. Compared by identity, which makes it a cheap key."""

    schedule_name: str
    mails: tuple[Step, ...]
    people: tuple[Step, ...]
    people_mask: int
    first_offset: int
    window: SendingWindow
    today: int
    earliest: int
    """The first day on which the gap to the last message lets a mail leave."""
    send_on: int
    """The day on which a mail planned today leaves."""
    pays_on: PaymentDays | None
    passed_over: tuple[tuple[Action, Role | None, str], ...]
    """Steps of which action do not come to the customer, meant for whom (None: anybody), and why, as a sentence."""
    limited: tuple[Step, ...]
    """The steps that are not meant for every invoice."""

    def first_sending(self, day: int) -> int:
        """The first day from ``day`` on that is none off."""
        return first_sending_day(self.window, date.fromordinal(day)).toordinal()

    def run(self, ready: int | None, on: int) -> Run | None:
        """The payment run for which a mail waits that would leave on ``on``."""
        if self.pays_on is None or ready is None:
            return None
        days = (date.fromordinal(ready), date.fromordinal(on))
        return run_in_the_way(self.pays_on, self.window, *days)

    def leaves_out(self, step: Step) -> bool:
        """Whether it cannot reach whom it is meant for, or comes in a way that the customer does not want."""
        return bool(self.passed_over) and self.why_left_out(step) is not None

    def why_left_out(self, step: Step) -> str | None:
        """Why it is passed over, as a sentence; None: it is not."""
        for action, role, why in self.passed_over:
            if action is step.action and (role is None or role is step.to):
                return why
        return None

    def in_time(self, step: Step, due: int, issued: int, send_on: int) -> bool:
        """Whether a message may leave on ``send_on``: one for before the due date has two days at most."""
        if self.leaves_out(step):
            return False
        if step.offset_days >= 0:
            return True
        own = due + step.offset_days
        return issued <= own and send_on < due and send_on in (own, self.first_sending(own + 1))


@lru_cache(maxsize=4096)
def ladder(
    schedule: Schedule,
    window: SendingWindow,
    today: date,
    earliest: date,
    send_on: date,
    pays_on: PaymentDays | None,
    passed_over: tuple[tuple[Action, Role | None, str], ...] = (),
) -> Ladder:
    """The schedule as it looks on ``today``, with its steps parted into the two lanes."""
    mails = tuple(step for step in schedule.steps if not step.action.by_person)
    people = tuple(step for step in schedule.steps if step.action.by_person)
    mask = sum(1 << step.position for step in people)
    days = (today.toordinal(), earliest.toordinal(), send_on.toordinal())
    first = min((step.offset_days for step in schedule.steps), default=0)
    limited = tuple(step for step in schedule.steps if step.only_for)
    return Ladder(schedule.name, mails, people, mask, first, window, *days, pays_on, passed_over, limited)


@dataclass(frozen=True, slots=True)
class Coming:
    """A step to come: its own day, the day on which it can be taken, and the payment run that it lets pass."""

    step: Step
    own: int
    on: int
    run: Run | None

    @property
    def next_step(self) -> NextStep:
        """The same as it is told."""
        return NextStep(self.step.name, date.fromordinal(self.on))


def coming(ladder: Ladder, later: Sequence[Step], due: int, issued: int) -> Coming | None:
    """The first of the later steps, on the first day it can be taken; of two on one day the graver."""
    found: list[Coming] = []
    for step in later:
        own = on = due + step.offset_days
        run = None
        if not step.action.by_person:
            on = ladder.first_sending(max(on, ladder.earliest))
            if not ladder.in_time(step, due, issued, on):
                continue
            if run := ladder.run(ready_since([step], due), on):
                on = run.free_on.toordinal()
        found.append(Coming(step, own, on, run))
    return min(found, key=lambda one: (one.on, -one.step.position), default=None)


def ready_since(due_mails: Sequence[Step], due: int) -> int | None:
    """Since when there has been a reminder to send; None: what is due is only for before the due date."""
    return min((due + step.offset_days for step in due_mails if step.offset_days >= 0), default=None)
