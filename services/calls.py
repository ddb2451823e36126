"""A call that somebody made: it stands on the timeline and in the ledger, and its steps are behind the invoices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from credit_control.facts import Action
from services import call_again, finished, promises
from services.promises import Promise
from services.records import record
from store.models import Communication, Invoice, Organisation
from store.queries import sending


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call as it is written down. Where nobody was ``reached``, it stays to be made."""

    outcome: str
    text: str | None = None
    person: str | None = None
    reached: bool = True
    promise: Promise | None = None
    again_on: date | None = None
    """On which day to call again; until then the customer is not on the worklist."""


def record_call(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoices: Collection[Invoice],
    call: MadeCall,
    *,
    by: str,
    now: datetime,
) -> Communication:
    """Write a call down within the caller's change, who rings for planning and notes. ``UserError`` for a promise that is none.

    Without invoices it is about all for which a call is due.
    """
    sending.lock_organisation(session, organisation.id)
    said = f"{call.text or ''}"
    if call.again_on:
        call_again.check(call.again_on, organisation, now)
        said = f"To be called again on {call_again.day(call.again_on)}. {said}".strip()
    if call.promise:
        promises.check(call.promise, organisation, now)
        said = f"Promised {call.promise.text}. {said}".strip()
    entry = record(
        session,
        organisation.id,
        contact_id,
        invoices,
        channel="call",
        text=said or None,
        by=by,
        now=now,
        outcome=call.outcome,
        to=call.person,
        reached=call.reached,
    )
    ids = [invoice.id for invoice in invoices]
    if call.reached:
        finished.finish(session, organisation.id, contact_id, ids, Action.CALL, entry.id, now)
    call_again.settle(session, organisation, contact_id, call.again_on, entry, by=by, now=now)
    if call.promise:
        promises.keep(
            session,
            organisation,
            contact_id,
            ids,
            call.promise,
            by=by,
            now=now,
            communication_id=entry.id,
        )
    return entry
