"""``dunnock clock``: finds what is due in the database and rings for it.

Our own loop, because RQ's schedulers lose and double jobs. Only one clock process is at work at a time;
the others wait for its lease. It calls nobody but the database and the bell, so no slow ledger can stop it.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from kit import clock
from kit.doorbell import BULK, URGENT
from kit.ids import new_id
from kit.settings import Settings
from services import (
    abandoned,
    account_stops,
    answers_out,
    bulk,
    continuity,
    disconnection,
    doors,
    event_delivery,
    expecting,
    fee_drafts,
    forwards,
    housekeeping,
    ledger_history,
    looking_again,
    mail_events,
    mailbox_reading,
    news,
    notes,
    notices,
    paid_claims,
    plan,
    planned_start,
    plans_judged,
    portal_hosts,
    practice_runs,
    promises_judged,
    replays,
    replies,
    reply_reminders,
    second_eyes,
    send,
    sending_domains,
    text_costs,
    text_news,
)
from services.app import App
from services.credit import terms_events
from services.data_rights import deletion, erasure, exports, retention
from services.digest import practice_sending, sending
from services.figures import keeping
from services.mirror import schedule
from services.occasions import marking
from services.payer import look
from services.plans_and_usage import intake, payers, watch
from store.away import AWAY
from store.queries import leases

log = logging.getLogger(__name__)

TICK_SECONDS = 5.0
_LEASE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Round:
    """One kind of due work: who finds it, which door to ring at."""

    door: str
    find: Callable[[App], Iterable[str]]
    queue: str = URGENT


def _once(waiting: Callable[[App], bool]) -> Callable[[App], Iterable[str]]:
    """A finder for doors without an argument."""
    return lambda app: [""] if waiting(app) else []


def _either(*finders: Callable[[App], Iterable[str]]) -> Callable[[App], Iterable[str]]:
    """A finder for a door behind which several kinds of work are done."""
    return lambda app: sorted({found for find in finders for found in find(app)})


ROUNDS = (
    Round(doors.LEDGER_NEWS, news.waiting),
    Round(doors.MAIL_EVENTS, _once(mail_events.waiting)),
    Round(doors.REPLIES, _once(replies.waiting)),
    Round(doors.FORWARDS, forwards.due),
    Round(doors.ANSWERS, answers_out.due),
    Round(doors.TEXT_REPORTS, _once(text_news.reports_waiting)),
    Round(doors.TEXT_REPLIES, _once(text_news.replies_waiting)),
    Round(doors.SEND, send.due),
    Round(doors.NOTES, _either(notes.due, marking.due, expecting.due)),
    Round(doors.HISTORY, ledger_history.due),
    Round(doors.LATE_FEES, fee_drafts.due),
    Round(doors.ACCOUNT_STOPS, account_stops.due),
    Round(doors.PROMISES, _either(promises_judged.due, plans_judged.due)),
    Round(doors.START, planned_start.due),
    Round(doors.PLAN, plan.due),
    Round(doors.SECOND_ACTS, second_eyes.due),
    Round(doors.PRACTICE_RUNS, practice_runs.due),
    Round(doors.SYNC, schedule.due, BULK),
    Round(doors.REPLAY, replays.due, BULK),
    Round(doors.BULK_RUNS, bulk.due, BULK),
    Round(doors.CHECK_DOMAINS, _either(sending_domains.due, portal_hosts.due), BULK),
    Round(doors.READ_MAILBOXES, mailbox_reading.due, BULK),
    Round(doors.NOTICES, _either(looking_again.due, terms_events.due, notices.due, sending.due), BULK),
    Round(doors.CLIENTS_MAIL, practice_sending.due, BULK),
    Round(doors.REPLY_WORK, _either(paid_claims.due, reply_reminders.due), BULK),
    Round(doors.EVENTS, event_delivery.due, BULK),
    Round(doors.FIGURES, keeping.due, BULK),
    Round(doors.TEXT_COSTS, text_costs.due, BULK),
    Round(doors.BILLING_NEWS, _once(intake.waiting)),
    Round(doors.BILLING, payers.due),
    Round(doors.PLANS, watch.due, BULK),
    Round(doors.PAYERS, look.due, BULK),
    Round(doors.DELETE_ORGANISATION, deletion.due, BULK),
    Round(doors.EXPORT_ORGANISATION, exports.due, BULK),
    Round(doors.ERASE_CUSTOMERS, erasure.due, BULK),
    Round(doors.FORGET_OLD, retention.due, BULK),
    Round(doors.KEEP_ALIVE, _once(disconnection.waits_for_a_look)),
)

TIDY_SECONDS = 3600.0


def run(settings: Settings) -> None:
    """Tick until SIGTERM."""
    app = App(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    holder, tidied = new_id(), -TIDY_SECONDS
    log.info("clock is up")
    while not stopping.is_set():
        try:
            if tick(app, holder) and clock.stopwatch() - tidied > TIDY_SECONDS:
                housekeeping.tidy(app)
                tidied = clock.stopwatch()
        except AWAY as error:
            log.error("the database is away: %s", type(error).__name__)
        except Exception:  # the next tick may fare better, and without ticks nothing goes on
            log.exception("a tick came to nothing")
        stopping.wait(TICK_SECONDS)
    with suppress(*AWAY), app.database.write_across() as session:
        leases.release(session, "clock", holder)


def _found(app: App, round_: Round) -> Iterable[str]:
    """What is due of one kind; whatever is wrong with it must not keep the other kinds waiting."""
    try:
        return list(round_.find(app))
    except AWAY:
        raise
    except Exception:  # a fault in one search is for the log; the others still find their work
        log.exception("nobody knows what is due at %s", round_.door)
        return ()


def tick(app: App, holder: str) -> bool:
    """Look once for everything that is due. False: another clock is at work."""
    with app.database.write_across() as session:
        if not leases.take(session, "clock", holder, clock.now(), _LEASE_SECONDS):
            return False
        lives_on = continuity.lives_on(session, clock.now())
    if not lives_on:
        continuity.look_closer(app)
    abandoned.settle(app)
    for round_ in ROUNDS:
        for argument in _found(app, round_):
            if not app.doorbell.ring(round_.door, *([argument] if argument else []), queue=round_.queue):
                return True  # Redis is away: nobody would hear the others either
    return True
