"""Where one invoice stands on its schedule, as far as dates and steps taken alone can tell.

Messages (mails, texts) and a person's steps (calls, letters, reviews) run in two lanes. In the lane of messages
the gravest one due is the step, and milder ones that were missed are not made up for. A person's step never holds
up a message. Where a customer can have no text message, that step is left out and the others go on.
A step is due from its own day on, by the organisation's calendar.

Many invoices of a ledger share due date and history, so a standing is computed once and shared; days
are ordinals (``date.toordinal``) because they are compared and added a great deal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from credit_control.calendar import first_sending_day
from credit_control.catch_up import GRAVEST_ALONE
from credit_control.decisions import NextStep, Outcome, Reason, Verdict
from credit_control.facts import Action, Invoice, PaymentDays, Schedule, SendingWindow, Step
from credit_control.payment_runs import Run, run_in_the_way
from credit_control.people import Role
from credit_control.timing import moved
from credit_control.words import Count, Day, Weekday

NEVER = date.max.toordinal()
LEFT_OUT = 64
"""So far above the bit of a step taken is the one of a step that was left out; no schedule has so many steps."""
_TAKEN = (1 << LEFT_OUT) - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a decision on an invoice but the invoice, and when to look again."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    step: Step | None = None
    next_step: NextStep | None = None
    skipped: tuple[Step, ...] = ()
    person_step: Step | None = None
    look_on: int = NEVER
    """The next local day (ordinal) whose beginning can change this standing."""
    waits_for_run: bool = False
    """A mail is due, and waits for a payment run; the closing of the window can end that."""
    running: bool = False
    """The invoice is open and no hold, promise or the like keeps it from being chased."""
    ahead: Step | None = None
    """The next mail to come, where the invoice has been asked about before: it may go along with another's."""


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
    no_texts: tuple[tuple[Role, str], ...]
    """For whom text messages cannot leave, and why, as a sentence."""


@lru_cache(maxsize=4096)
def ladder(
    schedule: Schedule,
    window: SendingWindow,
    today: date,
    earliest: date,
    send_on: date,
    pays_on: PaymentDays | None,
    no_texts: tuple[tuple[Role, str], ...] = (),
) -> Ladder:
    """The schedule as it looks on ``today``, with its steps parted into the two lanes."""
    mails = tuple(step for step in schedule.steps if not step.action.by_person)
    people = tuple(step for step in schedule.steps if step.action.by_person)
    mask = sum(1 << step.position for step in people)
    days = (today.toordinal(), earliest.toordinal(), send_on.toordinal())
    first = min((step.offset_days for step in schedule.steps), default=0)
    return Ladder(schedule.name, mails, people, mask, first, window, *days, pays_on, no_texts)


def standing_of(ladder: Ladder, invoice: Invoice, taken: int) -> Standing:
    """Where an invoice stands; ``taken`` has the bit of the position of every step that it has behind it.

    Of steps that were left out, the bit ``LEFT_OUT`` above that.
    """
    due = invoice.due_on.toordinal()
    # Only an issue later than the first step matters: with the rest made alike, more invoices share a standing.
    issued = max(invoice.issued_on.toordinal(), due + ladder.first_offset)
    return _standing(ladder, due, issued, taken)


def parted(taken: int) -> tuple[int, int]:
    """The bits of the steps that were taken, and of those that were left out."""
    return taken & _TAKEN, taken >> LEFT_OUT


@lru_cache(maxsize=65536)
def _standing(ladder: Ladder, due: int, issued: int, taken: int) -> Standing:
    taken, left_out = parted(taken)
    last_mail, last_person = _last(taken & ~ladder.people_mask), _last(taken & ladder.people_mask)
    mails = [step for step in ladder.mails if _is_ahead(step, last_mail, left_out)]
    people = [step for step in ladder.people if _is_ahead(step, last_person, left_out)]
    due_mails = [step for step in mails if due + step.offset_days <= ladder.today]
    step = _gravest([step for step in due_mails if _in_time(ladder, step, due, issued, ladder.send_on)])
    person = _gravest([step for step in people if _asks_person(ladder, step, due, issued)])
    later = [step for step in mails + people if due + step.offset_days > ladder.today]
    coming = _coming(ladder, later, due, issued)
    able = [one for one in due_mails if not _is_left_out(ladder, one)]
    if step and (run := _run(ladder, _ready(able, due), ladder.send_on)):
        return _waiting(ladder, step, person, run, due, _look_on(ladder, later, person, due, None))
    verdict = _verdict(step, person, last_mail, coming)
    skipped = tuple(missed for missed in due_mails if missed is not step)
    ahead = _ahead(ladder, later, last_mail)
    return Standing(
        verdict=verdict,
        reasons=(
            _schedule_reason(ladder, verdict, step or person, coming, due),
            *_moved(ladder, step, due, able),
            *(_skip_reason(ladder, missed, step, due, issued) for missed in skipped),
        ),
        step=step or (person if verdict is Verdict.PERSON else None),
        next_step=_next_step(ladder, verdict, step, person, coming, due),
        skipped=skipped,
        person_step=person,
        look_on=_look_on(ladder, later, person, due, ahead),
        running=True,
        ahead=ahead,
    )


