"""A call that somebody made: it stands on the timeline and in the ledger, and its steps are behind the invoices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from credit_control.facts import Action
from kit.wording import N_
from services import call_again, call_owners, finished, promises
from services.promises import Meant, Promise
from services.records import record
from store.models import Communication, Invoice, Organisation
from store.queries import sending

PROMISED: Final = N_("Promised to pay")
OUTCOMES: Final = {
    "promise": PROMISED,
    "query": "Has a question or a complaint",
    "asked": "Wants to look into it",
    "message": "Left a message",
    "nobody": "Nobody reached",
    "other": "Something else",
}
"""What comes of calls, in words that no rule keeps out of the ledger."""
_SPOKE: Final = N_("Somebody was reached")


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

    Without invoices it is about all for which a call is due, and is noted on those that are promised.
    """
    sending.lock_organisation(session, organisation.id)
    ids = [invoice.id for invoice in invoices]
    if call.again_on:
        call_again.check(call.again_on, organisation, now)
    promised = None
    if call.promise:
        promises.check(call.promise, organisation, now)
        promised = promises.meaning_of(session, organisation.id, contact_id, ids, call.promise)
    entry = record(
        session,
        organisation.id,
        contact_id,
        invoices or (promised.invoices if promised else ()),
        channel="call",
        text=_said(call, promised),
        fact=_fact(call, promised),
        by=by,
        now=now,
        outcome=call.outcome,
        to=call.person,
        reached=call.reached,
    )
    if call.reached:
        finished.finish(session, organisation.id, contact_id, ids, Action.CALL, entry.id, now)
    if call.reached or call.again_on:
        call_again.settle(session, organisation, contact_id, call.again_on, entry, by=by, now=now)
    if call.reached and not call.again_on:
        call_owners.made(session, organisation.id, contact_id)
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


def _said(call: MadeCall, promised: Meant | None) -> str | None:
    again = N_(f"To be called again on {call_again.day(call.again_on)}.") if call.again_on else ""
    parts = (N_(f"Promised {promised.text}.") if promised else "", again, call.text or "")
    return " ".join(part for part in parts if part) or None


def _fact(call: MadeCall, promised: Meant | None) -> str:
    """What came of it without a word that somebody chose: a program names the outcome as it likes, so then whether one spoke."""
    spoke = _SPOKE if call.reached else OUTCOMES["nobody"]
    known = call.outcome if call.outcome in OUTCOMES.values() else spoke
    parts = (
        "" if promised and known in (PROMISED, _SPOKE) else known,
        N_(f"Promised to pay {promised.text}") if promised else "",
        N_(f"to be called again on {call_again.day(call.again_on)}") if call.again_on else "",
    )
    return "; ".join(part for part in parts if part)
