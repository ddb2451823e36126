"""What would leave, when and why: the coming fortnight, one invoice, or the plan of one date.

Nothing here changes what will happen. While chasing is off the outlook comes from the rules alone; once it is
on, what is stored as planned or held takes the place of the forecast of the same message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from credit_control.calendar import first_sending_day, local_day, opening, start_of_day
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, InvoiceDecision, Outcome, Placed, Reason, Verdict
from credit_control.facts import Action, ContactBook, Policy
from kit import clock
from kit.crypto import digest
from kit.doorbell import BULK
from kit.wording import N_
from services import bookkeeping, brakes, doors, foresight, waiting
from services.app import App
from services.books import Desk, desk_of, one_book, open_books
from services.foresight import Coming
from services.go import waits_for
from services.outlook_shapes import (
    Beside,
    Outlook,
    OutlookDay,
    Resting,
    RestingInvoice,
    RunContact,
    RunReport,
    Said,
    Why,
    leaving,
    resting_invoice,
    said,
)
from services.senders import Senders, senders_of
from store import models
from store.queries import chasers, foresights, occasions_waiting
from store.queries import senders as sender_queries
from store.queries.chasers import WaitingChaser
from store.queries.foresights import DaySeen

DAYS = 14
MAILS_OF_A_DAY, MAILS_OF_A_LATER_DAY = 8, 3
"""Spelled out where all days are shown: of those that come next, and of those after them …"""
MAILS_OF_ONE_DAY = 100
"""… and where one day is shown alone, a page at a time."""
NEXT_DAYS = 3
"""Today and so many more come next; so the first working day after a weekend does."""
MOST_RESTING = 10
"""Contacts at rest that are spelled out; the others are counted."""

SEEN_AT_ONCE = 500
"""Contacts that a page looks at itself; more would keep its reader waiting."""


def outlook(app: App, organisation_id: str, only: date | None = None, after: int = 0) -> Outlook:
    """What would leave from today to fourteen days ahead if nobody paid, and why the rest would not.

    Of ``only`` this day many mails are spelled out, behind the first ``after``; of every other none.
    A few hundred contacts that have changed are looked at again first; more than that are rung for, and counted.
    """
    left = foresight.foresee(app, organisation_id, most=SEEN_AT_ONCE)
    if left:
        app.doorbell.ring(doors.FORESEE, organisation_id, queue=BULK)
    now = clock.now()
    with app.database.read(organisation_id) as session:
        desk = desk_of(session, organisation_id)
        today = local_day(desk.policy.window, now)
        shown = _shown(session, organisation_id, today, only, after)
        at_rest, count = foresights.resting(session, organisation_id, 0 if only else MOST_RESTING)
        ids = sorted({*at_rest, *(contact_id for _, contact_id in shown)})
        found = {one.book.contact.id: one for one in foresight.coming(session, desk, ids, now, DAYS)}
        days = _days(session, desk)
        who = senders_of(session, desk.organisation), sender_queries.owners_of(session, organisation_id, ids)
        mark, _ = _marked(session, organisation_id, days)
        steps = [
            _day(day, [found[key] for on, key in shown if on == day.on and key in found], *who)
            for day in days
        ]
        all_days = _with_those_beside(session, desk, steps, today, only)
    return Outlook(
        now,
        all_days,
        tuple(_at_rest(found, at_rest)),
        count,
        left,
        mark,
    )


def _shown(
    session: Session, organisation_id: str, today: date, only: date | None, after: int
) -> list[tuple[date, str]]:
    """Day and contact of the mails that are spelled out."""
    first_mails = partial(foresights.first_mails, session, organisation_id)
    if only:
        return first_mails(only, only, most=MAILS_OF_ONE_DAY, after=after)
    near, last = today + timedelta(days=NEXT_DAYS), today + timedelta(days=DAYS)
    later = first_mails(near + timedelta(days=1), last, most=MAILS_OF_A_LATER_DAY)
    return [*first_mails(today, near, most=MAILS_OF_A_DAY), *later]


def _spelled_out(on: date, today: date, only: date | None) -> int:
    """How many of the mails beside chasers are, of a day."""
    if only:
        return MAILS_OF_ONE_DAY if on == only else 0
    return MAILS_OF_A_DAY if on <= today + timedelta(days=NEXT_DAYS) else MAILS_OF_A_LATER_DAY


def _with_those_beside(
    session: Session, desk: Desk, days: Sequence[OutlookDay], today: date, only: date | None
) -> tuple[OutlookDay, ...]:
    """The days with the mails beside chasers that are planned for them; those on which nothing else leaves as well."""
    window, organisation_id = desk.policy.window, desk.organisation.id
    dates = [today + timedelta(days=number) for number in range(DAYS + 1)]
    ends = [start_of_day(window, on + timedelta(days=1)) for on in dates]
    by_day = {day.on: day for day in days}
    for on, end, count in zip(
        dates, ends, occasions_waiting.count_by_day(session, organisation_id, ends), strict=True
    ):
        if not count:
            continue
        start = None if on == today else start_of_day(window, on)
        most = _spelled_out(on, today, only)
        mails = (
            occasions_waiting.waiting(session, organisation_id, most, since=start, until=end) if most else ()
        )
        day = by_day.get(on, OutlookDay(on, 0, {}, ()))
        by_day[on] = replace(day, beside_count=count, beside=tuple(Beside(one) for one in mails))
    return tuple(by_day[on] for on in sorted(by_day))


def next_mails(app: App, organisation_id: str) -> str:
    """The outlook's mark as it stands now.

    The rules are asked about these contacts anew, because somebody is about to say yes to their mails.
    """
    foresight.foresee(app, organisation_id)
    with app.database.read(organisation_id) as session:
        _, shown = _marked(session, organisation_id, _days(session, desk_of(session, organisation_id)))
    foresight.renew(app, organisation_id, shown)
    with app.database.read(organisation_id) as session:
        return _marked(session, organisation_id, _days(session, desk_of(session, organisation_id)))[0]


def _days(session: Session, desk: Desk) -> list[DaySeen]:
    today = local_day(desk.policy.window, clock.now())
    return foresights.days(session, desk.organisation.id, today, today + timedelta(days=DAYS))


def _marked(session: Session, organisation_id: str, days: Sequence[DaySeen]) -> tuple[str, list[str]]:
    """The mark of the first day's mails, and their contacts."""
    if not days:
        return digest("nothing"), []
    marks = foresights.marks(session, organisation_id, days[0].on)
    return digest(f"{days[0].on} {marks}"), [contact_id for contact_id, _ in marks]


