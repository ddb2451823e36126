"""Good, watch or on stop: what sales reads, who decided it, and putting a customer on watch."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from services import doors
from services.credit import watches
from services.credit.accounts import history, statuses
from store.queries import account_watches, customers
from web.api import asked_credit as asked
from web.api.caller import Caller
from web.api.shapes.credit import AccountChange, AccountProposal, AccountState


def show_account_status(caller: Caller, session: Session, id_: str) -> AccountState:
    """Whether a contact is good, on watch or on stop, what a rule proposes, and every change, the newest first."""
    _check(caller, session, id_)
    return _told(caller, session, id_)


def put_on_watch(caller: Caller, session: Session, id_: str, body: asked.Watch) -> AccountState:
    """Put a contact on watch; one that is stays so. Noted in the ledger and shown in its group “On watch”."""
    _check(caller, session, id_)
    watches.watch(session, caller.organisation_id, id_, reason=body.reason, by=caller.name, now=caller.now)
    caller.ring_later(doors.ACCOUNT_STOPS, doors.NOTES)
    return _told(caller, session, id_)


def end_watch(caller: Caller, session: Session, id_: str, body: asked.Watch) -> AccountState:
    """Take a contact off watch, and say why."""
    _check(caller, session, id_)
    watches.end(session, caller.organisation_id, id_, why=body.reason, by=caller.name, now=caller.now)
    caller.ring_later(doors.ACCOUNT_STOPS, doors.NOTES)
    return _told(caller, session, id_)


def _check(caller: Caller, session: Session, contact_id: str) -> None:
    if customers.contact(session, caller.organisation_id, contact_id) is None:
        abort(404, "There is no such contact.")


def _told(caller: Caller, session: Session, contact_id: str) -> AccountState:
    session.flush()
    watched = account_watches.standing(session, caller.organisation_id, [contact_id]).get(contact_id)
    proposed = watched if watched and watched.status == account_watches.PROPOSED else None
    return AccountState(
        contact_id=contact_id,
        account_status=statuses(session, caller.organisation_id, [contact_id])[contact_id].value,
        proposed=AccountProposal(why=proposed.reason, at=proposed.created_at) if proposed else None,
        changes=[
            AccountChange(at=one.at, by=one.by, before=one.before.value, after=one.after.value, why=one.why)
            for one in history(session, caller.organisation_id, contact_id)
        ],
    )
