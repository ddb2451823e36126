"""Planning of some contacts of one organisation at one moment: decided and stored in one transaction."""

from __future__ import annotations

import dataclasses
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.confirm import Refused, confirm, still_taken
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Message
from credit_control.facts import Action, Contact, ContactBook, Step
from credit_control.text_to import number_for
from credit_control.whom import whom
from kit.ids import derived_id
from kit.wording import N_
from services import notices, own_text, waiting
from services.books import Desk
from services.go import NOBODY_SAID_YES, go_asked_for
from services.occasions.finding import Wishes
from services.occasions.planning import OtherMails
from store import facts
from store.away import AWAY
from store.queries import chasers, new_chasers, planning
from store.queries.chasers import WaitingChaser
from store.queries.new_chasers import NewChaser, NewStep

log = logging.getLogger(__name__)

_AFTER_FAULT = timedelta(hours=1)
_BEFORE_NUMBER = "/"
_CHANGED = N_("Planned anew, because the invoices that travel together have changed.")


@dataclass(frozen=True, slots=True)
class Planned:
    """What one planning did."""

    contacts: int = 0
    planned: int = 0
    cancelled: int = 0
    more: bool = False
    """The time was up before everything was looked at."""

    def __add__(self, other: Planned) -> Planned:
        return Planned(
            self.contacts + other.contacts,
            self.planned + other.planned,
            self.cancelled + other.cancelled,
            self.more or other.more,
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some contacts of one organisation at one moment, in one transaction."""

    session: Session
    desk: Desk
    now: datetime
    approve: bool
    standing: frozenset[str]
    """The kinds of brakes that hold chasers just now."""
    home: str
    """Where people reach the pages."""
    wishes: Wishes
    """The mails beside chasers that are wanted."""

    @property
    def _organisation_id(self) -> str:
        return self.desk.organisation.id

    def plan_whatever_fails(self, contact_ids: Sequence[str]) -> Planned:
        """Plan these together; where that fails one by one, so that a bad one spoils no other."""
        try:
            with self.session.begin_nested():
                return self.plan(contact_ids)
        except AWAY:
            raise
        except Exception:  # whatever is wrong with one contact must not keep the others from being planned
            if len(contact_ids) == 1:
                log.exception("contact %s cannot be planned; nothing leaves to it for now", contact_ids[0])
                looks: dict[datetime | None, list[str]] = {self.now + _AFTER_FAULT: list(contact_ids)}
                planning.set_looks(self.session, self._organisation_id, looks)
                return Planned(len(contact_ids))
        return sum((self.plan_whatever_fails([one]) for one in contact_ids), Planned())

    def plan(self, contact_ids: Sequence[str]) -> Planned:
        """Decide on these contacts and store what was decided."""
        waiting = chasers.waiting_chasers(self.session, self._organisation_id, contact_ids, lock=True)
        busy = {row.contact_id for row in waiting if row.status == "sending"}
        idle = [contact_id for contact_id in contact_ids if contact_id not in busy]
        waiting = [row for row in waiting if row.contact_id not in busy]
        also = {invoice_id for row in waiting for invoice_id, _ in row.steps}
        books = facts.books(self.session, self._organisation_id, self.desk.course, idle, also)
        decisions = {book.contact.id: self._decide(book) for book in books}
        wanted = self._wanted([book for book in books if decisions[book.contact.id].message], decisions)
        cancelled = self._cancel(waiting, wanted, decisions)
        planned = self._store(waiting, wanted)
        if self.approve:
            chasers.approve(self.session, self._organisation_id, idle, self.now)
        self._look_again(decisions, self._others(books, decisions))
        return Planned(len(idle), planned, cancelled)

    def _decide(self, book: ContactBook) -> ContactDecision:
        try:
            return decide(book, self.desk.policy, self.now)
        except Exception:  # whatever is wrong with one contact must not keep the others from being planned
            log.exception("contact %s cannot be decided; nothing leaves to it for now", book.contact.id)
            return ContactDecision(book.contact.id, (), None, self.now + _AFTER_FAULT)

    def _wanted(
        self, books: Sequence[ContactBook], decisions: dict[str, ContactDecision]
    ) -> dict[str, NewChaser]:
        """The messages that are to leave, by the id that follows from each."""
        if not books:
            return {}
        messages = [(book, message) for book in books if (message := decisions[book.contact.id].message)]
        contact_ids = [book.contact.id for book in books]
        ledger_ids = planning.ledger_ids(self.session, self._organisation_id, contact_ids)
        contacts = planning.contact_ledger_ids(self.session, self._organisation_id, contact_ids)
        found = [
            self._chaser(book, message, ledger_ids, contacts[book.contact.id]) for book, message in messages
        ]
        return {one.id: one for one in found}

    def _chaser(
        self,
        book: ContactBook,
        message: Message,
        ledger_ids: dict[str, str],
        contact_ledger_id: str,
    ) -> NewChaser:
        meant = whom(book.contact, message.step, self.desk.policy.window)
        by_text = message.step.action is Action.SMS
        planned_for, not_after, reason = self._when(book.contact, message)
        marks = sorted(
            f"{ledger_ids[invoice_id]}:{self._version_mark(step)}:{step.position}"
            for invoice_id, step in message.taken
        )
        by_id = {invoice.id: invoice for invoice in book.invoices}
        return NewChaser(
            id=derived_id("chaser", self.desk.organisation.ledger_tenant_id, contact_ledger_id, *marks),
            contact_id=book.contact.id,
            schedule_version_id=message.step.version_id,
            step_position=message.step.position,
            step_name=message.step.name,
            to=(number_for(book.contact, message.step) or "",) if by_text else meant.to,
            channel=message.step.action.value,
            reasons=[
                {"rule": one.rule, "outcome": one.outcome.value, "text": one.text} for one in message.reasons
            ],
            planned_for=planned_for,
            not_after=not_after,
            on=local_day(self.desk.policy.window, planned_for),
            steps=tuple(
                NewStep(
                    invoice_id,
                    step.version_id,
                    step.position,
                    by_id[invoice_id].currency,
                    by_id[invoice_id].asked_for,
                )
                for invoice_id, step in message.taken
            ),
            reason=reason,
            needs_go=None if self.approve else go_asked_for(message, self.desk),
            cc=() if by_text else meant.copies,
            address_problem=None if by_text else meant.problem,
            told_of=_told_of(book.contact, message),
        )

    def _version_mark(self, step: Step) -> str:
        """Tells the steps of one version from those of every other, the same in each copy of this database."""
        version = self.desk.course.versions[step.version_id]
        return f"{version.mark}{_BEFORE_NUMBER}{version.version}" if version.mark else str(version.version)

    def _when(self, contact: Contact, message: Message) -> tuple[datetime, datetime, str | None]:
        """From when and until when it may leave, and why not sooner if sending pauses."""
        wait = waiting.wait_of(self.desk.organisation, self.now)
        if wait and message.not_before < wait.until:
            return waiting.after(wait, self.desk.policy.window, contact.id, contact.office, message.not_after)
        return message.not_before, message.not_after, None

    def _cancel(
        self,
        waiting: Sequence[WaitingChaser],
        wanted: dict[str, NewChaser],
        decisions: dict[str, ContactDecision],
    ) -> int:
        """Cancel what the rules no longer want, with their own words for it."""
        reasons = {
            row.id: _why_cancelled(row, decisions[row.contact_id], self.now)
            for row in waiting
            if row.id not in wanted
        }
        chasers.cancel(self.session, self._organisation_id, reasons)
        return len(reasons)

    def _store(self, waiting: Sequence[WaitingChaser], wanted: dict[str, NewChaser]) -> int:
        """Insert what is new, plan again what had been cancelled, move what has another window now."""
        there = {row.id: row for row in waiting}
        states = chasers.statuses(
            self.session, self._organisation_id, [chaser_id for chaser_id in wanted if chaser_id not in there]
        )
        fresh = [
            one for chaser_id, one in wanted.items() if chaser_id not in there and chaser_id not in states
        ]
        again = [
            _revived(wanted[chaser_id], reason)
            for chaser_id, (status, reason) in states.items()
            if status == "cancelled"
        ]
        moved = [
            new
            for chaser_id, row in there.items()
            if chaser_id in wanted and (new := self._moved(row, wanted[chaser_id]))
        ]
        fresh, again = own_text.inherited(self.session, self._organisation_id, fresh, again)
        new_chasers.add(self.session, self._organisation_id, fresh, self.now)
        new_chasers.revive(self.session, self._organisation_id, [*again, *moved])
        own_text.take_along(self.session, self._organisation_id, [*fresh, *again])
        notices.steps_planned(self.session, self.desk.organisation, self.home, fresh)
        return len(fresh) + len(again) + len(moved)

    def _moved(self, row: WaitingChaser, wanted: NewChaser) -> NewChaser | None:
        """How a waiting chaser is to stand from now on; None: as it stands."""
        if row.approved:
            wanted = dataclasses.replace(wanted, needs_go=None)
        late = row.not_after <= self.now
        if row.status == "held" and row.brake == chasers.ADDRESS:
            return None if row.reason == wanted.address_problem and not late else wanted
        if row.at_once and row.status == "planned" and not late and wanted.address_problem is None:
            return None
        if row.brake == chasers.EDITED:
            return dataclasses.replace(wanted, needs_go=row.reason, brake=row.brake) if late else None
        if row.status == "planned" and wanted.needs_go:
            return wanted
        if row.status == "held" and self._stays_held(row, late, wanted):
            return None
        same = (
            row.not_after == wanted.not_after
            and row.planned_for <= wanted.planned_for
            and not self._begins_later(row, wanted)
            and (row.to, row.cc) == (wanted.to, wanted.cc)
            and wanted.address_problem is None
        )
        if row.status == "planned" and same:
            return None
        if late and row.status == "held" and row.brake == chasers.GO and wanted.needs_go:
            return dataclasses.replace(wanted, needs_go=f"{wanted.needs_go} {NOBODY_SAID_YES}")
        if late and row.status == "planned":
            return dataclasses.replace(wanted, reason=waiting.late_reason(wanted.reason or row.reason))
        return wanted

    def _begins_later(self, row: WaitingChaser, wanted: NewChaser) -> bool:
        """Whether the hours in which it may leave begin later than when it was planned; a pause is no such thing."""
        return wanted.reason is None and row.planned_for < wanted.planned_for > self.now

    def _stays_held(self, row: WaitingChaser, late: bool, wanted: NewChaser) -> bool:
        """What a brake holds goes on when the brake no longer stands, and not before."""
        if row.brake == chasers.GO:
            return wanted.needs_go is not None and not late
        if row.brake:
            return row.brake in self.standing
        return not (late or self.approve or self._held_before_the_switch(row))

    def _held_before_the_switch(self, row: WaitingChaser) -> bool:
        """Held by an earlier dry run, say: whoever moves the switch wants it looked at anew."""
        since = self.desk.organisation.chasing_since
        return bool(since and row.checked_at and row.checked_at < since)

    def _others(
        self, books: Sequence[ContactBook], decisions: dict[str, ContactDecision]
    ) -> dict[str, datetime]:
        """Plan what is to be said beside chasers; when to look again for its sake, by contact."""
        concerned = self.wishes.concerning(books)
        if not concerned:
            return {}
        return OtherMails(self.session, self.desk, self.wishes, self.now, self.standing).plan(
            concerned, decisions
        )

    def _look_again(self, decisions: dict[str, ContactDecision], others: dict[str, datetime]) -> None:
        looks: dict[datetime | None, list[str]] = defaultdict(list)
        for contact_id, decision in decisions.items():
            moments = [one for one in (decision.next_look_at, others.get(contact_id)) if one]
            looks[min(moments, default=None)].append(contact_id)
        planning.set_looks(self.session, self._organisation_id, looks)


def _told_of(contact: Contact, message: Message) -> tuple[str, str] | None:
    name = next((step.name for _, step in message.taken if step.notice), None)
    return (name, contact.name) if name else None


def _revived(wanted: NewChaser, cancelled_because: str | None) -> NewChaser:
    """A cancelled chaser as it is to stand again; one that was too late says so."""
    if not waiting.is_closed(cancelled_because):
        return wanted
    return dataclasses.replace(wanted, reason=waiting.late_reason(wanted.reason or cancelled_because))


def _why_cancelled(row: WaitingChaser, decision: ContactDecision, now: datetime) -> str:
    if decision.message and still_taken(row.steps, decision.message, row.versions):
        return _CHANGED
    outcome = confirm(row.steps, decision, now, row.versions)
    return outcome.reason if isinstance(outcome, Refused) else _CHANGED
