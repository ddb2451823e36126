"""Stopping a customer's account, and lifting that."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from services import account_stops, doors
from store.queries import account_stops as queries
from store.queries import customers
from web.api import asked_late_payment as asked
from web.api import late_payment_shapes as shapes
from web.api.caller import Caller

_NONE_SUCH = "There is no such contact."


def stop_account(caller: Caller, session: Session, id_: str, body: asked.StopAccount) -> shapes.AccountStop:
    """Stop a contact's account; one that is stopped already stays as it is. Noted in the ledger and its group."""
    _check(caller, session, id_)
    account_stops.stop(
        session, caller.organisation_id, id_, reason=body.reason, by=caller.name, now=caller.now
    )
    caller.ring_later(doors.ACCOUNT_STOPS, doors.NOTES)
    return _told(caller, session, id_)


def lift_stop(caller: Caller, session: Session, id_: str) -> shapes.AccountStop:
    """Lift the stop of a contact's account, or drop a warning before its day."""
    _check(caller, session, id_)
    account_stops.lift(session, caller.organisation_id, id_, by=caller.name, now=caller.now)
    caller.ring_later(doors.ACCOUNT_STOPS, doors.NOTES)
    return _told(caller, session, id_)


def _check(caller: Caller, session: Session, contact_id: str) -> None:
    if customers.contact(session, caller.organisation_id, contact_id) is None:
        abort(404, _NONE_SUCH)


def _told(caller: Caller, session: Session, contact_id: str) -> shapes.AccountStop:
    session.flush()
    row = queries.standing(session, caller.organisation_id, [contact_id]).get(contact_id)
    stopped = row is not None and row.status == queries.STOPPED
    return shapes.AccountStop(
        contact_id=contact_id,
        on_stop=stopped,
        since=row.stopped_at if row else None,
        stops_on=row.stop_on if row and not stopped else None,
        reason=row.reason if row else None,
        by=row.created_by if row else None,
    )
