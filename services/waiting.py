"""Chasers that have to wait: from when they may leave after all, and how their rows say so.

While sending pauses (the cap is reached, the ledger is silent, the mail provider takes nothing), whatever
would be due sooner is planned for the first moment inside the sending window after the pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.calendar import next_slot
from kit import clock
from store.facts import policy_of
from store.models import Organisation
from store.queries import sending

CLOSED = "The sending window closed before it could leave."
_LATE = "The sending window closed before it could leave, so it waits for the next one."
_NEXT = "It waits for the next sending window."


@dataclass(frozen=True, slots=True)
class Wait:
    """When what waits may leave, as UTC instants, and why not sooner."""

    not_before: datetime
    not_after: datetime
    reason: str


def wait_of(organisation: Organisation, now: datetime) -> Wait | None:
    """What the organisation's pause means to a chaser that would be due sooner; None: sending does not pause."""
    until = organisation.retry_sending_at
    if until is None or until <= now:
        return None
    return _wait(organisation, organisation.sending_problem or "", until, now)


def pause(session: Session, organisation_id: str, problem: str, until: datetime) -> None:
    """Nothing is tried before ``until``, for the reason given, and what is due sooner is planned for then."""
    organisation = sending.lock_organisation(session, organisation_id)
    sending.pause_sending(session, organisation_id, problem, until)
    _postpone(session, organisation_id, _wait(organisation, problem, until, clock.now()))


def rest(session: Session, organisation_id: str, problem: str, until: datetime) -> None:
    """Nothing is tried before ``until``; for so short a time everything stays planned as it is."""
    sending.lock_organisation(session, organisation_id)
    sending.pause_sending(session, organisation_id, problem, until)


def join(session: Session, organisation_id: str) -> None:
    """What has just come back to planned waits with the others, if sending pauses."""
    if wait := wait_of(sending.lock_organisation(session, organisation_id), clock.now()):
        _postpone(session, organisation_id, wait)


def closed_reason(said: str | None) -> str:
    """Why a chaser is cancelled whose window has closed, with what its row said kept it back."""
    return f"{CLOSED} {_cause(said)}".rstrip()


def is_closed(reason: str | None) -> bool:
    """Whether a chaser was cancelled because its window had closed."""
    return (reason or "").startswith(CLOSED)


def late_reason(said: str | None) -> str:
    """Why a chaser whose window has closed waits, with what its row said kept it back."""
    return f"{_LATE} {_cause(said)}".rstrip()


def _cause(said: str | None) -> str:
    """What a row says beside the words of this module, so that they do not pile up from day to day."""
    cause = said or ""
    for words in (CLOSED, _LATE, _NEXT):
        cause = cause.removeprefix(words).lstrip()
    return cause


def _wait(organisation: Organisation, problem: str, until: datetime, now: datetime) -> Wait:
    window = policy_of(organisation).window
    slot = next_slot(window, until)
    reason = problem if slot == next_slot(window, now) else f"{_NEXT} {problem}".rstrip()
    return Wait(max(until, slot.opens), slot.closes, reason)


def _postpone(session: Session, organisation_id: str, wait: Wait) -> None:
    session.flush()  # rows just changed in this session are to wait as well
    sending.postpone(session, organisation_id, wait.not_before, wait.not_after, wait.reason)