def _waiting(ladder: Ladder, step: Step, person: Step | None, run: Run, due: int, look_on: int) -> Standing:
    """A mail is due, and the customer's payment run is near. Nothing is left out until the mail leaves."""
    pattern = "The customer’s next payment run is on {0}, so the reminder waits: it leaves from {1} on, if it is still needed."
    days = (Weekday(run.on), Weekday(run.free_on))
    return Standing(
        verdict=Verdict.WAIT,
        reasons=(
            Reason("payment_run", Outcome.DELAYS, pattern, days),
            _schedule_reason(ladder, Verdict.SEND, step, None, due),
        ),
        next_step=NextStep(step.name, run.free_on),
        person_step=person,
        look_on=look_on,
        waits_for_run=True,
        running=True,
    )


def _run(ladder: Ladder, ready: int | None, on: int) -> Run | None:
    """The payment run for which a mail waits that would leave on ``on``."""
    if ladder.pays_on is None or ready is None:
        return None
    days = (date.fromordinal(ready), date.fromordinal(on))
    return run_in_the_way(ladder.pays_on, ladder.window, *days)


def _ready(due_mails: list[Step], due: int) -> int | None:
    """Since when there has been a reminder to send; None: what is due is only for before the due date."""
    return min((due + step.offset_days for step in due_mails if step.offset_days >= 0), default=None)


def _last(taken: int) -> int:
    """The highest position among the steps taken; -1 if there are none."""
    return taken.bit_length() - 1


def _is_ahead(step: Step, last: int, left_out: int) -> bool:
    return step.position > last and not left_out >> step.position & 1


def _gravest(steps: list[Step]) -> Step | None:
    return steps[-1] if steps else None


def _in_time(ladder: Ladder, step: Step, due: int, issued: int, send_on: int) -> bool:
    """Whether a message may leave on ``send_on``: one for before the due date has two days at most."""
    if _is_left_out(ladder, step):
        return False
    if step.offset_days >= 0:
        return True
    own = due + step.offset_days
    return issued <= own and send_on < due and send_on in (own, _first_sending(ladder, own + 1))


def _is_left_out(ladder: Ladder, step: Step) -> bool:
    """A text message that cannot reach whom it is meant for."""
    return step.action is Action.SMS and any(role is step.to for role, _ in ladder.no_texts)


def _asks_person(ladder: Ladder, step: Step, due: int, issued: int) -> bool:
    own = due + step.offset_days
    if step.offset_days < 0 and not issued <= own <= ladder.today < due:
        return False
    return own <= ladder.today


def _coming(ladder: Ladder, later: list[Step], due: int, issued: int) -> NextStep | None:
    """The first of the later steps, on the first day it can be taken; of two on one day the graver."""
    found: list[tuple[int, int, str]] = []
    for step in later:
        on = due + step.offset_days
        if not step.action.by_person:
            on = _first_sending(ladder, max(on, ladder.earliest))
            if not _in_time(ladder, step, due, issued, on):
                continue
            if run := _run(ladder, _ready([step], due), on):
                on = run.free_on.toordinal()
        found.append((on, -step.position, step.name))
    if not found:
        return None
    on, _, name = min(found)
    return NextStep(name, date.fromordinal(on))


def _first_sending(ladder: Ladder, day: int) -> int:
    return first_sending_day(ladder.window, date.fromordinal(day)).toordinal()


def _verdict(step: Step | None, person: Step | None, last_mail: int, coming: NextStep | None) -> Verdict:
    if step:
        return Verdict.SEND
    if person and (person.position > last_mail or not coming):
        return Verdict.PERSON
    return Verdict.WAIT if coming else Verdict.DONE


def _next_step(
    ladder: Ladder,
    verdict: Verdict,
    step: Step | None,
    person: Step | None,
    coming: NextStep | None,
    due: int,
) -> NextStep | None:
    """The first thing that the invoice does not have behind it."""
    if step:
        return NextStep(step.name, date.fromordinal(ladder.send_on))
    if person and verdict is Verdict.PERSON:
        return NextStep(person.name, date.fromordinal(due + person.offset_days))
    return coming


