"""The decision on one contact: which invoices are chased now, in which one message, and why (not).

The rules in their order: which schedule; status of the invoice; the contact; holds; an expected payment;
the schedule; the minimum balance; unallocated credit; the customer's payment run; the gap between messages;
the sending window, and what limits how and when the customer may be contacted; one message for all. What is due by today, in
the organisation's calendar, travels, and with it what the gap after it would keep waiting
(``credit_control.along``); when a message planned for a later day is planned again on that day, more may join it.
The same facts at the same moment give the same decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from credit_control.along import with_company
from credit_control.away import waiting_for_them
from credit_control.balance import weigh
from credit_control.calendar import Slot, start_of_day
from credit_control.contact_law import Way
from credit_control.contacting import delays, moved, preference, warnings, way_of
from credit_control.decisions import (
    ContactDecision,
    InvoiceDecision,
    Message,
    Outcome,
    Placement,
    Reason,
    Verdict,
)
from credit_control.facts import Action, ContactBook, Invoice, Policy, Step
from credit_control.ladder import ladder
from credit_control.passed_over import passed_over
from credit_control.people import Reach
from credit_control.placing import place
from credit_control.schedules import carried
from credit_control.standing import LEFT_OUT, NEVER, Standing, closed, standing_of
from credit_control.stopped import Stops
from credit_control.stops import is_open
from credit_control.terms import on_day, said_of_terms, until_it_changes
from credit_control.timing import Timing, leaving_at, timing_of, timing_reasons
from credit_control.whom import whom
from credit_control.words import Count, Money

_Sent = tuple[Invoice, Step, Standing]
_Shared = dict[bool, tuple[Reason, ...]]
"""What is said of all that travels, by whether an invoice's own reasons say already that it was moved."""


def decide(book: ContactBook, policy: Policy, now: datetime) -> ContactDecision:
    """Decide on every invoice of a contact at ``now`` (aware; a naive moment raises ``ValueError``)."""
    timing = timing_of(policy, book.contact, book.last_message_at, now, book.last_courtesy_at)
    book = on_day(book, timing.today)
    placement = place(book, timing.today)
    alone, standings, sent = _weighed(book, policy, timing, placement)
    away: tuple[Reason, ...] = ()
    if sent and book.contact.away and (resting := _resting(book, sent, timing)):
        timing, away = resting[0], (resting[1],)
        alone, standings, sent = _weighed(book, policy, timing, placement)
    plain = timing.slot
    if sent and (allowed := _allowed(book, sent, timing)):
        timing = replace(timing, slot=allowed)
        if timing.slot.day != plain.day:
            alone, standings, sent = _weighed(book, policy, timing, placement)
    leaves = leaving_at(timing, book.contact.id) if sent else now
    shared: _Shared = {}
    if sent:
        gravest = sent[0][1]
        reach = _reach(gravest)
        common = (
            *away,
            *_said_of_contacting(book, gravest, timing, plain, leaves),
            *_grouping(len(sent)),
            *_go_reasons(sent),
            *whom(book.contact, gravest, timing.window, reach).reasons,
        )
        shared = {
            moved: (*timing_reasons(timing, leaves, move_is_said=moved), *common)
            for moved in {one.moved for _, _, one in sent}
        }
    closes = bool(sent) or any(_expires(one) or one.waits_for_run for one in alone)
    return ContactDecision(
        book.contact.id,
        tuple(_decision(invoice, one, shared) for invoice, one in zip(book.invoices, standings, strict=True)),
        _message(sent, timing, leaves, shared) if sent else None,
        _next_look(policy, timing, standings, closes, placement.look_on),
        placement,
    )


def _reach(step: Step) -> Reach:
    return Reach.MOBILE if step.action is Action.SMS else Reach.EMAIL


def _allowed(book: ContactBook, sent: Sequence[_Sent], timing: Timing) -> Slot | None:
    """Another slot, where a limit on contacting the customer keeps the message out of the one that it has."""
    found = moved(book.contact, _way(sent[0][1]), timing.window, timing.slot, timing.now)
    return None if found == timing.slot else found


def _said_of_contacting(
    book: ContactBook, step: Step, timing: Timing, plain: Slot, leaves: datetime
) -> tuple[Reason, ...]:
    """What limits do to the message, what it would break, and how the customer likes to hear from us."""
    contact, way = book.contact, _way(step)
    return (
        *delays(contact, way, timing.window, plain, timing.slot, timing.now),
        *warnings(contact, way, timing.window, leaves),
        *preference(contact, way),
    )


def _way(step: Step) -> Way:
    return way_of(step.action) or Way.EMAIL


def _resting(book: ContactBook, sent: Sequence[_Sent], timing: Timing) -> tuple[Timing, Reason] | None:
    """A later time, where everybody who would get the message is away."""
    gravest = sent[0][1]
    return waiting_for_them(book.contact, gravest, timing, _reach(gravest))