def _day(day: DaySeen, found: Sequence[Coming], senders: Senders, owners: Mapping[str, str]) -> OutlookDay:
    mails = [
        replace(mail, writes=senders.choice(mail.sender, owners.get(mail.contact_id)).reason)
        for one in found
        for mail in one.mails
        if mail.on == day.on
    ]
    return OutlookDay(day.on, day.mails, day.amounts, tuple(mails))


def _at_rest(found: Mapping[str, Coming], keys: Iterable[str]) -> Iterator[Resting]:
    """The contacts of these keys that rest still: what was foreseen a moment ago may be on its way by now."""
    for one in (found[key] for key in keys if key in found):
        if rests := _rests(one.book, one.decision, one.travelling):
            yield Resting(one.book.contact.id, one.book.contact.name, rests)


def why(app: App, organisation_id: str, invoice_id: str, on: date | None = None) -> Why | None:
    """The decision on one invoice now, or as it would be on another date; None: there is no such invoice."""
    now = clock.now()
    with app.database.read(organisation_id) as session:
        invoice = session.get(models.Invoice, (organisation_id, invoice_id))
        if invoice is None:
            return None
        desk = desk_of(session, organisation_id)
        book = one_book(session, desk, invoice.contact_id, frozenset({invoice_id}))
        about = about_organisation(session, desk.organisation, now)
        senders = senders_of(session, desk.organisation)
        owner_id = sender_queries.owner_of(session, organisation_id, invoice.contact_id)
    if book is None:
        return None
    decision = decide(book, desk.policy, _moment(desk.policy, on, now) if on else now)
    found = next(one for one in decision.invoices if one.invoice_id == invoice_id)
    placed = _placed(decision, found)
    wish = _wish(decision, found)
    writes = (Said("sender", Outcome.NOTES.value, senders.choice(wish, owner_id).reason),) if wish else ()
    return Why(found.verdict.value, said(placed) + said(found.reasons) + writes + about, found.next_step)


