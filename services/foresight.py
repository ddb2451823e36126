"""Foreseeing: the rules are asked about every contact once, and again only where something has changed.

A page of what comes would otherwise ask them about a whole ledger each time. What changes a contact removes its
foresight in the same transaction (``store.queries.foresights.forget``); whoever wants to read first sees to it that
what is missing is there. The organisation is locked for each chunk, as by everybody who changes its books, so
nothing can be foreseen from books that are just changing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.calendar import local_day, start_of_day
from credit_control.confirm import still_taken
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Message, Verdict
from credit_control.facts import ContactBook
from credit_control.forecast import ForecastMessage, forecast
from credit_control.tasks import asked_since
from kit import clock
from kit.crypto import digest
from services.app import App
from services.books import Desk, desk_of, some_books
from services.go import waits_for
from services.outlook_shapes import Leaving, leaving
from store.queries import chasers, foresights, sending
from store.queries.chasers import WaitingChaser
from store.queries.foresights import ContactSeen, MailSeen

log = logging.getLogger(__name__)

CHUNK = 250
"""Contacts of one transaction: a tenth of a second, in which others of this organisation wait."""

_DAYS = 21
"""How far it is foreseen, of which what is shown is always the next fourteen days …"""
_AGE = timedelta(days=7)
"""… because nothing that is older is shown."""

_WHAT = "first texts, steps"
"""What is foreseen beside the mails themselves. Where more is, everything has to be foreseen again."""

_AFTER_FAULT = timedelta(hours=1)

_RANK = {
    Verdict.HOLD: 0,
    Verdict.PERSON: 1,
    Verdict.WAIT: 2,
    Verdict.SEND: 2,
    Verdict.DONE: 3,
    Verdict.CLOSED: 4,
}


@dataclass(frozen=True, slots=True)
class Coming:
    """One contact: its book, what the rules say now, and the mails of the coming weeks."""

    book: ContactBook
    decision: ContactDecision
    mails: tuple[Leaving, ...]

    @property
    def travelling(self) -> frozenset[str]:
        """The invoices that one of the mails is about."""
        return frozenset(one.id for mail in self.mails for one in mail.invoices)


def basis_of(desk: Desk) -> str:
    """What all contacts have in common: with other schedules, rules or sending hours nothing foreseen holds.

    Nor what was foreseen before the first import was complete: which invoice is a customer's first was not known then.
    """
    policy, complete = desk.policy, desk.organisation.imported_at is not None
    window = replace(policy.window, days=frozenset())
    return digest(
        f"{sorted(policy.window.days)} {replace(policy, window=window)} {desk.course} {complete} {_WHAT}"
    )[:32]


def foresee(app: App, organisation_id: str, *, most: int | None = None, seconds: float | None = None) -> int:
    """Look at the contacts of which nothing is foreseen: at so many, or for so long; how many are left."""
    until = None if seconds is None else clock.stopwatch() + seconds
    seen = 0
    while True:
        size = CHUNK if most is None else min(CHUNK, most - seen)
        done = _chunk(app, organisation_id, size) if size else 0
        seen += done
        if size and done < size:
            return 0
        if seen == most or (until is not None and clock.stopwatch() > until):
            return _left(app, organisation_id)


def renew(app: App, organisation_id: str, contact_ids: list[str]) -> None:
    """Look at these contacts again, whether or not anything has changed."""
    for start in range(0, len(contact_ids), CHUNK):
        with app.database.write(organisation_id) as session:
            _store(session, organisation_id, contact_ids[start : start + CHUNK])


def coming(
    session: Session, desk: Desk, contact_ids: list[str], now: datetime, days: int = _DAYS
) -> Iterator[Coming]:
    """What comes to these contacts in so many days, as their books stand; what is stored takes the place of its forecast."""
    waiting = chasers.waiting_chasers(session, desk.organisation.id, contact_ids)
    stored = {row.contact_id: row for row in waiting}
    for book in some_books(session, desk, contact_ids):
        try:
            yield _coming(book, desk, now, days, stored.get(book.contact.id))
        except Exception:  # whatever is wrong with one contact must not hide the others
            log.exception("nothing can be foreseen of contact %s", book.contact.id)


def _chunk(app: App, organisation_id: str, size: int) -> int:
    """Nothing is locked while there is nothing to do, which is most of the time."""
    with app.database.read(organisation_id) as session:
        basis = basis_of(desk_of(session, organisation_id))
        ids = foresights.unseen(session, organisation_id, basis, clock.now(), size)
    if ids:
        with app.database.write(organisation_id) as session:
            _store(session, organisation_id, ids)
    return len(ids)


def _left(app: App, organisation_id: str) -> int:
    with app.database.read(organisation_id) as session:
        basis = basis_of(desk_of(session, organisation_id))
        return foresights.count_unseen(session, organisation_id, basis, clock.now())


def _store(session: Session, organisation_id: str, contact_ids: list[str]) -> None:
    sending.lock_organisation(session, organisation_id)
    desk, now = desk_of(session, organisation_id), clock.now()
    found = {one.book.contact.id: _seen(one, now) for one in coming(session, desk, contact_ids, now)}
    nothing = [ContactSeen(key, now + _AFTER_FAULT, None, ()) for key in contact_ids if key not in found]
    foresights.store(session, organisation_id, basis_of(desk), [*found.values(), *nothing], now)


def _seen(one: Coming, now: datetime) -> ContactSeen:
    look = one.decision.next_look_at
    placement = one.decision.placement
    placed_on = placement.schedule.schedule_id if placement and not placement.excluded else None
    ranks = [_RANK[each.verdict] for each in one.decision.invoices if each.invoice_id not in one.travelling]
    never_before = one.book.last_message_at is None
    return ContactSeen(
        one.book.contact.id,
        min(look, now + _AGE) if look else now + _AGE,
        min(ranks, default=None),
        [
            MailSeen(
                mail.on,
                mail.planned_for,
                mail.amounts,
                mail.mark,
                _text(mail) if never_before and not at else None,
                mail.step_name,
            )
            for at, mail in enumerate(one.mails)
        ],
        placed_on,
        placement.rule_id if placement else None,
        one.book.contact.name,
        {action.value: since for action, since in asked_since(one.book, one.decision).items()},
    )


def _text(mail: Leaving) -> str | None:
    return mail.message.step.template if mail.message else None


def _coming(book: ContactBook, desk: Desk, now: datetime, days: int, stored: WaitingChaser | None) -> Coming:
    """The forecast is not begun where time changes nothing before its end."""
    window = desk.policy.window
    decision = decide(book, desk.policy, now)
    look, end = decision.next_look_at, start_of_day(window, local_day(window, now) + timedelta(days + 1))
    if decision.message is None and (look is None or look >= end):
        return Coming(book, decision, ())
    mails = [
        _leaving(book, desk, one, same(stored, one.message))
        for one in forecast(book, desk.policy, now, days, decision)
    ]
    late = [replace(mail, on=_day(mail, local_day(window, mail.planned_for))) for mail in mails]
    return Coming(book, decision, tuple(late))


def _leaving(book: ContactBook, desk: Desk, one: ForecastMessage, stored: WaitingChaser | None) -> Leaving:
    waits = waits_for(one.message, desk, stored)
    return leaving(book, one.on, one.message, stored, one.passed_over, waits)


def _day(mail: Leaving, planned: date) -> date:
    """What waits after a pause may leave later than the rules would have it; what is to leave at once, sooner."""
    return planned if mail.at_once else max(mail.on, planned)


def same(stored: WaitingChaser | None, message: Message) -> WaitingChaser | None:
    """What is stored, if it is this very message."""
    if stored is None or len(stored.steps) != len(message.taken):
        return None
    same = still_taken(stored.steps, message, stored.versions)
    return stored if len(same) == len(message.taken) else None
