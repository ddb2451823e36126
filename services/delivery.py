"""The delivery of a mail that was handed over: the mail provider is called once, and what it said is stored.

What the provider said is stored before the next mail leaves, because nobody else knows it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from integration.email.mailer import Mail, MailAccountProblem, Mailer, MailPostponed, MailRefused, MailUnsure
from integration.sms.texter import (
    NumberStopped,
    TextAccountProblem,
    Texter,
    TextMessage,
    TextPostponed,
    TextRefused,
    TextUnsure,
)
from kit import clock
from kit.wording import N_
from services import account_stops, doors, notes, senders, waiting
from services.app import App
from store.away import AWAY
from store.queries import planning, sending, settling, steps, texts
from store.queries.sending import Claimed

log = logging.getLogger(__name__)

_TIMES_KEPT_IN_HAND, _KEPT_IN_HAND_SECONDS = 10, 2.0
_ACCOUNT_PAUSE = timedelta(minutes=10)
_UNSURE = N_(
    "The mail provider did not say whether it took this mail. It is not sent again by itself; "
    "a report of the provider will settle it."
)
_UNSURE_TEXT = N_(
    "The text message provider did not say whether it took this text. It is not sent again by itself; "
    "a report of the provider will settle it."
)
_UNSURE_BY_MAILBOX = N_(
    "The mail server of the sender’s mailbox did not say whether it took this mail. It is not sent again by itself; "
    "look into the mailbox whether it left."
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The deliveries of one batch, by one mailer (None: nothing is to be handed over)."""

    app: App
    organisation_id: str
    claim: str
    mailer: Mailer | None
    texter: Texter | None = None

    def deliver(self, one: Claimed, message: Mail | TextMessage) -> bool:
        """Call the provider, once, and settle. False: nothing more may leave now."""
        if isinstance(message, Mail):
            settle = self._ask_provider(self.mailer, one, message) if self.mailer else None
        else:
            settle = self._ask_text_provider(self.texter, one, message) if self.texter else None
        if settle is None:  # switched to live, or set up, while this batch was under way
            return self.take_back(one, N_("It is tried again."))
        for _ in range(_TIMES_KEPT_IN_HAND):
            try:
                return settle()
            except AWAY as error:  # only we know what the provider said, so a short outage is waited out
                log.warning("what became of chaser %s cannot be stored: %s", one.id, type(error).__name__)
                clock.pause(_KEPT_IN_HAND_SECONDS)
        return settle()

    def _ask_provider(self, mailer: Mailer, one: Claimed, mail: Mail) -> Callable[[], bool]:
        """Hand the mail over; how its row is to be settled, which tells whether more may leave now."""
        try:
            provider_id = mailer.send(mail)
        except MailRefused as error:
            return partial(self._failed, one, N_(f"The mail provider refused it: {error}"))
        except MailAccountProblem as error:
            if mail.mailbox:
                return partial(self._mailbox_rests, one, mail.mailbox, str(error), _ACCOUNT_PAUSE)
            problem = N_(f"The mail provider takes nothing from us: {error}")
            return partial(self.take_back, one, problem, _ACCOUNT_PAUSE)
        except MailPostponed as error:
            wait = timedelta(seconds=error.retry_after)
            if mail.mailbox:
                return partial(self._mailbox_rests, one, mail.mailbox, str(error), wait)
            return partial(self.take_back, one, N_(f"To be tried again: {error}"), wait)
        except MailUnsure:
            return partial(self._unsure, one, _UNSURE_BY_MAILBOX if mail.mailbox else _UNSURE)
        return partial(self._sent, one, provider_id)

    def _ask_text_provider(self, texter: Texter, one: Claimed, message: TextMessage) -> Callable[[], bool]:
        """The same for a text message. Whatever is wrong with texts keeps no mail waiting."""
        try:
            provider_id = texter.send(message)
        except NumberStopped as error:
            return partial(self._stopped, one, message.to, str(error))
        except TextRefused as error:
            return partial(self._failed, one, N_(f"The text message provider refused it: {error}"))
        except TextAccountProblem as error:
            return partial(
                self._aside, one, "held", N_(f"The text message provider takes nothing from us: {error}")
            )
        except TextPostponed as error:
            wait = timedelta(seconds=error.retry_after)
            return partial(self._put_off, one, N_(f"To be tried again: {error}"), wait)
        except TextUnsure:
            return partial(self._unsure, one, _UNSURE_TEXT)
        return partial(self._sent, one, provider_id)

    def _stopped(self, one: Claimed, number: str, reason: str) -> bool:
        """No text goes to this number again; its step is behind the invoices, and the schedule goes on."""
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            texts.stop(session, self.organisation_id, number, reason, clock.now())
        return self._failed(one, N_(f"Not taken: {reason}"))

    def _aside(self, one: Claimed, status: str, reason: str) -> bool:
        """Surely not taken: its steps are given back, and a person has to see to it."""
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            if settling.take_back(session, self.organisation_id, self.claim, one.id, reason):
                steps.untake(session, self.organisation_id, one.id)
                settling.set_aside(session, self.organisation_id, one.id, status, reason)
        return True

    def _put_off(self, one: Claimed, reason: str, wait: timedelta) -> bool:
        """Surely not taken: this text alone is tried again later."""
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            if settling.take_back(session, self.organisation_id, self.claim, one.id, reason):
                steps.untake(session, self.organisation_id, one.id)
                settling.put_off(session, self.organisation_id, one.id, clock.now() + wait)
        return True

    def _failed(self, one: Claimed, reason: str) -> bool:
        now = clock.now()
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            planning.look_again(session, self.organisation_id, [one.contact_id], now)
            settling.settle(session, self.organisation_id, self.claim, one.id, "failed", reason, now)
        return True

    def _sent(self, one: Claimed, provider_id: str) -> bool:
        now = clock.now()
        with self.app.database.write(self.organisation_id) as session:
            organisation = sending.lock_organisation(session, self.organisation_id)
            settling.message_left(session, self.organisation_id, one.contact_id, now, one.kind)
            settling.settle_sent(session, self.organisation_id, one.id, provider_id, now)
            notes.queue_for_chaser(session, self.organisation_id, one.id, now)
            account_stops.warned(session, self.organisation_id, one.id, now)
            if organisation.retry_sending_at:
                sending.sending_works(session, self.organisation_id)
        self.app.doorbell.ring(doors.NOTES, self.organisation_id)
        return True

    def _unsure(self, one: Claimed, reason: str) -> bool:
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            now = clock.now()
            settling.message_left(session, self.organisation_id, one.contact_id, now, one.kind)
            settling.settle(session, self.organisation_id, self.claim, one.id, "unknown", reason, now)
        return True

    def _mailbox_rests(self, one: Claimed, sender_id: str, problem: str, pause: timedelta) -> bool:
        """Surely not taken by one sender's mailbox: its mails wait, and those of the others go on."""
        now = clock.now()
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            said = senders.rest(session, self.organisation_id, sender_id, problem, now + pause)
            if settling.take_back(session, self.organisation_id, self.claim, one.id, said):
                steps.untake(session, self.organisation_id, one.id)
                settling.put_off(session, self.organisation_id, one.id, now + pause)
        return True

    def take_back(self, one: Claimed, problem: str, pause: timedelta = timedelta()) -> bool:
        """Surely not taken: back to planned, and a pause for the whole organisation."""
        with self.app.database.write(self.organisation_id) as session:
            sending.lock_organisation(session, self.organisation_id)
            if settling.take_back(session, self.organisation_id, self.claim, one.id, problem):
                steps.untake(session, self.organisation_id, one.id)
            if pause:
                waiting.pause(session, self.organisation_id, problem, clock.now() + pause)
        return False
