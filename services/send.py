"""Sending: what is due is claimed, looked up in the ledger once more, handed over at most once, and settled.

    planned → sending → sent | failed | unknown        (or back to planned, or cancelled, or held)

Each arrow is a transaction of its own, and none is open while the ledger or the mail provider is asked.
A process may die at any point: before the hand-over is committed the chaser goes back to planned, after it
nobody can know whether it left, so it becomes ``unknown`` and is never sent again by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from integration.email.mailer import (
    Mail,
    MailAccountProblem,
    Mailer,
    MailPostponed,
    MailRefused,
    MailUnsure,
)
from integration.ledger import (
    Disconnected,
    Lane,
    Ledger,
    LedgerError,
    NeedsReconnect,
    RateLimited,
    Unreachable,
)
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import doors, notes, waiting
from services.app import App
from services.handover import Next, hand_over
from services.invoice_files import fetch
from services.last_look import look
from services.ledger_access import ledger_errors_noted, open_ledger
from services.mail_access import open_mailer
from store.models import Communication, Organisation
from store.queries import chasers, planning, sending, steps
from store.queries.sending import Claimed

log = logging.getLogger(__name__)

BATCH = 40
"""Invoices that are looked up in the ledger by one call."""

_JOB_SECONDS = 120.0
"""After so long a job rings for the next one, so that other organisations have their turn."""
_ABANDONED = timedelta(seconds=90)
"""Longer than any one call takes; who is still at it says so between two calls."""
_LEDGER_PAUSE = timedelta(minutes=1)
_ACCOUNT_PAUSE = timedelta(minutes=10)

_STOPPED_BEFORE = "The sending was interrupted before anything left; it is tried again."
_STOPPED_AFTER = (
    "The sending was interrupted while the mail provider was being called, so nobody can know whether it left. "
    "It is not sent again by itself; a report of the provider will settle it."
)
_FAULT = "A fault in Dunnock keeps this from being sent; the log tells more. Nothing left."
_UNSURE = (
    "The mail provider did not say whether it took this mail. It is not sent again by itself; "
    "a report of the provider will settle it."
)


def due(app: App) -> list[str]:
    """Organisations with chasers that may leave now."""
    with app.database.read() as session:
        return sending.organisations_to_send(session, clock.now())


def send(app: App, organisation_id: str) -> None:
    """Send what is due of one organisation."""
    with app.database.read() as session:
        if not sending.is_due(session, organisation_id, clock.now()):
            return
        organisation = session.get_one(Organisation, organisation_id)
    live = organisation.chasing == "live" and app.settings.send_mode == "live"
    try:
        mailer = open_mailer(app) if live else None
    except UserError as problem:
        _pause(app, organisation_id, str(problem), _ACCOUNT_PAUSE)
        return
    try:
        ledger = open_ledger(app, organisation_id, Lane.CHECK)
    except LedgerError:
        return  # not connected any more: its chasers stay planned
    if send_with(app, organisation_id, ledger, mailer):
        app.doorbell.ring(doors.SEND, organisation_id)
    app.doorbell.ring(doors.PLAN, organisation_id)


def send_with(app: App, organisation_id: str, ledger: Ledger, mailer: Mailer | None) -> bool:
    """Send what is due by this ledger and mailer (None: nothing is to be handed over). True if more may be due."""
    started = clock.stopwatch()
    while clock.stopwatch() - started < _JOB_SECONDS:
        claim = new_id()
        claimed = _claim(app, organisation_id, claim)
        if not claimed:
            return False
        if not _Round(app, organisation_id, claim, ledger, mailer).run(claimed):
            return False
    return True


def settle_abandoned(app: App) -> list[str]:
    """Settle what a dead process left behind; returns the organisations concerned."""
    before = clock.now() - _ABANDONED
    with app.database.read() as session:
        found = sending.abandoned(session, before)
    for organisation_id, chaser_id in found:
        with app.database.write() as session:
            sending.lock_organisation(session, organisation_id)
            row = sending.still_abandoned(session, organisation_id, chaser_id, before)
            if row is not None:
                _settle_abandoned(session, row)
                waiting.join(session, organisation_id)
    return sorted({organisation_id for organisation_id, _ in found})


def _settle_abandoned(session: Session, row: Communication) -> None:
    if row.handed_over_at is None:
        row.status, row.reason, row.claim, row.claimed_at = "planned", _STOPPED_BEFORE, None, None
        return
    sending.message_left(session, row.organisation_id, row.contact_id, row.handed_over_at)
    row.status, row.reason, row.claim = "unknown", _STOPPED_AFTER, None


def _claim(app: App, organisation_id: str, claim: str) -> list[Claimed]:
    """Claim the next batch; what is too late is cancelled, to be planned for the next window."""
    now = clock.now()
    with app.database.write() as session:
        sending.lock_organisation(session, organisation_id)
        late = sending.expire(session, organisation_id, now)
        planning.look_again(session, organisation_id, [contact_id for _, contact_id, _ in late], now)
        reasons = {chaser_id: waiting.closed_reason(said) for chaser_id, _, said in late}
        chasers.cancel(session, organisation_id, reasons)
        return sending.claim(session, organisation_id, now, claim, BATCH)


def _pause(app: App, organisation_id: str, problem: str, pause: timedelta) -> None:
    with app.database.write() as session:
        waiting.pause(session, organisation_id, problem, clock.now() + pause)


@dataclass(frozen=True, slots=True)
class _Round:
    """One batch of claimed chasers."""

    app: App
    organisation_id: str
    claim: str
    ledger: Ledger
    mailer: Mailer | None

    def run(self, claimed: Sequence[Claimed]) -> bool:
        """Bring every chaser of the batch to an end, or back to planned. False: nothing more may leave now."""
        left = list(claimed)
        try:
            with ledger_errors_noted(self.app, self.organisation_id):
                left = self._enclose(left)
                while left:
                    left = self._look(left)
                    done = self._hand_over_all(left)
                    if done is None:
                        return False
                    if done == 0 and left:
                        raise Unreachable("Its answers took longer than a minute.")
                    left = left[done:]
            return True
        except LedgerError as error:
            self._ledger_silent(left, error)
            return False

    def _enclose(self, claimed: Sequence[Claimed]) -> list[Claimed]:
        """Fetch the invoices' PDFs; a chaser whose PDFs cannot be had is held."""
        ready = []
        for one in claimed:
            invoice_ids = [invoice.id for invoice in one.invoices]
            problem = fetch(self.app, self.ledger, self.organisation_id, self.claim, invoice_ids)
            if problem:
                self._settle(one, "held", problem)
            else:
                ready.append(one)
        return ready

    def _look(self, claimed: Sequence[Claimed]) -> list[Claimed]:
        """The last look; then again for PDFs, of what has changed since."""
        missing = look(self.app, self.ledger, self.organisation_id, self.claim, claimed)
        for one in claimed:
            if one.id in missing:
                self._settle(one, "held", missing[one.id])
        return self._enclose([one for one in claimed if one.id not in missing])

    def _hand_over_all(self, claimed: Sequence[Claimed]) -> int | None:
        """Hand over one by one; how many are done until the look is too old. None: nothing more may leave now."""
        for done, one in enumerate(claimed):
            result = self._try_to_hand_over(one)
            if result is Next.LOOK_AGAIN:
                return done
            if result is Next.STOP or (isinstance(result, Mail) and not self._deliver(one, result)):
                self._release(claimed[done + 1 :], "It waits with the others of this organisation.")
                return None
        return len(claimed)

    def _try_to_hand_over(self, one: Claimed) -> Mail | Next:
        try:
            return hand_over(self.app, self.organisation_id, self.claim, one)
        except SQLAlchemyError:
            raise  # the database is away: that is nobody's fault here
        except Exception:  # a fault of ours, and nothing was committed; the others are still to leave
            log.exception("chaser %s cannot be handed over", one.id)
            self._settle(one, "held", _FAULT)
            return Next.GO_ON

    def _deliver(self, one: Claimed, mail: Mail) -> bool:
        """Call the mail provider, once, and settle. False: nothing more may leave now."""
        if self.mailer is None:  # switched to live while this batch was under way
            return self._take_back(one, "It is tried again.", timedelta())
        try:
            provider_id = self.mailer.send(mail)
        except MailRefused as error:
            self._settle(one, "failed", f"The mail provider refused it: {error}")
        except MailAccountProblem as error:
            return self._take_back(one, f"The mail provider takes nothing from us: {error}", _ACCOUNT_PAUSE)
        except MailPostponed as error:
            return self._take_back(one, f"To be tried again: {error}", timedelta(seconds=error.retry_after))
        except MailUnsure:
            self._unsure(one)
        else:
            self._sent(one, provider_id)
        return True

    def _sent(self, one: Claimed, provider_id: str) -> None:
        now = clock.now()
        with self.app.database.write() as session:
            sending.lock_organisation(session, self.organisation_id)
            sending.message_left(session, self.organisation_id, one.contact_id, now)
            sending.settle_sent(session, self.organisation_id, one.id, provider_id, now)
            notes.queue_for_chaser(session, self.organisation_id, one.id, now)
            sending.sending_works(session, self.organisation_id)
        self.app.doorbell.ring(doors.NOTES, self.organisation_id)

    def _unsure(self, one: Claimed) -> None:
        with self.app.database.write() as session:
            sending.lock_organisation(session, self.organisation_id)
            now = clock.now()
            sending.message_left(session, self.organisation_id, one.contact_id, now)
            sending.settle(session, self.organisation_id, self.claim, one.id, "unknown", _UNSURE, now)

    def _take_back(self, one: Claimed, problem: str, pause: timedelta) -> bool:
        """Surely not taken: back to planned, and a pause for the whole organisation."""
        with self.app.database.write() as session:
            sending.lock_organisation(session, self.organisation_id)
            if sending.take_back(session, self.organisation_id, self.claim, one.id, problem):
                steps.untake(session, self.organisation_id, one.id)
            if pause:
                waiting.pause(session, self.organisation_id, problem, clock.now() + pause)
        return False

    def _settle(self, one: Claimed, status: str, reason: str) -> None:
        now = clock.now()
        with self.app.database.write() as session:
            sending.lock_organisation(session, self.organisation_id)
            planning.look_again(session, self.organisation_id, [one.contact_id], now)
            sending.settle(session, self.organisation_id, self.claim, one.id, status, reason, now)

    def _release(self, claimed: Collection[Claimed], reason: str) -> None:
        with self.app.database.write() as session:
            sending.lock_organisation(session, self.organisation_id)
            sending.release(session, self.organisation_id, self.claim, [one.id for one in claimed], reason)
            waiting.join(session, self.organisation_id)

    def _ledger_silent(self, claimed: Collection[Claimed], error: LedgerError) -> None:
        """No answer, no mail: back to planned, and tried again until the window closes."""
        log.warning("ledger did not answer the last look: %s", type(error).__name__)
        problem = f"The ledger could not be asked, so nothing leaves: {error}"
        self._release(claimed, problem)
        if not isinstance(error, (NeedsReconnect, Disconnected)):
            pause = timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else _LEDGER_PAUSE
            _pause(self.app, self.organisation_id, problem, pause)
