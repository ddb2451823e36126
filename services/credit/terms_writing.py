"""Writing accepted payment terms to the ledger's contacts: looked at first, written once, noted, and tried again.

The look before writing finds what somebody changed in the ledger since the proposal, which is not written over, and what
a write that was cut off has done already, which is not done again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.credit.payment_terms import PaymentTerms
from integration.ledger import (
    BookingLedger,
    LedgerContact,
    LedgerError,
    LedgerTerms,
    NotFound,
    RateLimited,
    Refused,
)
from kit import clock
from kit.wording import N_
from services import records
from services.account_groups import AT_ONCE
from services.app import App
from services.credit import terms_words
from services.mirror.write import store_contacts
from store.models import CreditProposal
from store.queries import credit_proposals as queries
from store.queries import customers

_PAUSE = timedelta(minutes=5)
_ERASED = "ERASED"
_GONE = N_("Xero does not know this customer any more.")
_CHANGED = N_("The terms were changed in Xero meanwhile, so nothing was written over them.")


def due(session: Session, now: datetime) -> list[str]:
    """Organisations where accepted terms are to be written."""
    return queries.organisations_unwritten(session, now)


def write(app: App, organisation_id: str, ledger: BookingLedger) -> None:
    """Write what was accepted, a few contacts at a time; one look at the ledger for all of them."""
    now = clock.now()
    with app.database.read(organisation_id) as session:
        rows = list(queries.unwritten(session, organisation_id, now, AT_ONCE))
        known = customers.contacts(session, organisation_id, {row.contact_id for row in rows})
    if not rows:
        return
    fresh = ledger.contacts(sorted({known[row.contact_id].ledger_id for row in rows}))
    with app.database.write(organisation_id) as session:
        store_contacts(session, organisation_id, fresh, now)
    there = {one.id.lower(): one for one in fresh}
    for row in rows:
        whose = known[row.contact_id]
        contact = there.get(whose.ledger_id.lower()) if whose.status != _ERASED else None
        problem = _write(ledger, row, contact)
        _keep(app, row, problem)
        if problem is None and contact:  # a second row of the same customer finds what the first has written
            there[contact.id.lower()] = _with_terms(contact, row)


def put_off(session: Session, organisation_id: str, error: LedgerError, now: datetime) -> None:
    """What could not be written is tried again after a while."""
    pause = timedelta(seconds=max(error.retry_after, 1.0)) if isinstance(error, RateLimited) else _PAUSE
    for row in queries.unwritten(session, organisation_id, now, AT_ONCE):
        row.next_try_at, row.problem, row.attempts = now + pause, str(error), row.attempts + 1


def _write(ledger: BookingLedger, row: CreditProposal, contact: LedgerContact | None) -> str | None:
    """Why it was not written for good; None: the ledger has the terms. Other ``LedgerError`` go on to the caller."""
    wanted, before = terms_words.terms_in(row.terms), terms_words.terms_in(row.terms_before)
    if contact is None or wanted is None:
        return _GONE
    terms = None if contact.terms is None else PaymentTerms(contact.terms.kind, contact.terms.days)
    if terms == wanted:
        return None
    if terms != before:
        return _CHANGED
    try:
        ledger.set_terms(
            contact.id,
            LedgerTerms(wanted.kind, wanted.days),
            bill_terms=contact.bill_terms,
            idempotency_key=f"dunnock-terms-{row.id}-{row.attempts}",
        )
    except (Refused, NotFound) as error:
        return str(error)
    return None


def _keep(app: App, row: CreditProposal, problem: str | None) -> None:
    """What came of it, with the note, in one change."""
    now = clock.now()
    with app.database.write(row.organisation_id) as session:
        kept = queries.by_id(session, row.organisation_id, row.id)
        if kept is None or not kept.write_pending:
            return
        kept.write_pending, kept.problem = False, problem
        contact = customers.contact(session, kept.organisation_id, kept.contact_id)
        wanted = terms_words.terms_in(kept.terms)
        if problem is not None or contact is None or wanted is None:
            return
        kept.written_at = now
        contact.terms_kind, contact.terms_days = wanted.kind, wanted.days
        session.flush()
        before = terms_words.terms_said(terms_words.terms_in(kept.terms_before))
        records.record(
            session,
            kept.organisation_id,
            kept.contact_id,
            [],
            channel="note",
            kind="ledger_terms",
            text=kept.why,
            by=kept.decided_by or "",
            now=now,
            outcome=N_(f"from “{before}” to “{terms_words.terms_said(wanted)}”"),
        )


def _with_terms(contact: LedgerContact, row: CreditProposal) -> LedgerContact:
    wanted = terms_words.terms_in(row.terms)
    return replace(contact, terms=LedgerTerms(wanted.kind, wanted.days)) if wanted else contact
