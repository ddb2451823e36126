"""Sending: what is due is claimed, looked up in the ledger once more, handed over at most once, and settled.

    planned → sending → sent | failed | unknown        (or back to planned, or cancelled, or held)

Each arrow is a transaction of its own, and none is open while the ledger or the mail provider is asked.
A process may die at any point: before the hand-over is committed the chaser goes back to planned, after it
nobody can know whether it left, so it becomes ``unknown`` and is never sent again by itself.
"""

from __future__ import annotations

from datetime import timedelta

from integration.email.mailer import Mailer
from integration.ledger import Lane, Ledger, LedgerError
from integration.sms.texter import Texter
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.turns import SLICE_SECONDS
from services import brakes, continuity, doors, habits, lost_mail, waiting
from services.app import App
from services.batch import Batch
from services.ledger_access import open_ledger
from services.mail_access import open_mailer
from services.plans_and_usage import holding
from services.text_access import open_texter
from store.models import Organisation
from store.queries import chasers, planning, sending
from store.queries.sending import Claimed

BATCH = 40
"""Invoices that are looked up in the ledger by one call."""
_ACCOUNT_PAUSE = timedelta(minutes=10)


def due(app: App) -> list[str]:
    """Organisations with chasers that may leave now."""
    with app.database.read_across() as session:
        return sending.organisations_to_send(session, clock.now())


def send(app: App, organisation_id: str) -> bool:
    """Send what is due of one organisation, for a while. True if more may be due."""
    with app.database.read(organisation_id) as session:
        if not sending.is_due(session, organisation_id, clock.now()):
            return False
        organisation = session.get_one(Organisation, organisation_id)
    live = organisation.chasing == "live" and app.settings.send_mode == "live"
    try:
        mailer = open_mailer(app, organisation_id) if live else None
    except UserError as problem:
        _pause(app, organisation_id, str(problem))
        return False
    try:
        ledger = open_ledger(app, organisation_id, Lane.CHECK)
    except LedgerError:
        return False  # not connected any more: its chasers stay planned
    more = send_with(app, organisation_id, ledger, mailer, open_texter(app) if live else None)
    app.doorbell.ring(doors.PLAN, organisation_id)
    return more


def send_with(
    app: App, organisation_id: str, ledger: Ledger, mailer: Mailer | None, texter: Texter | None = None
) -> bool:
    """Send what is due by this ledger, mailer and texter (None: nothing is to be handed over). True if more may be due."""
    habits.learn(app, organisation_id)
    until = clock.stopwatch() + SLICE_SECONDS
    while clock.stopwatch() < until:
        claim = new_id()
        claimed = _claim(app, organisation_id, claim)
        if not claimed:
            return False
        if not Batch(app, organisation_id, claim, ledger, mailer, until, texter).run(claimed):
            return False
    return True


def _claim(app: App, organisation_id: str, claim: str) -> list[Claimed]:
    """Claim the next batch; what is too late is cancelled, to be planned for the next window."""
    continuity.watch(app, organisation_id)
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        late = sending.expire(session, organisation_id, now)
        planning.look_again(session, organisation_id, [contact_id for _, contact_id, _ in late], now)
        reasons = {chaser_id: waiting.closed_reason(said) for chaser_id, _, said in late}
        chasers.cancel(session, organisation_id, reasons)
        holding.hold_when_over(app, session, organisation, now)
        if brakes.apply(session, organisation, now):
            return []
        claimed = sending.claim(session, organisation_id, now, claim, BATCH)
        claimed = lost_mail.spare(session, organisation, claimed, now)
        organisation.mailings += bool(claimed)
    if claimed:
        continuity.taken_in_hand(app, organisation_id, organisation.mailings)
    return claimed


def _pause(app: App, organisation_id: str, problem: str) -> None:
    with app.database.write(organisation_id) as session:
        waiting.pause(session, organisation_id, problem, clock.now() + _ACCOUNT_PAUSE)
