"""Where one invoice stands on its schedule, as far as dates and steps taken alone can tell.

Messages (mails, texts) and a person's steps (calls, letters, reviews) run in two lanes. In the lane of messages
the gravest one due is the step, and milder ones that were missed are not made up for. A person's step never holds
up a message. Where a customer can have no text message, or wants nothing in some way, those steps are left out and
the others go on.
A step that is meant for other invoices is as if it were not there, but for a word on why.
A step is due from its own day on, by the organisation's calendar.

Many invoices of a ledger share due date and history, so a standing is computed once and shared; days
are ordinals (``date.toordinal``) because they are compared and added a great deal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from credit_control.decisions import NextStep, Outcome, Reason, Verdict
from credit_control.facts import Invoice, Step
from credit_control.ladder import Coming, Ladder, coming, ready_since
from credit_control.payment_runs import Run
from credit_control.standing_reasons import (
    move,
    others_reason,
    passed_over_reason,
    put_off,
    schedule_reason,
    skip_reason,
)
from credit_control.words import Weekday

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
    moved: bool = False
    """The reasons say already from which day to which its mail was moved."""


def standing_of(
    ladder: Ladder, invoice: Invoice, taken: int, first_invoiced_on: date | None = None
) -> Standing:
    """Where an invoice stands; ``taken`` has the bit of the position of every step that it has behind it.

    Of steps that were left out, the bit ``LEFT_OUT`` above that. ``first_invoiced_on``: of its customer.
    """
    due = invoice.due_on.toordinal()
    # Only an issue later than the first step matters: with the rest made alike, more invoices share a standing.
    issued = max(invoice.issued_on.toordinal(), due + ladder.first_offset)
    if not ladder.limited:
        return _standing(ladder, due, issued, taken)
    return _standing(ladder, due, issued, taken, *_not_meant(ladder, invoice, first_invoiced_on))


def _not_meant(ladder: Ladder, invoice: Invoice, first_invoiced_on: date | None) -> tuple[int, str]:
    """The bits of the steps that are meant for other invoices, and the currency if there are any: it tells why."""
    bits = sum(
        1 << step.position
        for step in ladder.limited
        if step.only_for
        and not step.only_for.meets(invoice.issued_on, invoice.currency, invoice.asked_for, first_invoiced_on)
    )
    return bits, invoice.currency if bits else ""


def parted(taken: int) -> tuple[int, int]:
    """The bits of the steps that were taken, and of those that were left out."""
    return taken & _TAKEN, taken >> LEFT_OUT


@lru_cache(maxsize=65536)
def _standing(
    ladder: Ladder, due: int, issued: int, taken: int, not_meant: int = 0, currency: str = ""
) -> Standing:
    taken, left_out = parted(taken)
    last_mail, last_person = _last(taken & ~ladder.people_mask), _last(taken & ladder.people_mask)
    mails = [step for step in ladder.mails if _is_ahead(step, last_mail, left_out)]
    people = [step for step in ladder.people if _is_ahead(step, last_person, left_out)]
    others = [step for step in mails + people if not_meant >> step.position & 1]
    if others:
        mails = [step for step in mails if step not in others]
        people = [step for step in people if step not in others]
    unwanted = [step for step in people if ladder.leaves_out(step)]
    if unwanted:
        people = [step for step in people if step not in unwanted]
        unwanted = [step for step in unwanted if _asks_person(ladder, step, due, issued)]
    due_mails = [step for step in mails if due + step.offset_days <= ladder.today]
    step = _gravest([step for step in due_mails if ladder.in_time(step, due, issued, ladder.send_on)])
    person = _gravest([step for step in people if _asks_person(ladder, step, due, issued)])
    later = [step for step in mails + people if due + step.offset_days > ladder.today]
    following = coming(ladder, later, due, issued)
    able = [one for one in due_mails if not ladder.leaves_out(one)]
    if step and (run := ladder.run(ready_since(able, due), ladder.send_on)):
        return _waiting(ladder, step, person, run, due, _look_on(ladder, later, person, due, None))
    verdict = _verdict(step, person, last_mail, following)
    moves = put_off(ladder, following) if verdict is Verdict.WAIT else move(ladder, step, due, able)
    skipped = tuple(missed for missed in due_mails if missed is not step)
    lapsed = [one for one in others if not one.action.by_person and due + one.offset_days <= ladder.today]
    ahead = _ahead(ladder, later, last_mail)
    return Standing(
        verdict=verdict,
        reasons=(
            schedule_reason(ladder, verdict, step or person, following, due),
            *moves,
            *(skip_reason(ladder, missed, step, due, issued) for missed in skipped),
            *(passed_over_reason(ladder, one) for one in unwanted),
            *(others_reason(one, currency) for one in others),
        ),
        step=step or (person if verdict is Verdict.PERSON else None),
        next_step=_next_step(ladder, verdict, step, person, following, due),
        skipped=(*skipped, *lapsed),
        person_step=person,
        look_on=_look_on(ladder, later, person, due, ahead),
        running=True,
        ahead=ahead,
        moved=bool(moves),
    )


def _waiting(ladder: Ladder, step: Step, person: Step | None, run: Run, due: int, look_on: int) -> Standing:
    """A mail is due, and the customer's payment run is near. Nothing is left out until the mail leaves."""
    pattern = "The customer’s next payment run is on {0}, so the reminder waits: it leaves from {1} on, if it is still needed."
    days = (Weekday(run.on), Weekday(run.free_on))
    return Standing(
        verdict=Verdict.WAIT,
        reasons=(
            Reason("payment_run", Outcome.DELAYS, pattern, days),
            schedule_reason(ladder, Verdict.SEND, step, None, due),
        ),
        next_step=NextStep(step.name, run.free_on),
        person_step=person,
        look_on=look_on,
        waits_for_run=True,
        running=True,
    )


