"""What would leave in the coming days if nobody paid, nobody wrote, and every message left on time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from credit_control.calendar import local_day, start_of_day
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Message
from credit_control.facts import ContactBook, Policy, Step, StepTaken


@dataclass(frozen=True, slots=True)
class ForecastMessage:
    """A message as it would leave at its ``not_before``, on the organisation's day ``on``."""

    on: date
    message: Message
    passed_over: tuple[tuple[str, Step], ...] = ()
    """The milder steps that it passes over, by invoice."""


def forecast(
    book: ContactBook,
    policy: Policy,
    now: datetime,
    days: int = 14,
    decision: ContactDecision | None = None,
) -> tuple[ForecastMessage, ...]:
    """The messages of today and the ``days`` days after it, by playing the decisions forward.

    It goes from one moment that matters to the next, so a contact with nothing to come costs one decision;
    none at all if the ``decision`` at ``now`` is known already.
    """
    end = start_of_day(policy.window, local_day(policy.window, now) + timedelta(days=days + 1))
    found: list[ForecastMessage] = []
    decision = decision or decide(book, policy, now)
    while (moment := next_moment(decision)) is not None and moment < end:
        if message := leaving(decision):
            found.append(
                ForecastMessage(local_day(policy.window, moment), message, passed_over(decision, message))
            )
            book = after_sending(book, decision, message)
        decision = decide(book, policy, moment)
    return tuple(found)


def leaving(decision: ContactDecision) -> Message | None:
    """The message, if time alone cannot change it before it leaves."""
    message, look = decision.message, decision.next_look_at
    return message if message and (look is None or message.not_before < look) else None


def passed_over(decision: ContactDecision, message: Message) -> tuple[tuple[str, Step], ...]:
    """The milder steps of its invoices that are not made up for once ``message`` has left."""
    sent = dict(message.taken)
    return tuple(
        (one.invoice_id, step) for one in decision.invoices if one.invoice_id in sent for step in one.skipped
    )


def after_sending(book: ContactBook, decision: ContactDecision, message: Message) -> ContactBook:
    """The book as it stands once ``message`` has left at its ``not_before``."""
    behind = (*message.taken, *passed_over(decision, message))
    taken = [StepTaken(invoice_id, step.position, step.version_id) for invoice_id, step in behind]
    return replace(book, taken=(*book.taken, *taken), last_message_at=message.not_before)


def next_moment(decision: ContactDecision) -> datetime | None:
    """When the message leaves, or time alone can change the decision, whichever is first."""
    moments = [decision.next_look_at, decision.message.not_before if decision.message else None]
    return min((moment for moment in moments if moment is not None), default=None)
