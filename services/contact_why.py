"""What comes next to one contact over all its invoices, and each rule's word on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.decisions import ContactDecision, InvoiceDecision, NextStep, Reason, Verdict
from credit_control.facts import ContactBook
from kit import clock
from services import foresight
from services.books import Desk
from services.coming_next import ComingNext, next_in
from services.outlook import about_organisation
from services.outlook_shapes import Said

_GRAVEST_FIRST = (
    Verdict.SEND,
    Verdict.HOLD,
    Verdict.PERSON,
    Verdict.WAIT,
    Verdict.DONE,
    Verdict.CLOSED,
)


@dataclass(frozen=True, slots=True)
class SaidOf:
    """One rule's word, and the invoices that it is about; none: it is about the contact."""

    rule: str
    outcome: str
    text: str
    invoice_ids: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactWhy:
    """What happens to a contact: the decision on the invoice that comes first, the next step, and every reason."""

    decision: str
    """send, wait, hold, person, done or closed, as for invoices"""
    next_step: NextStep | None
    """What comes next, and the day: of a mail the queue's, of what a person is asked for today."""
    coming: ComingNext | None
    """The same with its moment; None where nothing leaves and nobody is asked for anything within the coming weeks."""
    reasons: tuple[SaidOf, ...]


def contact_why(session: Session, desk: Desk, contact_id: str) -> ContactWhy | None:
    """The decision on a contact now; None: there is no such contact."""
    now = clock.now()
    seen = next(foresight.coming(session, desk, [contact_id], now), None)
    if seen is None:
        return None
    book, decision = seen.book, seen.decision
    about = about_organisation(session, desk.organisation, now)
    reasons = (*_placed(decision), *_of_invoices(book, decision), *(_whole(one) for one in about))
    following, today = next_in(seen, now), clock.today(desk.organisation.timezone)
    return ContactWhy(_verdict(decision), _next_step(decision, following, desk, today), following, reasons)


def _verdict(decision: ContactDecision) -> str:
    found = {one.verdict for one in decision.invoices}
    return next((one.value for one in _GRAVEST_FIRST if one in found), Verdict.DONE.value)


def _next_step(
    decision: ContactDecision, following: ComingNext | None, desk: Desk, today: date
) -> NextStep | None:
    """What comes next; where nothing does for weeks, the step that is nearest."""
    if following is not None:
        on = local_day(desk.policy.window, following.at) if following.at else today
        return NextStep(following.step, on)
    ahead = [one.next_step for one in decision.invoices if one.next_step and one.next_step.on >= today]
    return min(ahead, key=lambda one: one.on, default=None)


def _placed(decision: ContactDecision) -> tuple[SaidOf, ...]:
    placement = decision.placement
    if placement is None or placement.excluded:
        return ()
    reason = placement.reason
    return (SaidOf(reason.rule, reason.outcome.value, reason.text, (), ()),)


def _of_invoices(book: ContactBook, decision: ContactDecision) -> list[SaidOf]:
    """Each word once, with the invoices of which it was said; what is said of all of them is about the contact."""
    said: dict[Reason, list[int]] = {}
    for place, one in enumerate(_in_order(decision.invoices)):
        for reason in one.reasons:
            said.setdefault(reason, []).append(place)
    numbers = {invoice.id: invoice.number for invoice in book.invoices}
    ordered = _in_order(decision.invoices)
    found = []
    for reason, places in said.items():
        whole = len(places) == len(ordered) > 1
        ids = () if whole else tuple(ordered[place].invoice_id for place in places)
        named = tuple(numbers[one] for one in ids)
        found.append(SaidOf(reason.rule, reason.outcome.value, reason.text, ids, named))
    return found


def _in_order(invoices: Sequence[InvoiceDecision]) -> list[InvoiceDecision]:
    """What leaves first, then what is held, then the rest."""
    return sorted(invoices, key=lambda one: _GRAVEST_FIRST.index(one.verdict))


def _whole(one: Said) -> SaidOf:
    return SaidOf(one.rule, one.outcome, one.text, (), ())