def _last(taken: int) -> int:
    """The highest position among the steps taken; -1 if there are none."""
    return taken.bit_length() - 1


def _is_ahead(step: Step, last: int, left_out: int) -> bool:
    return step.position > last and not left_out >> step.position & 1


def _gravest(steps: list[Step]) -> Step | None:
    return steps[-1] if steps else None


def _asks_person(ladder: Ladder, step: Step, due: int, issued: int) -> bool:
    own = due + step.offset_days
    if step.offset_days < 0 and not issued <= own <= ladder.today < due:
        return False
    return own <= ladder.today


def _verdict(step: Step | None, person: Step | None, last_mail: int, coming: Coming | None) -> Verdict:
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
    coming: Coming | None,
    due: int,
) -> NextStep | None:
    """The first thing that the invoice does not have behind it."""
    if step:
        return NextStep(step.name, date.fromordinal(ladder.send_on))
    if person and verdict is Verdict.PERSON:
        return NextStep(person.name, date.fromordinal(due + person.offset_days))
    return coming.next_step if coming else None


def _ahead(ladder: Ladder, later: list[Step], last_mail: int) -> Step | None:
    """The next message, if a reminder is behind the invoice: nobody is asked for the first time before the day."""
    if not any(step.offset_days >= 0 and step.position <= last_mail for step in ladder.mails):
        return None
    return next((step for step in later if not step.action.by_person and not ladder.leaves_out(step)), None)


def _look_on(ladder: Ladder, later: list[Step], person: Step | None, due: int, ahead: Step | None) -> int:
    days = [due + step.offset_days for step in later]
    if ahead and due >= ladder.today:
        days.append(due + 1)  # from then on it is overdue, and may go along with another
    if person and person.offset_days < 0:
        days.append(due)  # a call for before the due date lapses then
    return min(days, default=NEVER)


_CLOSED = {
    "AUTHORISED": "Nothing is left to pay on this invoice.",
    "PAID": "The ledger has this invoice as PAID; only AUTHORISED ones are chased.",
    "VOIDED": "The ledger has this invoice as VOIDED; only AUTHORISED ones are chased.",
    "DELETED": "The ledger has this invoice as DELETED; only AUTHORISED ones are chased.",
    "DRAFT": "The ledger has this invoice as DRAFT; only AUTHORISED ones are chased.",
    "SUBMITTED": "The ledger has this invoice as SUBMITTED; only AUTHORISED ones are chased.",
}
"""By the words of the ledger that are known; written out, because other languages have words of their own for them."""


@lru_cache(maxsize=64)
def closed(status: str) -> Standing:
    """An invoice that is not open is left alone; so is one whose status is a word not known here."""
    pattern = _CLOSED.get(status, "The ledger has this invoice as {0}; only AUTHORISED ones are chased.")
    return Standing(Verdict.CLOSED, (Reason("status", Outcome.STOPS, pattern, (status,)),))
