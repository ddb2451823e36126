"""Which other invoices go along with a message: those that the gap after it would keep waiting.

Invoices of one customer are rarely due on one day. Were each asked about on its own day or later, a customer would get the
same letter twice within a week, about what a colleague would have written once. So a message takes along what is
overdue and would be asked about within the gap after it. It never asks for the first time before the day of
the schedule, never brings a graver step forward, and makes up for nothing: each invoice takes its own step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from credit_control.balance import COVERED, weigh
from credit_control.decisions import NextStep, Outcome, Reason, Verdict
from credit_control.facts import ContactBook, Invoice, Policy, Step
from credit_control.payment_runs import run_in_the_way
from credit_control.standing import Standing
from credit_control.timing import Timing
from credit_control.words import Count, Day, Weekday

MOST_DAYS = 7
"""However long the gap is, a step leaves less than this before its day."""


def with_company(
    book: ContactBook, policy: Policy, timing: Timing, alone: Sequence[Standing], weighed: Sequence[Standing]
) -> list[Standing]:
    """The standings with those that go along, where a message leaves; ``alone`` are the ones before the rules about money."""
    steps = [one.step for one in weighed if one.verdict is Verdict.SEND and one.step]
    if not steps or len(weighed) == 1:
        return list(weighed)
    gravest = max(steps, key=lambda step: step.position)
    doubtful = _perhaps_covered(book, weighed)
    joined = [
        _joined(invoice, one, one.ahead, timing)
        if one.ahead
        and invoice.currency not in doubtful
        and _fits(one.ahead, gravest)
        and _may_join(book, invoice, one, one.ahead, timing)
        else None
        for invoice, one in zip(book.invoices, alone, strict=True)
    ]
    if not any(joined):
        return list(weighed)
    tried = [more or one for more, one in zip(joined, alone, strict=True)]
    with_them = weigh(
        book, policy, timing.today, tried
    )  # what is too little to be asked about does not join either
    return [
        more if more.verdict is Verdict.SEND else one for more, one in zip(with_them, weighed, strict=True)
    ]


def _perhaps_covered(book: ContactBook, weighed: Sequence[Standing]) -> set[str]:
    """The currencies in which unallocated money lies that may be meant for what goes along."""
    if not book.credits:
        return set()
    demanded = {
        invoice.currency
        for invoice, one in zip(book.invoices, weighed, strict=True)
        if one.verdict is Verdict.SEND and all(reason.rule != COVERED for reason in one.reasons)
    }
    return {credit.currency for credit in book.credits} - demanded


def _fits(step: Step, gravest: Step) -> bool:
    """A message becomes neither graver nor something to be approved by what goes along with it."""
    return (
        step.position <= gravest.position
        and step.action is gravest.action
        and (gravest.needs_go or not step.needs_go)
    )


def _may_join(book: ContactBook, invoice: Invoice, one: Standing, step: Step, timing: Timing) -> bool:
    if one.verdict not in (Verdict.WAIT, Verdict.PERSON):
        return False
    leaves, due = timing.slot.day.toordinal(), invoice.due_on
    own = due.toordinal() + step.offset_days
    if due >= timing.today or own >= leaves + min(timing.gap_days, MOST_DAYS):
        return False
    pays_on, ready = book.contact.pays_on, date.fromordinal(min(own, leaves))
    return pays_on is None or run_in_the_way(pays_on, timing.window, ready, timing.slot.day) is None


def _joined(invoice: Invoice, one: Standing, step: Step, timing: Timing) -> Standing:
    own = date.fromordinal(invoice.due_on.toordinal() + step.offset_days)
    pattern = (
        "“{0}” is for {1}, {2} after the due date. It goes along with the message of {3},"
        " because {4} must pass before another one."
    )
    values = (
        step.name,
        Day(own),
        Count(step.offset_days, "day"),
        Weekday(timing.slot.day),
        Count(timing.gap_days, "day"),
    )
    left_out = (reason for reason in one.reasons if reason.outcome is Outcome.NOTES)
    return replace(
        one,
        verdict=Verdict.SEND,
        reasons=(Reason("schedule", Outcome.ALLOWS, pattern, values), *left_out),
        step=step,
        next_step=NextStep(step.name, timing.slot.day),
        moved=True,
    )