def _ahead(ladder: Ladder, later: list[Step], last_mail: int) -> Step | None:
    """The next message, if a reminder is behind the invoice: nobody is asked for the first time before the day."""
    if not any(step.offset_days >= 0 and step.position <= last_mail for step in ladder.mails):
        return None
    return next(
        (step for step in later if not step.action.by_person and not _is_left_out(ladder, step)), None
    )


def _look_on(ladder: Ladder, later: list[Step], person: Step | None, due: int, ahead: Step | None) -> int:
    days = [due + step.offset_days for step in later]
    if ahead and due >= ladder.today:
        days.append(due + 1)  # from then on it is overdue, and may go along with another
    if person and person.offset_days < 0:
        days.append(due)  # a call for before the due date lapses then
    return min(days, default=NEVER)


def _schedule_reason(
    ladder: Ladder, verdict: Verdict, step: Step | None, coming: NextStep | None, due: int
) -> Reason:
    if verdict is Verdict.WAIT and coming:
        values = (coming.name, Weekday(coming.on), Day(date.fromordinal(due)))
        return Reason(
            "schedule", Outcome.DELAYS, "The next step is “{0}” on {1}; the invoice is due on {2}.", values
        )
    if not step or verdict is Verdict.DONE:
        pattern = "Nothing is left to do in the schedule “{0}”."
        return Reason("schedule", Outcome.STOPS, pattern, (ladder.schedule_name,))
    own = Day(date.fromordinal(due + step.offset_days))
    distance, side = Count(abs(step.offset_days), "day"), "before" if step.offset_days < 0 else "after"
    if verdict is Verdict.PERSON:
        pattern = "“{0}” has been due since {1}, {2} {3} the due date; it needs a person."
        return Reason("schedule", Outcome.DELAYS, pattern, (step.name, own, distance, side))
    pattern = "“{0}” is due since {1}, {2} {3} the due date."
    return Reason("schedule", Outcome.ALLOWS, pattern, (step.name, own, distance, side))


def _moved(ladder: Ladder, step: Step | None, due: int, due_mails: list[Step]) -> tuple[Reason, ...]:
    """A word, on a later day, that this is the first sending day after the step's own, which was none."""
    own = due + step.offset_days if step else ladder.today
    ready = _ready(due_mails, due)
    run = _run(ladder, ready, _first_sending(ladder, ready)) if step and ready else None
    if run and run.free_on.toordinal() == ladder.send_on:
        pattern = "Moved from {0} to {1}, past the customer’s payment run of {2}."
        past = (Weekday(date.fromordinal(own)), Weekday(run.free_on), Weekday(run.on))
        return (Reason("payment_run", Outcome.DELAYS, pattern, past),)
    if own >= ladder.earliest or own == ladder.send_on or _first_sending(ladder, own) != ladder.send_on:
        return ()
    days = (date.fromordinal(own), date.fromordinal(ladder.send_on))
    plain = "Moved from {0} to {1}, the first sending day after it."
    return (
        moved("window", ladder.window, *days)
        or Reason("window", Outcome.DELAYS, plain, tuple(Weekday(day) for day in days)),
    )


def _skip_reason(ladder: Ladder, missed: Step, step: Step | None, due: int, issued: int) -> Reason:
    if _is_left_out(ladder, missed):
        return Reason(
            "text_message",
            Outcome.NOTES,
            "“{0}” is left out: {1}",
            (missed.name, dict(ladder.no_texts)[missed.to]),
        )
    if missed.offset_days < 0 and issued > due + missed.offset_days:
        pattern = "“{0}” is left out: the invoice was issued on {1}, after its day."
        return Reason("catch_up", Outcome.NOTES, pattern, (missed.name, Day(date.fromordinal(issued))))
    if missed.offset_days < 0 or not step:
        own = Day(date.fromordinal(due + missed.offset_days))
        pattern = "“{0}” was due on {1} and is left out: by the catch-up rule it leaves before the due date or not at all."
        return Reason("catch_up", Outcome.NOTES, pattern, (missed.name, own))
    own = Day(date.fromordinal(due + missed.offset_days))
    pattern = f"“{{0}}” was due on {{1}} and is left out: {GRAVEST_ALONE}, “{{2}}”."
    return Reason("catch_up", Outcome.NOTES, pattern, (missed.name, own, step.name))


@lru_cache(maxsize=64)
def closed(status: str) -> Standing:
    """An invoice that is not open is left alone; so is one whose status is a word not known here."""
    pattern = "The ledger has this invoice as {0}; only AUTHORISED ones are chased."
    if status == "AUTHORISED":
        pattern = "Nothing is left to pay on this invoice."
    return Standing(Verdict.CLOSED, (Reason("status", Outcome.STOPS, pattern, (status,)),))
