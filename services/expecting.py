"""Entering promised days into the ledger as the payment dates that it expects: with the discipline of ledger notes.

What is to be entered is stored with the promise. The ledger may have a reason to refuse (a part is paid already, the
period is locked): then the note on the invoice alone tells of the promise. A date that is there already is not
entered again, and after a first try (of this date or of an earlier one) the invoice is read before anything is written
once more. Each try has a key of its own, because a day that is promised there and back again is no repetition.
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
from store.queries import expected_dates as queries
from store.queries.expected_dates import Expected

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)


def due(app: App) -> list[str]:
    """Organisations with dates that may be entered now."""
    with app.database.read_across() as session:
        return queries.organisations_with_dates(session, clock.now())


def write(app: App, organisation_id: str) -> bool:
    """Enter the dates of one organisation. True if more may be due."""
    if organisation_id not in due(app):
        return False
    try:
        ledger = open_ledger(app, organisation_id, Lane.NOTES)
    except LedgerError:
        return False  # not connected any more: they stay pending
    return write_with(app, organisation_id, ledger)


def write_with(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Enter them by this ledger. True if more may be due."""
    until = clock.stopwatch() + SLICE_SECONDS
    while clock.stopwatch() < until:
        now = clock.now()
        with app.database.write(organisation_id) as session:
            expected = queries.claim_next(session, organisation_id, now, now + _CLAIM)
        if expected is None or not _enter(app, organisation_id, ledger, expected):
            return False
    return True


def _enter(app: App, organisation_id: str, ledger: Ledger, expected: Expected) -> bool:
    """Enter one date. False: the ledger takes nothing further now."""
    try:
        with ledger_errors_noted(app, organisation_id):
            if not _is_there(ledger, expected):
                key = f"dunnock-expected-{expected.invoice_id}-{expected.on.isoformat()}-{expected.attempts}"
                ledger.expect_payment(expected.ledger_id, expected.on, idempotency_key=key)
    except (Refused, NotFound) as error:
        return _settle(app, organisation_id, expected, status="refused", problem=str(error))
    except LedgerError as error:
        return _later(app, organisation_id, expected, error)
    return _settle(app, organisation_id, expected, status="written", problem=None, written_at=clock.now())


def _is_there(ledger: Ledger, expected: Expected) -> bool:
    if not expected.attempts:
        return expected.invoice_date == expected.on
    return any(invoice.expected_on == expected.on for invoice in ledger.invoices([expected.ledger_id]))


def _settle(app: App, organisation_id: str, expected: Expected, **values: object) -> bool:
    with app.database.write(organisation_id) as session:
        queries.settle(session, organisation_id, expected, **values)
    return True


def _later(app: App, organisation_id: str, expected: Expected, error: LedgerError) -> bool:
    """Try again after a while; a ledger that is full or away is left alone with the others, too."""
    log.info("a promised day waits to be entered: %s", type(error).__name__)
    at = clock.now() + _pause(expected, error)
    lost = isinstance(error, AnswerLost)
    with app.database.write(organisation_id) as session:
        queries.settle(session, organisation_id, expected, problem=str(error), next_try_at=at)
        if not lost and not isinstance(error, (NeedsReconnect, Disconnected)):
            queries.postpone_all(session, organisation_id, at)
    return lost


def _pause(expected: Expected, error: LedgerError) -> timedelta:
    if isinstance(error, RateLimited):
        return timedelta(seconds=max(error.retry_after, 1.0))
    return min(_FIRST_PAUSE * (1 << min(expected.attempts, 8)), _LONGEST_PAUSE)
