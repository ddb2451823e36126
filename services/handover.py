"""The hand-over of one chaser: the last transaction before the mail provider is called.

Everything that can still stop a chaser is looked at here, in one transaction with the promise that it may
have left: the switch, the claim, the age of the last look, the cap, holds, and the rules on the books as
they stand now. After the commit the mail is handed over once; before it, nothing has left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.confirm import Confirmed, Refused, confirm
from credit_control.contact_law import Way
from credit_control.contacting import in_the_way
from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Message
from credit_control.facts import Action, ContactBook
from credit_control.timing import window_for
from credit_control.whom import whom
from integration.email.mailer import Mail
from integration.sms.texter import TextMessage
from kit import clock
from kit.errors import UserError
from kit.wording import N_
from services import brakes, own_text
from services.app import App
from services.belonging import mismatch
from services.books import Desk, desk_of, one_book
from services.brakes import InForce
from services.chaser_mail import Letter, write_letter
from services.go import go_asked_for
from services.invoice_files import as_it_left, enclosures
from services.last_look import is_fresh
from services.mail_evidence import learn
from services.mail_facts import NOTHING_ENCLOSED
from services.occasions.confirming import confirm_occasion
from services.own_text import OutOfDate
from services.plans_and_usage import holding
from services.senders import kept_back
from services.text_message import write_text
from services.waiting import CLOSED, pause
from store.models import Communication
from store.queries import chasers, planning, quotes, sending, settling, steps
from store.queries.sending import Claimed

_CHASER = "chaser"
_DRY_RUN = N_("Dry run: it was checked and written, and nothing was sent.")
_LOG_MODE = N_("SEND_MODE is log: recorded, not handed to the mail provider.")
_REPORTED = N_("The mail provider has reported on this mail before, so it is not sent again.")
_TAKEN = N_("A step of it is already behind one of its invoices, so it is not sent.")
_STRANGE = N_("Nothing was sent, because this mail does not belong together: {0}.")
_CHANGED = N_("An invoice changed while this was being sent, so it is looked at again.")

log = logging.getLogger(__name__)


class Next(Enum):
    """What comes after an attempt that handed nothing over."""

    GO_ON = "the chaser is settled, or no longer ours"
    LOOK_AGAIN = "the last look is too old"
    STOP = "nothing of this organisation may leave now"


@dataclass(frozen=True, slots=True)
class _Desk:
    """One chaser on the desk, in an open transaction."""

    app: App
    session: Session
    row: Communication
    desk: Desk
    now: datetime

    @property
    def organisation_id(self) -> str:
        return self.desk.organisation.id

    def settle(self, status: str, reason: str) -> Next:
        """The chaser ends here; the rules look at the contact again."""
        planning.look_again(self.session, self.organisation_id, [self.row.contact_id], self.now)
        if status == "cancelled":
            chasers.cancel(self.session, self.organisation_id, {self.row.id: reason})
        else:
            self.row.status, self.row.reason = status, reason
            self.row.claim = self.row.claimed_at = None
        return Next.GO_ON

    def wait(self, reason: str, planned_for: datetime | None = None) -> None:
        """Back to planned, to be tried again."""
        self.row.status, self.row.reason = "planned", reason
        self.row.claim = self.row.claimed_at = None
        if planned_for:
            self.row.planned_for = planned_for

    def stop(self, brake: InForce) -> Next:
        """A brake keeps everything of the organisation back: until a person releases it, or until it ends by itself."""
        if brake.kind in brakes.WAITS_OUT:
            self.wait(brake.text)
            pause(self.session, self.organisation_id, brake.text, self.now + brakes.SHORT_WAIT)
        else:
            self.settle("held", brake.text)
            self.row.brake = brake.kind
        return Next.STOP


def hand_over(app: App, organisation_id: str, claim: str, claimed: Claimed) -> Mail | TextMessage | Next:
    """The message to be handed to the provider now, or why there is none. One that is returned has been committed to."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        sending.keep_claim(session, organisation_id, claim, now)
        row = sending.own(session, organisation_id, claimed.id, claim)
        if row is None:
            return Next.GO_ON
        desk = _Desk(app, session, row, desk_of(session, organisation_id), now)
        if organisation.connection != "connected" or organisation.chasing not in ("dry_run", "live"):
            desk.wait(N_("Nothing leaves while the ledger is not connected or chasing is off."))
            return Next.STOP
        if row.not_after is None or now >= row.not_after:
            return desk.settle("cancelled", CLOSED)
        holding.hold_when_over(app, session, organisation, now)
        if brake := brakes.at_hand_over(session, organisation, now):
            return desk.stop(brake)
        if not is_fresh(row.checked_at, now):
            return Next.LOOK_AGAIN
        if reported_at := settling.reported_at(session, row.id):
            return _already_left(desk, reported_at)
        return _confirmed(desk, claimed)


