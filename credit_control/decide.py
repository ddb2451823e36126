"""The decision on one contact: which invoices are chased now, in which one message, and why (not).

The rules in their order: status of the invoice; the contact; holds; an expected payment; the schedule;
the minimum balance; unallocated credit; the customer's payment run; the gap between messages; the sending window; one message for
all. What is due by today, in the organisation's calendar, travels; when a message planned for a later
day is planned again on that day, more may join it. The same facts at the same moment give the same
decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from credit_control.balance import weigh
from credit_control.calendar import start_of_day
from credit_control.decisions import (
    ContactDecision,
    InvoiceDecision,
    Message,
    Outcome,
    Reason,
    Verdict,
)
from credit_control.facts import ContactBook, Invoice, Policy, Step, StepTaken
from credit_control.standing import NEVER, Standing, closed, ladder, standing_of
from credit_control.stopped import Stops
from credit_control.stops import is_open
from credit_control.timing import Timing, place_in, timing_of, timing_reasons
from credit_control.words import Count, Money


def decide(book: ContactBook, policy: Policy, now: datetime) -> ContactDecision:
    """Decide on every invoice of a contact at ``now`` (aware; a naive moment raises ``ValueError``)."""
    timing = timing_of(policy, book.contact, book.last_message_at, now)
    alone = _standings(book, policy, timing)
    standings = alone
    if any(one.step for one in alone):
        standings = weigh(book, policy.minimum_balance, timing.today, alone)
    sent = [
        (invoice, one.step, one)
        for invoice, one in zip(book.invoices, standings, strict=True)
        if one.verdict is Verdict.SEND and one.step
    ]
    leaves = max(now, place_in(timing.slot, timing.window, book.contact.id)) if sent else now
    shared = (*timing_reasons(timing, leaves), *_grouping(len(sent))) if sent else ()
    closes = bool(sent) or any(_expires(one) or one.waits_for_run for one in alone)
    return ContactDecision(
        book.contact.id,
        tuple(_decision(invoice, one, shared) for invoice, one in zip(book.invoices, standings, strict=True)),
        _message(sent, timing, leaves, shared) if sent else None,
        _next_look(policy, timing, standings, closes),
    )


def _standings(book: ContactBook, policy: Policy, timing: Timing) -> list[Standing]:
    """Each invoice after the rules that look at it alone."""
    days = (timing.today, timing.earliest, timing.slot.day)
    today = ladder(book.schedule, timing.window, *days, book.contact.pays_on)
    stops = Stops.of(book, policy, timing)
    taken = _taken_masks(book.taken)
    standings = []
    for invoice in book.invoices:
        behind = taken.get(invoice.id, 0)
        if not is_open(invoice):
            one = closed(invoice.status)
        elif found := stops.on(invoice):
            one = stops.standing(invoice, found, today, behind)
        else:
            one = standing_of(today, invoice, behind)
        standings.append(one)
    return standings


def _taken_masks(taken: Iterable[StepTaken]) -> dict[str, int]:
    """For each invoice a number with the bit of every position that it has behind it."""
    masks: dict[str, int] = {}
    for step in taken:
        masks[step.invoice_id] = masks.get(step.invoice_id, 0) | 1 << step.position
    return masks


def _decision(invoice: Invoice, one: Standing, shared: tuple[Reason, ...]) -> InvoiceDecision:
    reasons = one.reasons
    if one.verdict is Verdict.SEND:
        owed = Money(invoice.amount_due, invoice.currency)
        status = Reason("status", Outcome.ALLOWS, "The ledger has it as AUTHORISED, with {0} due.", (owed,))
        reasons = (status, *reasons, *shared)
    return InvoiceDecision(
        invoice.id, one.verdict, reasons, one.step, one.next_step, one.skipped, one.person_step
    )


def _grouping(count: int) -> tuple[Reason, ...]:
    if count < 2:
        return ()
    pattern = "{0} travel in one message."
    return (Reason("grouping", Outcome.NOTES, pattern, (Count(count, "invoice"),)),)


def _message(
    sent: Sequence[tuple[Invoice, Step, Standing]],
    timing: Timing,
    leaves: datetime,
    shared: tuple[Reason, ...],
) -> Message:
    """One message for all that is sent; the gravest step, of equals the oldest debt, gives the text."""
    ranked = sorted(sent, key=lambda item: (-item[1].position, item[0].due_on, item[0].id))
    _, step, lead = ranked[0]
    return Message(
        step=step,
        taken=tuple((invoice.id, own) for invoice, own, _ in ranked),
        not_before=leaves,
        not_after=timing.slot.closes,
        reasons=(*lead.reasons, *shared),
    )


def _expires(one: Standing) -> bool:
    """Whether the closing of the window can end the step: one for before the due date is not sent late."""
    return one.verdict is Verdict.SEND and one.step is not None and one.step.offset_days < 0


def _next_look(
    policy: Policy, timing: Timing, standings: Sequence[Standing], closes: bool
) -> datetime | None:
    """The start of the next day that matters to an invoice, or the closing of the window if that matters."""
    look_on = min((one.look_on for one in standings), default=NEVER)
    day = None if look_on >= NEVER else start_of_day(policy.window, date.fromordinal(look_on))
    if not closes:
        return day
    return timing.slot.closes if day is None else min(day, timing.slot.closes)
