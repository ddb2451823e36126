"""Holds: somebody, or something that came in, stops the chasing of a contact or of one invoice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.resting import HoldKind
from credit_control.words import Day
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import doors, duty, feed, records, team_tasks
from services.app import App
from services.hold_titles import HELD_BECAUSE
from store.models import Hold, Organisation
from store.queries import chasers, customers, holds, mail, planning, sending

_LONGEST_REASON = 1_000
_WORDS = {
    HoldKind.REPLY: N_("the contact has answered"),
    HoldKind.PERSON: N_("a colleague has put this on hold"),
    HoldKind.DISPUTE: N_("the invoice is in dispute"),
    HoldKind.PROMISE: N_("payment is promised"),
    HoldKind.PAID_CLAIM: N_("the customer says that it has paid"),
    HoldKind.BOUNCE: N_("mail to the contact came back"),
    HoldKind.LOST: N_("something was said that is not on record here"),
}


def place(
    app: App,
    organisation_id: str,
    *,
    by: str,
    reason: str,
    kind: str = HoldKind.PERSON,
    contact_id: str | None = None,
    invoice_id: str | None = None,
    until: date | None = None,
    owner_id: str | None = None,
    look_on: date | None = None,
    first: Callable[[Session], None] | None = None,
) -> Hold:
    """Put a contact, or one invoice, on hold, up to and including ``until`` (None: until somebody releases it).

    What was planned for it is cancelled in the same change. ``UserError`` when there is nothing to hold, or its
    owner is no member. ``first`` is done first in the change, and can end it.
    """
    if contact_id is None and invoice_id is None:
        raise UserError(_("Say what to hold: a contact or an invoice."))
    if kind not in _WORDS:
        raise UserError(
            _("A hold is one of %(words)s; “%(kind)s” is none of them.", words=", ".join(_WORDS), kind=kind)
        )
    now = clock.now()
    with app.database.write(organisation_id) as session:
        if first:
            first(session)
        if look_on:
            team_tasks.check_day(session, organisation_id, look_on, now)
        concerned = holds.contact_of(session, organisation_id, contact_id, invoice_id)
        if concerned is None:
            raise UserError(_("There is no such contact or invoice in this organisation."))
        hold = put(
            session,
            organisation_id,
            concerned,
            invoice_id=invoice_id,
            kind=HoldKind(kind),
            reason=reason,
            until=until,
            by=by,
            now=now,
            owner_id=owner_id,
            look_on=look_on,
        )
    for door in (doors.PLAN, doors.NOTES):
        app.soft_doorbell.ring(door, organisation_id)
    return hold


def put(
    session: Session,
    organisation_id: str,
    contact_id: str,
    *,
    kind: HoldKind,
    reason: str,
    by: str,
    now: datetime,
    invoice_id: str | None = None,
    until: date | None = None,
    communication_id: str | None = None,
    owner_id: str | None = None,
    look_on: date | None = None,
) -> Hold:
    """The hold, and the end of what was planned, within the caller's change. The caller rings for planning.

    ``owner_id`` sees to it that it ends (None: whoever looks after the customer), and looks at it again on ``look_on``
    (None: on its last day, or in some working days). A person's own hold is on record and in the ledger's notes; one
    that comes with something else (``communication_id``) is told of there.
    """
    sending.lock_organisation(session, organisation_id)
    planning.look_again(session, organisation_id, [contact_id], now)
    duties = duty.of_hold(
        session, organisation_id, contact_id, now, owner_id=owner_id, look_on=look_on, until=until
    )
    reason = reason.strip()[:_LONGEST_REASON]
    if kind is HoldKind.PERSON and communication_id is None:
        lasts = (
            N_(f"until {Day(until)}") if until else N_(f"to be looked at again on {Day(duties['look_on'])}")
        )
        communication_id = _record(
            session, organisation_id, contact_id, invoice_id, "hold", lasts, reason, by, now
        )
    hold = Hold(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        invoice_id=invoice_id,
        kind=kind.value,
        reason=reason,
        until=until,
        communication_id=communication_id,
        created_by=by,
        created_at=now,
        released_at=None,
        released_by=None,
        **duties,
    )
    session.add(hold)
    session.flush()
    lasting = f" until {Day(until)}" if until else ""
    _tell(session, hold, feed.EventKind.HOLD_PLACED, HELD_BECAUSE[kind] + lasting, reason, now)
    why = N_(f"Not sent, because {_WORDS[kind]}.")
    chasers.stop(session, organisation_id, why, contact_id=contact_id, invoice_id=invoice_id)
    return hold


def put_once(session: Session, **values: Any) -> bool:
    """A hold of the whole contact that follows from something by its ``id``; False when that was placed before.

    A person may have released it since. The caller ends what was planned, and rings for planning.
    """
    placed = mail.place_hold(session, **values)
    if placed:
        hold = session.get_one(Hold, (values["organisation_id"], values["id"]))
        title = HELD_BECAUSE[HoldKind(hold.kind)]
        _tell(session, hold, feed.EventKind.HOLD_PLACED, title, hold.reason, hold.created_at)
    return placed


def release(app: App, organisation_id: str, hold_id: str, by: str) -> Hold:
    """End a hold; chasing goes on where the rules say. ``UserError`` when there is no such hold in force."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        hold = end(session, organisation_id, hold_id, by=by, now=now)
    for door in (doors.PLAN, doors.NOTES):
        app.soft_doorbell.ring(door, organisation_id)
    return hold


def end(
    session: Session, organisation_id: str, hold_id: str, *, by: str, now: datetime, noted: bool = True
) -> Hold:
    """The end of a hold within the caller's change, who rings for planning and notes. ``UserError`` when none is in force.

    Not ``noted``: what ends it is on record and in the ledger's notes by itself.
    """
    sending.lock_organisation(session, organisation_id)
    hold = holds.in_force(session, organisation_id, hold_id)
    if hold is None:
        raise UserError(_("There is no such hold in force; it may have been released already."))
    holds.release(hold, by, now)
    session.flush()
    team_tasks.finish_about(session, organisation_id, key=f"hold {hold.id}", by=by, now=now)
    planning.look_again(session, organisation_id, [hold.contact_id], now)
    _tell(session, hold, feed.EventKind.HOLD_RELEASED, "Hold released", f"It was: {hold.reason}", now)
    if noted:
        zone = ZoneInfo(session.get_one(Organisation, organisation_id).timezone)
        since = N_(f"on hold since {Day(hold.created_at.astimezone(zone).date())}")
        _record(
            session, organisation_id, hold.contact_id, hold.invoice_id, "release", since, hold.reason, by, now
        )
    return hold


def _tell(session: Session, hold: Hold, kind: feed.EventKind, title: str, text: str, now: datetime) -> None:
    feed.tell(
        session,
        hold.organisation_id,
        kind,
        hold.contact_id,
        title=title,
        text=text,
        invoice_ids=[hold.invoice_id] if hold.invoice_id else [],
        communication_id=hold.communication_id,
        key=hold.id,
        now=now,
    )


def _record(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoice_id: str | None,
    kind: str,
    outcome: str,
    reason: str,
    by: str,
    now: datetime,
) -> str:
    """What a person did, on the timeline and for the ledger; the id of its communication."""
    invoice = customers.invoice(session, organisation_id, invoice_id) if invoice_id else None
    return records.record(
        session,
        organisation_id,
        contact_id,
        [invoice] if invoice else [],
        channel="note",
        kind=kind,
        text=reason,
        by=by,
        now=now,
        outcome=outcome,
    ).id
