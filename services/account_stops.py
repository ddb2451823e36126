"""Accounts on stop: warned of in a mail, stopped on its day unless what it was about is paid, lifted when it is.

Each change is noted in the ledger and shown in its contact group “On stop”, whose members are set from what stands
here, as often as it takes: putting somebody in twice changes nothing there.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.calendar import local_day, working_day_from
from credit_control.words import Day
from integration.ledger import BookingLedger, Lane, LedgerError
from kit import clock
from kit.errors import UserError
from kit.ids import derived_id, new_id
from kit.wording import N_, _
from services import brakes, doors, records
from services.account_groups import ShownGroup, put_off, set_members
from services.app import App
from services.credit import terms_writing, watches
from services.ledger_access import ledger_errors_noted, open_ledger
from services.mirror.write import store_invoices
from store.asked import spared
from store.facts import policy_of
from store.models import AccountStop, Invoice, Organisation
from store.queries import account_stops as queries
from store.queries import customers, disputes, sending
from store.queries.account_stops import LIFTED, SPARED, STOPPED, WARNED

log = logging.getLogger(__name__)

GROUP = "On stop"
BY_ITSELF = "Dunnock"
LONGEST_REASON = 1_000
_AT_ONCE = 40
_TOLD = {"stop": N_("account on stop"), "lift": N_("account no longer on stop")}
_WHILE_HELD = timedelta(hours=1)
_HELD = N_("It is on hold or in dispute, so the account is not stopped before that has ended.")
_AHEAD = timedelta(hours=14)
"""So far ahead of UTC the earliest clocks on earth are."""


def warned(session: Session, organisation_id: str, communication_id: str, now: datetime) -> None:
    """A mail left: if its step says so, the account is to be stopped on the day that it named. Once for each mail.

    An account that is stopped or warned already stays as it is.
    """
    found = queries.warning_of(session, organisation_id, communication_id)
    if found is None:
        return
    chaser, days = found
    stop_id = derived_id("account stop", communication_id)
    if queries.by_id(session, organisation_id, stop_id) or queries.standing(
        session, organisation_id, [chaser.contact_id]
    ):
        return
    window = policy_of(session.get_one(Organisation, organisation_id)).window
    left_on = local_day(window, chaser.handed_over_at or chaser.sent_at or now)
    queries.add_warning(
        session,
        organisation_id=organisation_id,
        id=stop_id,
        contact_id=chaser.contact_id,
        status=WARNED,
        communication_id=communication_id,
        stop_on=working_day_from(left_on + timedelta(days=days), window.off),  # as the mail says
        reason=N_(f"Not paid after the mail “{chaser.step_name}” of {Day(left_on)}")[:LONGEST_REASON],
        created_by=BY_ITSELF,
        created_at=now,
        next_try_at=now,
    )


def stop(
    session: Session, organisation_id: str, contact_id: str, *, reason: str, by: str, now: datetime
) -> AccountStop:
    """Stop an account by hand; one that is stopped already stays so. ``UserError`` says what is missing."""
    if customers.contact(session, organisation_id, contact_id) is None:
        raise UserError(_("There is no such customer in this organisation."))
    if not reason.strip():
        raise UserError(_("Say why the account is stopped, so that a colleague understands it later."))
    organisation = sending.lock_organisation(session, organisation_id)
    there = queries.standing(session, organisation_id, [contact_id]).get(contact_id)
    if there and there.status == STOPPED:
        return there
    if there:  # a person was quicker than the day of the warning
        there.status, there.lifted_at, there.lifted_by = SPARED, now, by
        session.flush()
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    row = AccountStop(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        status=WARNED,
        stop_on=today,
        reason=reason.strip()[:LONGEST_REASON],
        created_by=by,
        created_at=now,
        next_try_at=now,
        attempts=0,
        group_pending=False,
    )
    session.add(row)
    _stop(session, row, [], by, now)
    return row


def lift(
    session: Session, organisation_id: str, contact_id: str, *, by: str, now: datetime
) -> AccountStop | None:
    """End a stop, or a warning before its day; None: there was neither."""
    sending.lock_organisation(session, organisation_id)
    row = queries.standing(session, organisation_id, [contact_id]).get(contact_id)
    if row:
        _end(session, row, by, now, N_("lifted by hand"))
    return row


def due(app: App) -> list[str]:
    """Organisations where an account is to be stopped or lifted, or the ledger's group is to be set right."""
    now = clock.now()
    with app.database.read_across() as session:
        concerned = queries.organisations_with_work(session, now, (now + _AHEAD).date())
        return sorted({*concerned, *watches.due(session, now), *terms_writing.due(session, now)})


def work(app: App, organisation_id: str) -> bool:
    """Do what is due in one organisation. Never more at once than a few calls."""
    try:
        ledger = open_ledger(app, organisation_id, Lane.NOTES)
    except LedgerError:
        return False  # not connected any more: nothing is stopped by what cannot be asked
    return work_with(app, organisation_id, ledger)


def work_with(app: App, organisation_id: str, ledger: BookingLedger) -> bool:
    """Do what is due with this ledger."""
    _lift_settled(app, organisation_id)
    try:
        with ledger_errors_noted(app, organisation_id):
            _stop_due(app, organisation_id, ledger)
            set_members(app, organisation_id, ledger, _SHOWN)
            watches.show(app, organisation_id, ledger)
            terms_writing.write(app, organisation_id, ledger)
    except LedgerError as error:
        log.info("accounts of %s wait: %s", organisation_id, type(error).__name__)
        _wait(app, organisation_id, error)
    app.doorbell.ring(doors.NOTES, organisation_id)
    return False