def _already_left(desk: _Desk, reported_at: datetime) -> Next:
    """A restored backup does not send again what the provider has already told us of."""
    learn(desk.session, desk.row, "sent", at=reported_at, now=desk.now, reason=_REPORTED)
    return Next.GO_ON


def _confirmed(desk: _Desk, claimed: Claimed) -> Mail | TextMessage | Next:
    """Hold the chaser against the rules on the books as they stand now; only what stands whole goes on."""
    if desk.row.kind != _CHASER:
        return _other_confirmed(desk, claimed)
    steps_planned = chasers.steps_of(desk.session, desk.organisation_id, [claimed.id])[claimed.id]
    planned = frozenset((one.invoice_id, one.position) for one in steps_planned)
    also = frozenset(invoice.id for invoice in claimed.invoices)
    book = one_book(desk.session, desk.desk, claimed.contact_id, also)
    if book is None:
        return desk.settle("cancelled", N_("The contact is no longer in the ledger."))
    decision = decide(book, desk.desk.policy, desk.now)
    versions = chasers.versions_of(steps_planned)
    at_once = desk.row.at_once_by is not None and not _limit(desk, book)
    outcome = confirm(planned, decision, desk.now, versions, at_once=at_once)
    if isinstance(outcome, Refused):
        if outcome.not_before is None:
            return desk.settle("cancelled", outcome.reason)
        planning.look_again(desk.session, desk.organisation_id, [claimed.contact_id], desk.now)
        desk.wait(outcome.reason, outcome.not_before)
        desk.row.at_once_by = None
        return Next.GO_ON
    if outcome.dropped:
        reasons = " ".join(dict.fromkeys(reason for _, reason in outcome.dropped))
        return desk.settle("cancelled", N_("Planned anew with fewer invoices.") + f" {reasons}")
    if desk.row.approved_at is None and (needs_go := go_asked_for(outcome.message, desk.desk)):
        desk.settle("held", needs_go)
        desk.row.brake = chasers.GO
        return Next.GO_ON
    if outcome.message.step.action is Action.SMS:
        return _text_written(desk, book, outcome, decision)
    return _addressed(desk, book, outcome, decision)


def _limit(desk: _Desk, book: ContactBook) -> bool:
    """Whether the law keeps this message back, however much somebody hurries it."""
    window = window_for(desk.desk.policy.window, book.contact.office)
    return in_the_way(book.contact, Way(desk.row.channel), window, desk.now) is not None


def _addressed(
    desk: _Desk, book: ContactBook, confirmed: Confirmed, decision: ContactDecision
) -> Mail | TextMessage | Next:
    """Go on with a mail whose addresses nobody has to look at first."""
    meant = whom(book.contact, confirmed.message.step, desk.desk.policy.window)
    if meant.problem:
        desk.settle("held", meant.problem)
        desk.row.brake, desk.row.to, desk.row.cc = chasers.ADDRESS, list(meant.to), list(meant.copies)
        return Next.GO_ON
    return _written(desk, book, confirmed, decision)


def _other_confirmed(desk: _Desk, claimed: Claimed) -> Mail | TextMessage | Next:
    """The same for a mail that no step sends: is there still a reason for it, and may it leave now?"""
    book = one_book(
        desk.session, desk.desk, claimed.contact_id, frozenset(invoice.id for invoice in claimed.invoices)
    )
    if book is None:
        return desk.settle("cancelled", N_("The contact is no longer in the ledger."))
    decision = decide(book, desk.desk.policy, desk.now)
    outcome = confirm_occasion(desk.session, desk.desk, desk.row, book, decision, desk.now)
    if isinstance(outcome, Message):
        return _addressed(desk, book, Confirmed(outcome, ()), decision)
    if outcome.not_before is None:
        return desk.settle("cancelled", outcome.reason)
    planning.look_again(desk.session, desk.organisation_id, [claimed.contact_id], desk.now)
    desk.wait(outcome.reason, outcome.not_before)
    return Next.GO_ON


def _written(
    desk: _Desk, book: ContactBook, confirmed: Confirmed, decision: ContactDecision
) -> Mail | TextMessage | Next:
    """Write the mail; a text that cannot be written holds the chaser until somebody mends it."""
    travelling = [invoice_id for invoice_id, _ in confirmed.message.taken]
    nothing_enclosed = desk.row.kind in NOTHING_ENCLOSED
    enclosed = enclosures(desk.session, desk.organisation_id, () if nothing_enclosed else travelling)
    if enclosed is None:
        desk.wait(_CHANGED)
        return Next.GO_ON
    try:
        letter = write_letter(
            desk.app, desk.session, desk.desk, desk.row, book, confirmed.message, enclosed, desk.now
        )
    except OutOfDate as problem:
        return _put_aside(desk, problem)
    except UserError as problem:
        return desk.settle("held", str(problem))
    if strange := _strange(desk, confirmed.message, letter):
        return desk.settle("held", strange)
    if back := kept_back(desk.app, desk.session, desk.organisation_id, letter.sender, desk.now):
        desk.wait(back.reason, back.until)
        return Next.GO_ON
    if rehearsed := _rehearsed(desk, partial(_record, desk.row, letter)):
        return rehearsed
    return _committed(
        desk, book, confirmed.message, decision, letter.mail, partial(_record, desk.row, letter)
    )


