"""What is said of where an invoice stands on its schedule: its step, the day that it was moved to, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from credit_control.decisions import Outcome, Reason, Verdict
from credit_control.facts import Action, Step
from credit_control.ladder import Coming, Ladder, ready_since
from credit_control.payment_runs import Run
from credit_control.timing import moved
from credit_control.words import Count, Day, Weekday

GRAVEST_ALONE = "“{0}” was due on {1} and is left out: by the catch-up rule only the gravest reminder that is due leaves, “{2}”."
"""What is said of a milder step where a graver one is due as well."""


def schedule_reason(
    ladder: Ladder, verdict: Verdict, step: Step | None, coming: Coming | None, due: int
) -> Reason:
    """What its schedule says of an invoice: the step that is due, else the one to come, else that none is left."""
    if verdict is Verdict.WAIT and coming:
        values = (coming.step.name, Weekday(date.fromordinal(coming.on)), Day(date.fromordinal(due)))
        return Reason(
            "schedule", Outcome.DELAYS, "The next step is “{0}” on {1}; the invoice is due on {2}.", values
        )
    if not step or verdict is Verdict.DONE:
        pattern = "Nothing is left to do in the schedule “{0}”."
        return Reason("schedule", Outcome.STOPS, pattern, (ladder.schedule_name,))
    own = Day(date.fromordinal(due + step.offset_days))
    late, early = (step.name, own, Count(abs(step.offset_days), "day")), step.offset_days < 0
    if verdict is Verdict.PERSON:
        pattern = "“{0}” has been due since {1}, {2} after the due date; it needs a person."
        if early:
            pattern = "“{0}” has been due since {1}, {2} before the due date; it needs a person."
        return Reason("schedule", Outcome.DELAYS, pattern, late)
    pattern = "“{0}” is due from {1} on, {2} after the due date."
    if early:
        pattern = "“{0}” is due from {1} on, {2} before the due date."
    return Reason("schedule", Outcome.ALLOWS, pattern, late)


def move(ladder: Ladder, step: Step | None, due: int, due_mails: Sequence[Step]) -> tuple[Reason, ...]:
    """From its own day to which day a mail was moved that is due; nothing if it is late for another reason.

    A payment run is counted from the first reminder that has not left, which may be milder than the one that leaves.
    """
    if step is None:
        return ()
    own, ready = due + step.offset_days, ready_since(due_mails, due)
    run = ladder.run(ready, ladder.first_sending(ready)) if ready else None
    if ready and run and run.free_on.toordinal() == ladder.send_on:
        return (_past_the_run(ready, run),)
    is_first = own != ladder.send_on == ladder.first_sending(own)
    return (_to_a_sending_day(ladder, own),) if is_first else ()


def put_off(ladder: Ladder, coming: Coming | None) -> tuple[Reason, ...]:
    """What keeps a step to come from leaving on its own day."""
    if coming is None or coming.on == coming.own:
        return ()
    if coming.run:
        return (_past_the_run(coming.own, coming.run),)
    if coming.own >= ladder.earliest:
        return (_to_a_sending_day(ladder, coming.own),)
    pattern = "Its own day is {0}; so soon after the last message none leaves before {1}."
    days = (Weekday(date.fromordinal(coming.own)), Weekday(date.fromordinal(ladder.earliest)))
    gap = Reason("gap", Outcome.DELAYS, pattern, days)
    return (gap,) if coming.on == ladder.earliest else (gap, _to_a_sending_day(ladder, ladder.earliest))


def _past_the_run(own: int, run: Run) -> Reason:
    pattern = "Moved from {0} to {1}, past the customer’s payment run of {2}."
    past = (Weekday(date.fromordinal(own)), Weekday(run.free_on), Weekday(run.on))
    return Reason("payment_run", Outcome.DELAYS, pattern, past)


def _to_a_sending_day(ladder: Ladder, day: int) -> Reason:
    days = (date.fromordinal(day), date.fromordinal(ladder.first_sending(day)))
    plain = "Moved from {0} to {1}, the first sending day after it."
    return moved("window", ladder.window, *days) or Reason(
        "window", Outcome.DELAYS, plain, tuple(Weekday(day) for day in days)
    )


def skip_reason(ladder: Ladder, missed: Step, step: Step | None, due: int, issued: int) -> Reason:
    """Why a step whose day has come does not leave."""
    if ladder.leaves_out(missed):
        return passed_over_reason(ladder, missed)
    if missed.offset_days < 0 and issued > due + missed.offset_days:
        pattern = "“{0}” is left out: the invoice was issued on {1}, after its day."
        return Reason("catch_up", Outcome.NOTES, pattern, (missed.name, Day(date.fromordinal(issued))))
    if missed.offset_days < 0 or not step:
        own = Day(date.fromordinal(due + missed.offset_days))
        pattern = "“{0}” was due on {1} and is left out: by the catch-up rule it leaves before the due date or not at all."
        return Reason("catch_up", Outcome.NOTES, pattern, (missed.name, own))
    own = Day(date.fromordinal(due + missed.offset_days))
    return Reason("catch_up", Outcome.NOTES, GRAVEST_ALONE, (missed.name, own, step.name))


def passed_over_reason(ladder: Ladder, step: Step) -> Reason:
    """Why a step does not come to this customer at all."""
    rule = "text_message" if step.action is Action.SMS else "unwanted"
    pattern = "“{0}” is left out: {1}"
    return Reason(rule, Outcome.NOTES, pattern, (step.name, ladder.why_left_out(step)))


def others_reason(step: Step, currency: str) -> Reason:
    """A word that a step is not meant for this invoice."""
    because = step.only_for.missed_by(currency) if step.only_for else ""
    return Reason("only_for", Outcome.NOTES, "“{0}” is left out: {1}.", (step.name, because))
