"""Entries in the ledger's own invoices (that they were sent, when they are expected to be paid): what all kinds share.

With the discipline of ledger notes. What is to be entered is a row first. It is claimed, entered with no transaction
open, and settled: written, refused with the ledger's own words, or put off. A ledger that is full or away is left alone
with all others of the organisation too; after a lost answer the kind itself says how it looks before it tries again.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

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

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=15)


class Entry(Protocol):
    """One thing to be entered, as it was claimed."""

    @property
    def attempts(self) -> int:
        """How often it was tried before."""


One = TypeVar("One", bound=Entry)


class Entries(ABC, Generic[One]):
    """One kind of entry: what waits, how it is entered, and how the row is settled."""

    what: str
    """What waits, in the words of the log."""

    @abstractmethod
    def organisations(self, session: Session, now: datetime) -> Iterable[str]:
        """Organisations in which something may be entered now."""

    @abstractmethod
    def claim(self, session: Session, organisation_id: str, now: datetime, until: datetime) -> One | None:
        """The next one, which is this worker's until then."""

    @abstractmethod
    def enter(self, ledger: Ledger, one: One) -> None:
        """Enter it, unless it is there already. ``LedgerError``."""

    @abstractmethod
    def settle(self, session: Session, organisation_id: str, one: One, **values: object) -> None:
        """Store what became of it."""

    @abstractmethod
    def postpone_all(self, session: Session, organisation_id: str, at: datetime) -> None:
        """Nothing else of the organisation is tried before this moment either."""

    def after_failure(self, one: One, *, lost: bool) -> dict[str, object]:
        """What is stored beside the pause when the ledger could not be asked."""
        return {}

    def due(self, app: App) -> list[str]:
        """Organisations in which something may be entered now."""
        with app.database.read_across() as session:
            return list(self.organisations(session, clock.now()))

    def write(self, app: App, organisation_id: str) -> bool:
        """Enter what waits in one organisation. True if more may be due."""
        if organisation_id not in self.due(app):
            return False
        try:
            ledger = open_ledger(app, organisation_id, Lane.NOTES)
        except LedgerError:
            return False  # not connected any more: it stays pending
        return self.write_with(app, organisation_id, ledger)

    def write_with(self, app: App, organisation_id: str, ledger: Ledger) -> bool:
        """Enter it by this ledger. True if more may be due."""
        until = clock.stopwatch() + SLICE_SECONDS
        while clock.stopwatch() < until:
            now = clock.now()
            with app.database.write(organisation_id) as session:
                one = self.claim(session, organisation_id, now, now + _CLAIM)
            if one is None or not self._enter(app, organisation_id, ledger, one):
                return False
        return True

    def _enter(self, app: App, organisation_id: str, ledger: Ledger, one: One) -> bool:
        """Enter one. False: the ledger takes nothing further now."""
        try:
            with ledger_errors_noted(app, organisation_id):
                self.enter(ledger, one)
        except (Refused, NotFound) as error:
            settled: dict[str, object] = {"status": "refused", "problem": str(error)}
        except LedgerError as error:
            return self._later(app, organisation_id, one, error)
        else:
            settled = {"status": "written", "problem": None, "written_at": clock.now()}
        with app.database.write(organisation_id) as session:
            self.settle(session, organisation_id, one, **settled)
        return True

    def _later(self, app: App, organisation_id: str, one: One, error: LedgerError) -> bool:
        """Try again after a while; a ledger that is full or away is left alone with the others, too."""
        log.info("%s: %s", self.what, type(error).__name__)
        at = clock.now() + _pause(one, error)
        lost = isinstance(error, AnswerLost)
        more = self.after_failure(one, lost=lost)
        with app.database.write(organisation_id) as session:
            self.settle(session, organisation_id, one, problem=str(error), next_try_at=at, **more)
            if not lost and not isinstance(error, (NeedsReconnect, Disconnected)):
                self.postpone_all(session, organisation_id, at)
        return lost


def _pause(one: Entry, error: LedgerError) -> timedelta:
    if isinstance(error, RateLimited):
        return timedelta(seconds=max(error.retry_after, 1.0))
    return min(_FIRST_PAUSE * (1 << min(one.attempts, 8)), _LONGEST_PAUSE)
