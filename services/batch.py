"""One batch of claimed chasers on its way: PDFs, the last look, and one after the other handed over and delivered."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from integration.email.mailer import Mail, Mailer
from integration.ledger import Disconnected, Ledger, LedgerError, NeedsReconnect, RateLimited, Unreachable
from integration.sms.texter import Texter, TextMessage
from kit import clock
from kit.turns import SLICE_SECONDS
from kit.wording import N_
from services import lost_mail, waiting
from services.abandoned import FAULT, STOPPED_BEFORE
from services.app import App
from services.delivery import Delivery
from services.handover import Next, hand_over
from services.invoice_files import SilentAboutOne, fetch, incomplete
from services.last_look import look
from services.ledger_access import ledger_errors_noted
from services.lost_mail import Doubt
from services.occasions import quotes
from store.away import AWAY
from store.queries import planning, sending, settling
from store.queries.invoice_files import FileState
from store.queries.sending import Claimed

log = logging.getLogger(__name__)

_LEDGER_PAUSE = timedelta(minutes=1)
_SHORT = timedelta(minutes=2)
_PUT_OFF = timedelta(minutes=5)
_MOST_SILENCES = 3
"""Without an answer about so many mails one after the other, the ledger itself is taken for silent."""
_OTHERS_TURN = N_("It comes next; others have their turn in between.")


def _mails(claimed: Sequence[Claimed]) -> list[Claimed]:
    """Those with which the invoices themselves go: nothing can be enclosed in a text message."""
    return [one for one in claimed if one.channel == "email"]


@dataclass(frozen=True)
class Batch:
    """One batch of claimed chasers. ``until`` (on the stopwatch) others wait for their turn.

    At least one chaser comes to its end in each turn, however slow everything is.
    """

    app: App
    organisation_id: str
    claim: str
    ledger: Ledger
    mailer: Mailer | None
    until: float
    texter: Texter | None = None
    _silences: list[tuple[Claimed, SilentAboutOne]] = field(default_factory=list)
    """The mails one after the other of whose invoices the ledger gave no file."""

    @cached_property
    def _delivery(self) -> Delivery:
        return Delivery(self.app, self.organisation_id, self.claim, self.mailer, self.texter)

    def run(self, claimed: Sequence[Claimed]) -> bool:
        """Bring every chaser of the batch to an end, or back to planned. False: nothing more may leave now."""
        left = list(claimed)
        try:
            with ledger_errors_noted(self.app, self.organisation_id):
                left = self._enclose_some(left)
                while left:
                    left = self._look(left)
                    done = self._hand_over_all(left)
                    if done is None:
                        return False
                    if done == 0 and left:
                        raise Unreachable(N_("Its answers took longer than a minute."))
                    left = left[done:]
                    if left and clock.stopwatch() > self.until:
                        self._release(left, _OTHERS_TURN)
                        break
            return True
        except LedgerError as error:
            self._ledger_silent(left, error)
            return False

    def _enclose_some(self, claimed: Sequence[Claimed]) -> list[Claimed]:
        """Clear doubts and fetch PDFs for half of the time; what is done is kept, and the other chasers come next."""
        half = clock.stopwatch() + SLICE_SECONDS / 2
        self._enclose_quotes(claimed)
        ready: list[Claimed] = []
        doubt = lost_mail.doubt_about(self.app, self.organisation_id, claimed)
        lacking = incomplete(self.app, self.organisation_id, _mails(claimed))
        for number, one in enumerate(claimed):
            if ready and clock.stopwatch() > half:
                self._release(claimed[number:], _OTHERS_TURN)
                break
            if (doubt is None or self._has_not_left(one, doubt)) and self._is_enclosed(one, lacking):
                ready.append(one)
        if self._silences and not ready:
            raise self._silences[-1][1].error  # nobody got an answer, so nobody is behind anybody
        self._put_off_silences()
        return ready

    def _enclose_quotes(self, claimed: Sequence[Claimed]) -> None:
        quotes.fetch_pdfs(self.app, self.ledger, self.organisation_id, self.claim, claimed)

    def _has_not_left(self, one: Claimed, doubt: Doubt) -> bool:
        """Whether it is still to be sent, by all that the ledger's notes tell, where that is in doubt."""
        if one.id not in doubt.chaser_ids:
            return True
        return lost_mail.ask(self.app, self.ledger, self.organisation_id, self.claim, one, doubt.doubted_at)

    def _is_enclosed(self, one: Claimed, lacking: Mapping[str, Sequence[FileState]]) -> bool:
        """Fetch what it lacks of its invoices' PDFs; False: they cannot be had now, and it waits or is held."""
        if one.id not in lacking:
            return True
        try:
            problem = fetch(self.app, self.ledger, self.organisation_id, self.claim, lacking[one.id])
        except SilentAboutOne as silence:
            self._silences.append((one, silence))
            if len(self._silences) == _MOST_SILENCES:
                self._put_off_silences()
                raise silence.error from silence  # it is not these invoices alone: the ledger is out of order
            return False
        self._put_off_silences()
        if problem:
            self._settle(one, "held", problem)
        return problem is None

    def _look(self, claimed: Sequence[Claimed]) -> list[Claimed]:
        """The last look; then again for PDFs, of what has changed since."""
        missing = look(self.app, self.ledger, self.organisation_id, self.claim, claimed)
        for one in claimed:
            if one.id in missing:
                self._settle(one, "held", missing[one.id])
        seen = [one for one in claimed if one.id not in missing]
        lacking = incomplete(self.app, self.organisation_id, _mails(seen))
        self._enclose_quotes(seen)
        ready = [one for one in seen if self._is_enclosed(one, lacking)]
        self._put_off_silences()
        return ready

    def _hand_over_all(self, claimed: Sequence[Claimed]) -> int | None:
        """Hand over one by one; how many are done until time is up or the look too old. None: nothing more may leave now."""
        for done, one in enumerate(claimed):
            if done and clock.stopwatch() > self.until:
                return done
            result = self._try_to_hand_over(one)
            if result is Next.LOOK_AGAIN:
                return done
            if result is Next.STOP or (
                not isinstance(result, Next) and not self._delivery.deliver(one, result)
            ):
                self._release(claimed[done + 1 :], N_("It waits with the others of this organisation."))
                return None
        return len(claimed)

    def _try_to_hand_over(self, one: Claimed) -> Mail | TextMessage | Next:
        try:
            return hand_over(self.app, self.organisation_id, self.claim, one)
        except AWAY:
            self._delivery.take_back(one, STOPPED_BEFORE)  # it may have been committed, but nothing left
            raise
        except Exception:  # a fault of ours, and nothing was committed; the others are still to leave
            log.exception("chaser %s cannot be handed over", one.id)
            self._settle(one, "held", FAULT)
            return Next.GO_ON

    def _settle(self, one: Claimed, status: str, reason: str) -> None:
        now = clock.now()
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            planning.look_again(session, self.organisation_id, [one.contact_id], now)
            settling.settle(session, self.organisation_id, self.claim, one.id, status, reason, now)

    def _put_off_silences(self) -> None:
        """Back to planned and behind the others, so that what cannot be had holds up nobody else."""
        if not self._silences:
            return
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            for one, silence in self._silences:
                settling.take_back(session, self.organisation_id, self.claim, one.id, str(silence))
                later = clock.now() + _PUT_OFF
                waiting.put_off(session, self.organisation_id, one.id, str(silence), later)
        self._silences.clear()

    def _release(self, claimed: Collection[Claimed], reason: str) -> None:
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            settling.release(session, self.organisation_id, self.claim, [one.id for one in claimed], reason)
            waiting.join(session, self.organisation_id)

    def _ledger_silent(self, claimed: Collection[Claimed], error: LedgerError) -> None:
        """No answer, no mail: back to planned, and tried again until the window closes."""
        log.warning("ledger did not answer the last look: %s", type(error).__name__)
        problem = N_(f"The ledger could not be asked, so nothing leaves: {error}")
        self._release(claimed, problem)
        if not isinstance(error, (NeedsReconnect, Disconnected)):
            pause = timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else _LEDGER_PAUSE
            short = isinstance(error, RateLimited) and pause < _SHORT
            self._pause(problem, pause, short=short)

    def _pause(self, problem: str, pause: timedelta, *, short: bool) -> None:
        """A ``short`` pause is the organisation's alone: to move a hundred thousand rows every minute helps nobody."""
        with self.app.database.write(self.organisation_id) as session:
            (waiting.rest if short else waiting.pause)(
                session, self.organisation_id, problem, clock.now() + pause
            )
