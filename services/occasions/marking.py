"""Marking invoices as sent in the ledger, once their mail has left: with the discipline of ledger notes.

What is to be marked is stored with the mail's end. After a lost answer the invoice is read before anything is
written again.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from integration.ledger import (
    AnswerLost,
    Disconnected,
    Lane,
    Ledger,
    LedgerError,
    NeedsReconnect,
    NotFound,
    RateLimited,
    Refused,
)
from kit import clock
from kit.turns import SLICE_SECONDS
from services.app import App
from services.ledger_access import ledger_errors_noted, open_ledger
from store.queries import sent_marks as queries
from store.queries.sent_marks import Mark

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)


def due(app: App) -> list[str]:
    """Organisations with invoices that may be marked now."""
    with app.database.read_across() as session:
        return queries.organisations_with_marks(session, clock.now())


def write(app: App, organisation_id: str) -> bool:
    """Mark the invoices of one organisation. True if more may be due."""
    if organisation_id not in due(app):
        return False
    try:
        ledger = open_ledger(app, organisation_id, Lane.NOTES)
    except LedgerError:
        return False  # not connected any more: they stay pending
    return write_with(app, organisation_id, ledger)


def write_with(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Mark them by this ledger. True if more may be due."""
    until = clock.stopwatch() + SLICE_SECONDS
    while clock.stopwatch() < until:
        now = clock.now()
        with app.database.write(organisation_id) as session:
            mark = queries.claim_next(session, organisation_id, now, now + _CLAIM)
        if mark is None or not _mark(app, organisation_id, ledger, mark):
            return False
    return True


def _mark(app: App, organisation_id: str, ledger: Ledger, mark: Mark) -> bool:
    """Mark one invoice. False: the ledger takes nothing further now."""
    try:
        with ledger_errors_noted(app, organisation_id):
            if not (mark.unsure and _is_marked(ledger, mark)):
                ledger.mark_as_sent(mark.ledger_id, idempotency_key=f"dunnock-sent-{mark.invoice_id}")
    except (Refused, NotFound) as error:
        return _settle(app, organisation_id, mark, status="refused", problem=str(error))
    except LedgerError as error:
        return _later(app, organisation_id, mark, error)
    return _settle(app, organisation_id, mark, status="written", problem=None, written_at=clock.now())


def _is_marked(ledger: Ledger, mark: Mark) -> bool:
    return any(invoice.sent for invoice in ledger.invoices([mark.ledger_id]))


def _settle(app: App, organisation_id: str, mark: Mark, **values: object) -> bool:
    with app.database.write(organisation_id) as session:
        queries.settle(session, organisation_id, mark.invoice_id, **values)
    return True


def _later(app: App, organisation_id: str, mark: Mark, error: LedgerError) -> bool:
    """Try again after a while; a ledger that is full or away is left alone with the others, too."""
    log.info("an invoice waits to be marked as sent: %s", type(error).__name__)
    at = clock.now() + _pause(mark, error)
    lost = isinstance(error, AnswerLost)
    with app.database.write(organisation_id) as session:
        unsure = {} if lost or mark.unsure else {"first_tried_at": None}
        queries.settle(
            session, organisation_id, mark.invoice_id, problem=str(error), next_try_at=at, **unsure
        )
        if not lost and not isinstance(error, (NeedsReconnect, Disconnected)):
            queries.postpone_all(session, organisation_id, at)
    return lost


def _pause(mark: Mark, error: LedgerError) -> timedelta:
    if isinstance(error, RateLimited):
        return timedelta(seconds=max(error.retry_after, 1.0))
    return min(_FIRST_PAUSE * (1 << min(mark.attempts, 8)), _LONGEST_PAUSE)