def _wish(decision: ContactDecision, found: InvoiceDecision) -> str | None:
    """Who writes the next mail about this invoice, as its step says; None: no mail comes next."""
    if found.next_step is None or decision.placement is None:
        return None
    steps = decision.placement.on(found.invoice_id).steps
    coming = (one for one in steps if one.name == found.next_step.name and one.action is Action.EMAIL)
    return next((one.sender for one in coming), None)


def _placed(decision: ContactDecision, found: InvoiceDecision) -> tuple[Reason, ...]:
    """What put the invoice on its schedule, and on which version; nothing to say of the default in its newest."""
    placement = decision.placement
    if placement is None or found.verdict is Verdict.CLOSED or placement.excluded:
        return ()
    because = () if placement.placed is Placed.BY_DEFAULT else (placement.reason,)
    own = placement.on(found.invoice_id)
    if own is placement.schedule:
        return because
    pattern = N_(
        "It is under way on version {0} of “{1}” and stays on it until somebody moves it to version {2}."
    )
    values = (own.version, own.name, placement.schedule.version)
    return (*because, Reason("version", Outcome.NOTES, pattern, values))


def run_report(app: App, organisation_id: str, on: date | None = None, dry_run: bool = True) -> RunReport:
    """What would leave on a date, as the books stand now, and why the rest would not; for every contact that owes."""
    now = clock.now()
    with app.database.read(organisation_id) as session:
        desk = desk_of(session, organisation_id)
        day = on or local_day(desk.policy.window, now)
        moment = _moment(desk.policy, day, now)
        stored = {row.contact_id: row for row in chasers.waiting_chasers(session, organisation_id)}
        contacts = [
            _run(book, desk, day, moment, stored.get(book.contact.id)) for book in open_books(session, desk)
        ]
        in_force = brakes.in_force(session, desk.organisation, now)
    contacts.sort(key=lambda one: (one.leaves is None, one.contact_name, one.contact_id))
    return RunReport(day, dry_run, tuple(contacts), tuple(one.text for one in in_force))


def _moment(policy: Policy, on: date, now: datetime) -> datetime:
    """When to decide for a date: as its window opens, but for today not before now."""
    window = policy.window
    opens = opening(window, on) if first_sending_day(window, on) == on else start_of_day(window, on)
    return max(now, opens) if on == local_day(window, now) else opens


def _run(
    book: ContactBook, desk: Desk, day: date, moment: datetime, stored: WaitingChaser | None
) -> RunContact:
    decision = decide(book, desk.policy, moment)
    message = decision.message
    leaves = None
    if message and local_day(desk.policy.window, message.not_before) == day:
        waits = waits_for(message, desk, foresight.same(stored, message))
        leaves = leaving(book, day, message, waits=waits)
    gone = {one.id for one in leaves.invoices} if leaves else frozenset[str]()
    return RunContact(book.contact.id, book.contact.name, leaves, _rests(book, decision, gone))


def _rests(book: ContactBook, decision: ContactDecision, gone: Iterable[str]) -> tuple[RestingInvoice, ...]:
    left = frozenset(gone)
    return tuple(
        resting_invoice(invoice, one)
        for invoice, one in zip(book.invoices, decision.invoices, strict=True)
        if invoice.id not in left
    )


def about_organisation(
    session: Session, organisation: models.Organisation, now: datetime
) -> tuple[Said, ...]:
    """What holds for every invoice of the organisation, whatever the rules say of this one."""
    in_force = brakes.in_force(session, organisation, now)
    notes = []
    if organisation.connection != "connected":
        notes.append(
            (
                "connection",
                organisation.connection_note or N_("The ledger is not connected, so nothing leaves."),
            )
        )
    if organisation.chasing == "off":
        notes.append(("chasing", N_("Chasing is switched off, so nothing leaves.")))
    if organisation.chasing == "dry_run":
        notes.append(("chasing", N_("Chasing is a dry run: what would leave is recorded and not sent.")))
    notes += [(f"brake_{brake.kind}", brake.text) for brake in in_force]
    if doubt := bookkeeping.softens(session, organisation, now):
        notes.append(("books", doubt.softened))
    problem = waiting.problem_of(organisation, now)
    if problem and problem not in {one.text for one in in_force}:
        notes.append(("sending", problem))
    return tuple(Said(rule, Outcome.NOTES.value, text) for rule, text in notes)
