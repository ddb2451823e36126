"""Reasons to write to a customer that are no step of a schedule: whether such a mail leaves, and when.

The same contact, holds and sending window count as for chasers. Each mail says from which day on and until which it
makes sense; where that has passed it is left out for good, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from credit_control.calendar import (
    Slot,
    add_working_days,
    first_sending_day,
    first_slot,
    local_day,
    slot_from,
)
from credit_control.contact_law import Way
from credit_control.contacting import delays, moved
from credit_control.decisions import Message, Outcome, Reason
from credit_control.facts import ContactBook, Invoice, Policy, SendingWindow
from credit_control.placing import place
from credit_control.resting import HoldKind
from credit_control.stops import Stop, contact_stops, hold_stops, is_open
from credit_control.timing import place_in, window_for
from credit_control.words import Count, Day, Weekday

_DAY = timedelta(days=1)
WORKING_DAYS = 5
"""For so many working days after its day a mail still makes sense."""


class OccasionKind(StrEnum):
    """What a mail is that no step sends."""

    THANKS = "thanks"
    STATEMENT = "statement"
    INVOICE = "invoice"
    CONFIRMATION = "confirmation"
    CAMPAIGN = "campaign"
    BROKEN_PROMISE = "broken_promise"
    PROMISE_DUE = "promise_due"
    DISPUTE_RESOLVED = "dispute_resolved"
    INSTALMENT_DUE = "instalment_due"


KEEPS_THE_GAP = frozenset({OccasionKind.STATEMENT, OccasionKind.CAMPAIGN, OccasionKind.BROKEN_PROMISE})
"""They wait for the gap after the last message, and the next message waits for the gap after them.

Of the others it is only true that no chaser leaves on the same day.
"""
COURTESIES = frozenset(
    {
        OccasionKind.THANKS,
        OccasionKind.INVOICE,
        OccasionKind.CONFIRMATION,
        OccasionKind.PROMISE_DUE,
        OccasionKind.DISPUTE_RESOLVED,
        OccasionKind.INSTALMENT_DUE,
    }
)
"""They do not count for the gap, and a rule that keeps a customer from being chased does not keep them from it."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to write. ``on`` is the day from which it holds, in the organisation's calendar."""

    kind: OccasionKind
    on: date
    invoices: tuple[Invoice, ...] = ()
    """What the mail is about."""
    until: date | None = None
    """The last day on which it makes sense; None: it stays sensible."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """The mail may leave from ``not_before`` on until ``not_after``."""

    not_before: datetime
    not_after: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The mail is not sent, and this is why."""

    reason: Reason


def statement_day(window: SendingWindow, month: date) -> date:
    """The day on which the statements of a month leave: its first sending day."""
    return first_sending_day(window, month.replace(day=1))


def next_statement_day(window: SendingWindow, today: date) -> date:
    """The next day of statements, which may be ``today``."""
    day = statement_day(window, today)
    return day if today <= day else statement_day(window, (today.replace(day=1) + 32 * _DAY))


def reminder_day(promised_on: date, window: SendingWindow) -> date:
    """The last sending day before the promised one; the promised day itself where there is none in the week before."""
    before = (promised_on - days * _DAY for days in range(1, 8))
    return next((day for day in before if first_sending_day(window, day) == day), promised_on)


def last_sensible_day(day: date, window: SendingWindow) -> date:
    """So many working days later a mail of that day makes no sense any more."""
    return add_working_days(day, WORKING_DAYS, window.off)


def decide_occasion(
    occasion: Occasion, book: ContactBook, policy: Policy, now: datetime, chaser: Message | None
) -> Leaves | LeftOut:
    """Whether and when this mail leaves.

    ``chaser`` is the contact's chaser that is about to leave; None where there is none, or where it waits for a person,
    because what may never leave keeps nothing else back.
    """
    window = window_for(policy.window, book.contact.office)
    today = local_day(window, now)
    if stop := _stopped(occasion, book, today) or _unfitting(occasion, book, policy, today):
        return LeftOut(stop)
    earliest = max(today, occasion.on, _after_last(occasion, book, policy))
    slot = slot_from(window, today, now) if earliest == today else first_slot(window, earliest)
    waits = _waiting(occasion, earliest)
    if chaser and occasion.kind in KEEPS_THE_GAP and local_day(window, chaser.not_before) == slot.day:
        waits, slot = _after_chaser(occasion, chaser, window, policy, slot.day)
    plain, slot = slot, moved(book.contact, Way.EMAIL, window, slot, now) or slot
    if occasion.until and slot.day > occasion.until:
        return LeftOut(_too_late(occasion, slot.day))
    waits += delays(book.contact, Way.EMAIL, window, plain, slot, now)
    leaves = now if slot.opens <= now else place_in(slot, window, book.contact.id)
    pattern = "Leaves in the sending window of {0}."
    because = Reason(occasion.kind.value, Outcome.ALLOWS, _WHY[occasion.kind])
    return Leaves(
        leaves,
        slot.closes,
        (because, *waits, Reason("window", Outcome.ALLOWS, pattern, (Weekday(slot.day),))),
    )


def _stopped(occasion: Occasion, book: ContactBook, today: date) -> Reason | None:
    """What about the contact forbids any mail to it, or this one."""
    known = book.contact.contacting
    if known and (unwanted := dict(known.unwanted).get(Way.EMAIL)):
        return Reason("unwanted", Outcome.STOPS, "{0}", (unwanted,))
    stops: tuple[Stop, ...] = contact_stops(book.contact)
    holds = [hold for hold in book.holds if _counts(occasion, hold.kind, hold.invoice_id)]
    stops += tuple(stop for found in hold_stops(holds, today).values() for stop in found)
    if stops:
        return stops[0].reason
    if occasion.kind not in COURTESIES:
        placement = place(book, today)
        if placement.excluded:
            return placement.reason
    return None


