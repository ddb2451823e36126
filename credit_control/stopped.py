"""Where an invoice stands that a rule keeps from being chased, and what comes when the rule lets go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from credit_control.calendar import first_sending_day
from credit_control.decisions import NextStep, Outcome, Placement, Reason, Verdict
from credit_control.facts import Action, ContactBook, Invoice, Policy, Schedule
from credit_control.ladder import Ladder, ladder
from credit_control.passed_over import passed_over
from credit_control.standing import NEVER, Standing, standing_of
from credit_control.stops import (
    Stop,
    broken_stop,
    contact_stops,
    dispute_stop,
    expected_stop,
    hold_stops,
    terms_stop,
)
from credit_control.timing import Timing

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stops:
    """All that keeps invoices of one contact from being chased today."""

    book: ContactBook
    policy: Policy
    timing: Timing
    placement: Placement
    everywhere: tuple[Stop, ...]
    by_invoice: dict[str | None, tuple[Stop, ...]]

    @classmethod
    def of(cls, book: ContactBook, policy: Policy, timing: Timing, placement: Placement) -> Stops:
        """Collect what stops the whole contact, and what stops single invoices."""
        by_invoice = hold_stops(book.holds, timing.today) if book.holds else {}
        everywhere = contact_stops(book.contact) + by_invoice.get(None, ())
        if placement.excluded:
            everywhere += (Stop(Verdict.HOLD, placement.reason),)
        elif placement.schedule.paused:
            everywhere += (_paused(placement.schedule),)
        if book.promises and (broken := broken_stop(book.promises, timing.today)):
            everywhere += (broken,)
        return cls(book, policy, timing, placement, everywhere, by_invoice)

    def on(self, invoice: Invoice) -> tuple[Stop, ...]:
        """What stops this invoice today; empty for most."""
        found = self.everywhere
        if self.by_invoice:
            found += self.by_invoice.get(invoice.id, ())
        if invoice.disputed and (wholly := dispute_stop(invoice)):
            found += (wholly,)
        if invoice.special and (agreed := terms_stop(invoice)):
            found += (agreed,)
        if invoice.expected_on is not None:
            expected = expected_stop(invoice, self.policy, self.timing.today)
            found += (expected,) if expected else ()
        return found

    def standing(self, invoice: Invoice, found: Sequence[Stop], today: Ladder, taken: int) -> Standing:
        """Hold or wait, by the strictest of what was found; a contact without mail may still be texted or called."""
        ends = [stop.until for stop in found if stop.until]
        look_on = min(ends).toordinal() + 1 if ends else NEVER
        person_step = None
        if all(stop.by_mail_only for stop in found):
            unstopped = standing_of(today, invoice, taken, self.book.contact.first_invoiced_on)
            if unstopped.step and unstopped.step.action is Action.SMS and unstopped.verdict is Verdict.SEND:
                return unstopped
            person_step = unstopped.person_step
            look_on = min(look_on, unstopped.look_on)
        held = any(stop.verdict is Verdict.HOLD for stop in found)
        return Standing(
            verdict=Verdict.HOLD if held else Verdict.WAIT,
            reasons=tuple(stop.reason for stop in found),
            next_step=self._after_release(invoice, found, taken),
            person_step=person_step,
            look_on=look_on,
        )

    def _after_release(self, invoice: Invoice, found: Sequence[Stop], taken: int) -> NextStep | None:
        """What comes when the last of the stops ends; nothing can be said while one has an open end."""
        ends = [stop.until for stop in found if stop.until]
        if len(ends) < len(found):
            return None
        release = max(ends) + _DAY
        earliest = max(release, self.timing.earliest)
        send_on = first_sending_day(self.timing.window, earliest)
        schedule, pays_on = self.placement.on(invoice.id), self.book.contact.pays_on
        passing = passed_over(self.book.contact, self.policy, self.timing, schedule)
        then = ladder(schedule, self.timing.window, release, earliest, send_on, pays_on, passing)
        return standing_of(then, invoice, taken, self.book.contact.first_invoiced_on).next_step


def _paused(schedule: Schedule) -> Stop:
    by, _colon, because = schedule.paused.removeprefix("by ").rstrip(".").partition(": ")
    pattern = "The schedule “{0}” is paused by {1}: {2}. Nobody on it is chased until somebody resumes it."
    values = (schedule.name, by, because)
    return Stop(Verdict.HOLD, Reason("schedule_paused", Outcome.STOPS, pattern, values))