def _text_written(
    desk: _Desk, book: ContactBook, confirmed: Confirmed, decision: ContactDecision
) -> Mail | TextMessage | Next:
    """Write the text message; one that is too long, or cannot be written, is held until somebody mends it."""
    try:
        text = write_text(desk.app, desk.session, desk.desk, desk.row, book, confirmed.message, desk.now)
    except OutOfDate as problem:
        return _put_aside(desk, problem)
    except UserError as problem:
        return desk.settle("held", str(problem))
    if rehearsed := _rehearsed(desk, partial(text.record, desk.row)):
        return rehearsed
    return _committed(desk, book, confirmed.message, decision, text.message, partial(text.record, desk.row))


def _put_aside(desk: _Desk, problem: OutOfDate) -> Next:
    """What a person wrote for something else waits for that person."""
    own_text.put_aside(desk.session, desk.organisation_id, desk.row.id)
    desk.row.brake = chasers.EDITED
    return desk.settle("held", str(problem))


def _rehearsed(desk: _Desk, record: Callable[[], None]) -> Next | None:
    """Where nothing is to leave, the message is kept as it was written."""
    if desk.desk.organisation.chasing != "dry_run" and desk.app.settings.send_mode == "live":
        return None
    record()
    return desk.settle("held", _DRY_RUN if desk.desk.organisation.chasing == "dry_run" else _LOG_MODE)


def _strange(desk: _Desk, message: Message, letter: Letter) -> str | None:
    """Why the mail does not belong together, so that it must not leave; None: it does."""
    invoice_ids = {invoice_id for invoice_id, _ in message.taken}
    found = mismatch(
        desk.session, desk.organisation_id, desk.row.contact_id, invoice_ids, letter.mail, letter.own
    )
    if found is None:
        return None
    log.error("chaser %s does not belong together; nothing was sent", desk.row.id)
    return _STRANGE.format(found)


def _committed(
    desk: _Desk,
    book: ContactBook,
    message: Message,
    decision: ContactDecision,
    leaves: Mail | TextMessage,
    record: Callable[[], None],
) -> Mail | TextMessage | Next:
    """From this commit on the message may have left: its steps are taken, and it counts against the cap."""
    if reached := brakes.cap_reached(desk.session, desk.desk.organisation, desk.now):
        cap, free_at = reached
        desk.wait(cap.text)
        pause(desk.session, desk.organisation_id, cap.text, free_at)
        return Next.STOP
    if desk.row.kind == _CHASER and not _steps_taken(desk, message, decision):
        return desk.settle("cancelled", _TAKEN)
    travelling = dict(message.taken)
    amounts = {one.id: one.asked_for for one in book.invoices if one.id in travelling}
    steps.set_amounts(desk.session, desk.organisation_id, desk.row.id, amounts)
    if quote_id := quotes.quote_of(desk.row.occasion):
        quotes.confirmed(desk.session, desk.organisation_id, quote_id, desk.row.id)
    record()
    desk.row.handed_over_at = desk.row.claimed_at = desk.now
    return leaves


def _steps_taken(desk: _Desk, message: Message, decision: ContactDecision) -> bool:
    """The steps of a chaser are behind its invoices from now on. False: one of them was already."""
    if steps.take(desk.session, desk.organisation_id, desk.row.id) != len(message.taken):
        steps.untake(desk.session, desk.organisation_id, desk.row.id)
        return False
    travelling = dict(message.taken)
    missed = {one.invoice_id: one.skipped for one in decision.invoices if one.invoice_id in travelling}
    on = local_day(desk.desk.policy.window, desk.now)
    steps.skip(desk.session, desk.organisation_id, desk.row.id, missed, on)
    return True


def _record(row: Communication, letter: Letter) -> None:
    mail = letter.mail
    row.to, row.cc = list(mail.to), list(mail.cc)
    row.to_role, row.copy_roles = letter.to_role, [role.value for role in letter.copy_roles]
    row.from_name, row.from_email = mail.from_name, mail.from_email
    row.subject, row.body_text, row.body_html = mail.subject, mail.text, mail.html
    row.message_id, row.reply_token = mail.message_id, letter.reply_token
    row.attached = [as_it_left(file) for file in mail.files]
    row.template_version_id = letter.template_version_id
    row.sender_id = letter.sender.id
