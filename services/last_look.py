"""The last look: the ledger is read again, at most a minute before a chaser leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from integration.ledger import Ledger, LedgerContact
from kit import clock
from kit.wording import N_
from services import carried_stops
from services.app import App
from services.mirror.write import store_contacts, store_credits, store_invoices, store_quotes
from services.occasions import quotes
from store.ids import document_id
from store.queries import sending
from store.queries.sending import Claimed

FRESH = timedelta(seconds=60)
_IDS_A_CALL = 40

_Document = TypeVar("_Document")


def look(
    app: App, ledger: Ledger, organisation_id: str, claim: str, claimed: Sequence[Claimed]
) -> dict[str, str]:
    """Read invoices, contacts, credits and quotes of these chasers into the mirror. ``LedgerError`` when it does not answer.

    Returns the chasers of which the ledger did not show everything, with a sentence each.
    """
    asked_at = clock.now()
    invoices = _in_parts(ledger.invoices, [one.ledger_id for chaser in claimed for one in chaser.invoices])
    contacts = _in_parts(ledger.contacts, [chaser.contact_ledger_id for chaser in claimed])
    open_credits = ledger.open_credits()
    offered, gone = quotes.look_at(app, ledger, organisation_id, claimed)
    with app.database.write(organisation_id) as session:
        store_contacts(session, organisation_id, contacts, asked_at)
        carried_stops.carry(session, organisation_id, _own_ids(organisation_id, contacts), asked_at)
        store_invoices(session, organisation_id, invoices, asked_at)
        store_credits(session, organisation_id, open_credits, asked_at, complete=True)
        store_quotes(session, organisation_id, offered, asked_at, is_news=True)
        sending.checked(session, organisation_id, claim, [one.id for one in claimed], asked_at, clock.now())
    seen = {one.id.lower() for one in invoices} | {one.id.lower() for one in contacts}
    return gone | {chaser.id: missing for chaser in claimed if (missing := _missing(chaser, seen))}


def _own_ids(organisation_id: str, contacts: Sequence[LedgerContact]) -> list[str]:
    return [document_id(organisation_id, one.id) for one in contacts]


def is_fresh(checked_at: datetime | None, now: datetime) -> bool:
    """Whether a look is recent enough to send by. One from the future means that a clock was moved."""
    return checked_at is not None and timedelta() <= now - checked_at <= FRESH


def _in_parts(read: Callable[[Sequence[str]], list[_Document]], ids: Sequence[str]) -> list[_Document]:
    distinct = list(dict.fromkeys(ids))
    return [
        document
        for start in range(0, len(distinct), _IDS_A_CALL)
        for document in read(distinct[start : start + _IDS_A_CALL])
    ]


def _missing(chaser: Claimed, seen: set[str]) -> str | None:
    lost = [one.number for one in chaser.invoices if one.ledger_id.lower() not in seen]
    if lost:
        return N_(
            f"Asked just before sending, the ledger did not show {', '.join(lost)}; so nothing was sent."
        )
    if chaser.contact_ledger_id.lower() not in seen:
        return N_("Asked just before sending, the ledger did not show the contact; so nothing was sent.")
    return None