def _counts(occasion: Occasion, kind: HoldKind, invoice_id: str | None) -> bool:
    """Whether a hold stops this mail: any of the whole contact, and a dispute about one of its invoices.

    A promise does not stop the thanks for what was promised, and what a customer wrote does not stop the answer to it.
    """
    if occasion.kind is OccasionKind.DISPUTE_RESOLVED:
        return invoice_id is None and kind not in (HoldKind.REPLY, HoldKind.PROMISE)
    if occasion.kind is OccasionKind.THANKS and kind is HoldKind.PROMISE:
        return False
    return invoice_id is None or kind is HoldKind.DISPUTE


def _unfitting(occasion: Occasion, book: ContactBook, policy: Policy, today: date) -> Reason | None:
    if occasion.kind is OccasionKind.THANKS:
        overdue = sum(is_open(invoice) and invoice.due_on < today for invoice in book.invoices)
        if overdue:
            pattern = "No thanks are sent while {0} of this customer is overdue."
            return Reason("thanks", Outcome.STOPS, pattern, (Count(overdue, "other invoice"),))
    if occasion.kind is OccasionKind.INVOICE:
        about = {invoice.id for invoice in occasion.invoices}
        for invoice in book.invoices:
            if invoice.id in about and invoice.disputed:
                return Reason("dispute", Outcome.STOPS, "{0} is in dispute.", (invoice.number,))
    if occasion.kind is OccasionKind.CAMPAIGN and not occasion.invoices:
        return Reason("status", Outcome.STOPS, "Nothing of this customer is overdue any more.")
    if occasion.kind in _OF_PROMISES and not any(is_open(one) for one in occasion.invoices):
        return Reason("status", Outcome.STOPS, "Nothing of what was promised is open any more.")
    if occasion.kind is OccasionKind.STATEMENT and not _has_balance(book, policy):
        return Reason(
            "minimum_balance", Outcome.STOPS, "Neither debt nor credit reaches the minimum balance."
        )
    return None


def _has_balance(book: ContactBook, policy: Policy) -> bool:
    """Whether in some currency the open invoices, or the unallocated credits, reach the minimum."""
    amounts = [(one.currency, True, one.asked_for) for one in book.invoices if is_open(one)]
    amounts += [(one.currency, False, one.remaining) for one in book.credits]
    for currency, owed, _ in amounts:
        total = sum(amount for code, kind, amount in amounts if (code, kind) == (currency, owed))
        if total >= policy.minimum_balances.get(currency, policy.minimum_balance):
            return True
    return False


def _after_last(occasion: Occasion, book: ContactBook, policy: Policy) -> date:
    """The first day that earlier messages allow: after the gap, or for a courtesy on the day after one."""
    days = []
    if book.last_message_at:
        gap = max(policy.minimum_gap_days, 1) if occasion.kind in KEEPS_THE_GAP else 1
        days.append(local_day(policy.window, book.last_message_at) + gap * _DAY)
    if book.last_courtesy_at and occasion.kind in KEEPS_THE_GAP:
        days.append(local_day(policy.window, book.last_courtesy_at) + _DAY)
    return max(days, default=date.min)


def _waiting(occasion: Occasion, earliest: date) -> tuple[Reason, ...]:
    if earliest <= occasion.on:
        return ()
    pattern = "After the last message it may leave from {0} on."
    return (Reason("gap", Outcome.DELAYS, pattern, (Day(earliest),)),)


def _after_chaser(
    occasion: Occasion, chaser: Message, window: SendingWindow, policy: Policy, day: date
) -> tuple[tuple[Reason, ...], Slot]:
    """When it may leave where a chaser leaves on its day: after the gap, as if that had left.

    Where it would be too late by then, it is planned for the next day: the chaser may still be stopped.
    """
    slot = first_slot(window, day + max(policy.minimum_gap_days, 1) * _DAY)
    if occasion.until and slot.day > occasion.until:
        slot = first_slot(window, day + _DAY)
    pattern = "“{0}” leaves on {1} and one mail a day is enough; this may leave from {2} on."
    values = (chaser.step.name, Day(day), Day(slot.day))
    return (Reason("one_a_day", Outcome.DELAYS, pattern, values),), slot


def _too_late(occasion: Occasion, day: date) -> Reason:
    pattern = "It could not leave before {0}, which is later than {1} after its day; so it is left out."
    return Reason("too_late", Outcome.STOPS, pattern, (Day(day), Count(WORKING_DAYS, "working day")))


_OF_PROMISES = frozenset({OccasionKind.BROKEN_PROMISE, OccasionKind.PROMISE_DUE, OccasionKind.INSTALMENT_DUE})
_WHY = {
    OccasionKind.THANKS: "What we had written about was paid in full; the thanks leave on a later working day.",
    OccasionKind.STATEMENT: "A statement goes to every customer with a balance on the first working day of a month.",
    OccasionKind.INVOICE: "The ledger says that this invoice has not been sent to the customer.",
    OccasionKind.CONFIRMATION: "The quote was accepted.",
    OccasionKind.BROKEN_PROMISE: "What was promised did not come in full; this leaves in place of the next reminder.",
    OccasionKind.PROMISE_DUE: "A payment was promised for the next days.",
    OccasionKind.DISPUTE_RESOLVED: "A dispute of this customer was settled.",
    OccasionKind.INSTALMENT_DUE: "An instalment of a payment plan is due in the next days.",
    OccasionKind.CAMPAIGN: "It was on the list when a person started the campaign.",
}