def _weighed(
    book: ContactBook, policy: Policy, timing: Timing, placement: Placement
) -> tuple[list[Standing], list[Standing], list[_Sent]]:
    """The standings of each alone and of all together, and what is sent: the gravest first, of equals the oldest."""
    alone = _standings(book, policy, timing, placement)
    standings = alone
    if any(one.step for one in alone):
        weighed = weigh(book, policy, timing.today, alone)
        standings = with_company(book, policy, timing, alone, weighed)
    sent = [
        (invoice, one.step, one)
        for invoice, one in zip(book.invoices, standings, strict=True)
        if one.verdict is Verdict.SEND and one.step
    ]
    sent.sort(key=lambda item: (-item[1].position, item[0].due_on, item[0].id))
    return alone, standings, sent


def _standings(book: ContactBook, policy: Policy, timing: Timing, placement: Placement) -> list[Standing]:
    """Each invoice after the rules that look at it alone."""
    window, pays_on = timing.window, book.contact.pays_on
    days = (timing.today, timing.earliest, timing.slot.day)
    passing = passed_over(book.contact, policy, timing, placement.schedule, *placement.own.values())
    newest = ladder(placement.schedule, window, *days, pays_on, passing)
    stops = Stops.of(book, policy, timing, placement)
    taken = taken_masks(book, placement)
    standings = []
    for invoice in book.invoices:
        behind = taken.get(invoice.id, 0)
        today = (
            ladder(placement.own[invoice.id], window, *days, pays_on, passing)
            if invoice.id in placement.own
            else newest
        )
        if not is_open(invoice):
            one = closed(invoice.status)
        elif found := stops.on(invoice):
            one = stops.standing(invoice, found, today, behind)
        else:
            one = standing_of(today, invoice, behind, book.contact.first_invoiced_on)
        standings.append(until_it_changes(one, invoice))
    return standings


def taken_masks(book: ContactBook, placement: Placement) -> dict[str, int]:
    """For each invoice a number with the bit of every position that it has behind it, on the version that it is on.

    What was left out has its bit further up, because it says nothing of the steps before it.
    """
    masks: dict[str, int] = {}
    for step in book.taken:
        schedule = placement.on(step.invoice_id)
        position, up = step.position, LEFT_OUT if step.left_out else 0
        if step.version_id and step.version_id != schedule.version_id and book.course:
            position, up = carried(book.course.versions[step.version_id], position, schedule), 0
        if position:
            masks[step.invoice_id] = masks.get(step.invoice_id, 0) | 1 << position + up
    return masks


def _decision(invoice: Invoice, one: Standing, shared: _Shared) -> InvoiceDecision:
    reasons = one.reasons
    if one.verdict is Verdict.SEND:
        owed = Money(invoice.amount_due, invoice.currency)
        status = Reason("status", Outcome.ALLOWS, "The ledger has it as AUTHORISED, with {0} due.", (owed,))
        reasons = (status, *_disputed(invoice), *said_of_terms(invoice), *reasons, *shared[one.moved])
    return InvoiceDecision(
        invoice.id, one.verdict, reasons, one.step, one.next_step, one.skipped, one.person_step
    )


def _disputed(invoice: Invoice) -> tuple[Reason, ...]:
    """What of an invoice is not asked for, where a part of it is in dispute."""
    if not invoice.disputed:
        return ()
    pattern = (
        "A credit of {0} is due and not in the ledger yet, so {1} is asked for."
        if invoice.credit_is_due
        else "{0} of it is in dispute, so {1} is asked for."
    )
    values = (Money(invoice.disputed, invoice.currency), Money(invoice.in_full, invoice.currency))
    return (Reason("dispute", Outcome.NOTES, pattern, values),)


def _grouping(count: int) -> tuple[Reason, ...]:
    if count < 2:
        return ()
    pattern = "{0} travel in one message."
    return (Reason("grouping", Outcome.NOTES, pattern, (Count(count, "invoice"),)),)


def _go_reasons(sent: Sequence[_Sent]) -> tuple[Reason, ...]:
    """A word where a step that travels needs a person's go."""
    if not any(step.needs_go for _, step, _ in sent):
        return ()
    names = dict.fromkeys(step.name for _, step, _ in sent if step.needs_go)
    pattern = "“{0}” waits for a person to say go."
    return tuple(Reason("go", Outcome.DELAYS, pattern, (name,)) for name in names)


def _message(
    sent: Sequence[_Sent],
    timing: Timing,
    leaves: datetime,
    shared: _Shared,
) -> Message:
    """One message for all that is sent; the first, which is the gravest, gives channel and text."""
    _, step, lead = sent[0]
    return Message(
        step=step,
        taken=tuple((invoice.id, own) for invoice, own, _ in sent),
        not_before=leaves,
        not_after=timing.slot.closes,
        reasons=(*lead.reasons, *shared[lead.moved]),
    )


def _expires(one: Standing) -> bool:
    """Whether the closing of the window can end the step: one for before the due date is not sent late."""
    return one.verdict is Verdict.SEND and one.step is not None and one.step.offset_days < 0


def _next_look(
    policy: Policy, timing: Timing, standings: Sequence[Standing], closes: bool, placed_until: int | None
) -> datetime | None:
    """The start of the next day that matters to an invoice, or the closing of the window if that matters."""
    look_on = min((one.look_on for one in standings), default=NEVER)
    if placed_until is not None:
        look_on = min(look_on, placed_until)
    day = None if look_on >= NEVER else start_of_day(policy.window, date.fromordinal(look_on))
    if not closes:
        return day
    return timing.slot.closes if day is None else min(day, timing.slot.closes)