def _lift_settled(app: App, organisation_id: str) -> None:
    now = clock.now()
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        for row in queries.settled(session, organisation_id):
            _end(session, row, BY_ITSELF, now, N_("lifted, because what it was about is settled"))


def _stop_due(app: App, organisation_id: str, ledger: BookingLedger) -> None:
    """Stop whose day has come, after the ledger was asked again what is open."""
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        today = clock.today(organisation.timezone)
        if organisation.chasing != "live":
            return  # switching chasing off is a person's word that nothing happens by itself
        brake = brakes.at_hand_over(session, organisation, clock.now())
        rows = queries.warnings_due(session, organisation_id, today, clock.now())[:_AT_ONCE]
        about = [
            invoice.ledger_id
            for row in rows
            for invoice in queries.invoices_of(session, organisation_id, row.communication_id or "")
        ]
    if not rows:
        return
    if brake:  # books that lag, say, are no ground to stop anybody
        _rest(app, organisation_id, today, brake.text)
        return
    asked_at = clock.now()
    fresh = ledger.invoices(list(dict.fromkeys(about)))
    seen = {one.id.lower() for one in fresh}
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        store_invoices(session, organisation_id, fresh, asked_at)
        for row in queries.warnings_due(session, organisation_id, today, clock.now())[:_AT_ONCE]:
            invoices = queries.invoices_of(session, organisation_id, row.communication_id or "")
            if any(one.ledger_id.lower() not in seen for one in invoices):
                continue  # what the ledger did not show cannot be a reason to stop anybody
            still_open = [one for one in invoices if one.status == "AUTHORISED" and one.amount_due > 0]
            in_dispute = disputes.of_invoices(session, organisation_id, still_open)
            left_alone = in_dispute.keys() | spared(session, organisation_id, still_open, today)
            undisputed = [one for one in still_open if one.id not in left_alone]
            if still_open and (not undisputed or _all_held(session, row, undisputed, today)):
                row.next_try_at, row.problem = clock.now() + _WHILE_HELD, _HELD
            elif still_open:
                _stop(session, row, undisputed, BY_ITSELF, clock.now())
            else:
                _end(session, row, BY_ITSELF, clock.now(), N_("not stopped, because it is settled"))


def _rest(app: App, organisation_id: str, today: date, why: str) -> None:
    """Warnings whose day has come wait for an hour."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        for row in queries.warnings_due(session, organisation_id, today, now):
            row.next_try_at, row.problem = now + _WHILE_HELD, why


def _all_held(session: Session, row: AccountStop, invoices: list[Invoice], today: date) -> bool:
    """Whether the customer has answered, disputes, or is on hold otherwise: then nobody stops it by a clock."""
    found = customers.holds_of(session, row.organisation_id, [row.contact_id], today)[row.contact_id]
    held = {hold.invoice_id for hold in found}
    return None in held or {one.id for one in invoices} <= held


class _Stops:
    """The rows of the group “On stop”."""

    untold = staticmethod(queries.untold)
    by_id = staticmethod(queries.by_id)

    @staticmethod
    def members(session: Session, organisation_id: str, contact_ids: Collection[str]) -> set[str]:
        rows = queries.standing(session, organisation_id, contact_ids).values()
        return {row.contact_id for row in rows if row.status == STOPPED}


_SHOWN = ShownGroup(GROUP, "dunnock-stop", "dunnock-group", _Stops())


def _wait(app: App, organisation_id: str, error: LedgerError) -> None:
    """What could not be done is tried again after a while."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        today = clock.today(session.get_one(Organisation, organisation_id).timezone)
        waiting = {row.id: row for row in queries.untold(session, organisation_id, now, _AT_ONCE)}
        waiting |= {row.id: row for row in queries.warnings_due(session, organisation_id, today, now)}
        put_off([*waiting.values(), *watches.untold(session, organisation_id, now)], error, now)
        terms_writing.put_off(session, organisation_id, error, now)


def _stop(session: Session, row: AccountStop, invoices: list[Invoice], by: str, now: datetime) -> None:
    row.status, row.stopped_at, row.problem = STOPPED, now, None
    _tell(session, row, invoices, "stop", row.reason, by, now)


def _end(session: Session, row: AccountStop, by: str, now: datetime, how: str) -> None:
    """Lift a stop, or drop a warning before its day."""
    was_stopped = row.status == STOPPED
    row.status = LIFTED if was_stopped else SPARED
    row.lifted_at, row.lifted_by = now, by
    if was_stopped:
        _tell(session, row, [], "lift", how, by, now)


def _tell(
    session: Session, row: AccountStop, invoices: list[Invoice], kind: str, why: str, by: str, now: datetime
) -> None:
    """On the timeline, in the ledger's notes and, when its turn comes, in the ledger's group."""
    row.group_pending, row.attempts, row.next_try_at = True, 0, now
    session.flush()
    records.record(
        session,
        row.organisation_id,
        row.contact_id,
        invoices,
        channel="note",
        kind=kind,
        text=why,
        by=by,
        now=now,
        outcome=_TOLD[kind],
    )
