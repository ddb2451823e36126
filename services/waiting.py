"""Chasers that have to wait: from when they may leave after all, and how their rows say so.

While sending pauses (the cap is reached, the ledger is silent, the mail provider takes nothing), whatever
would be due sooner is planned for the end of the pause, or for its place in the next sending window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.calendar import next_slot
from credit_control.facts import Office, SendingWindow
from credit_control.timing import place_in, window_for
from kit import clock
from kit.wording import N_
from store.facts import policy_of
from store.models import Organisation
from store.queries import sending
from store.queries.sending import TooLate

CLOSED = N_("The sending window closed before it could leave.")
_LATE = N_("The sending window closed before it could leave, so it waits for the next one.")
_NEXT = N_("It waits for the next sending window.")


_NEXT_TRY_WITHIN = timedelta(minutes=2)
"""After a pause, what is due is tried within this time."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause: until when (UTC), and why."""

    until: datetime
    problem: str


def wait_of(organisation: Organisation, now: datetime) -> Wait | None:
    """The organisation's pause, which concerns every chaser that would be due sooner; None: sending does not pause."""
    until = organisation.retry_sending_at
    if until is None or until <= now:
        return None
    return Wait(until, organisation.sending_problem or "")


def problem_of(organisation: Organisation, now: datetime) -> str | None:
    """What keeps mails from leaving, as people are told; None: nothing does any more, so far as is known.

    Nothing looks again while nothing is due. So what was said at the last try stands up to the next, and not until a
    mail leaves: in a dry run none ever does.
    """
    until = organisation.retry_sending_at
    return organisation.sending_problem if until and now < until + _NEXT_TRY_WITHIN else None


def after(
    wait: Wait, window: SendingWindow, contact_id: str, office: Office | None, not_after: datetime
) -> tuple[datetime, datetime, str]:
    """From when to when a chaser may leave that a pause concerns, and why; ``not_after`` is when its slot closes.

    What misses its own slot has its place in the next one, in which it does not leave before the pause is over.
    """
    if wait.until < not_after:
        return wait.until, not_after, wait.problem
    own = window_for(window, office)
    slot = next_slot(own, wait.until)
    place = place_in(slot, own, contact_id)
    return max(wait.until, place), slot.closes, f"{_NEXT} {wait.problem}".rstrip()


def pause(session: Session, organisation_id: str, problem: str, until: datetime) -> None:
    """Nothing is tried before ``until``, for the reason given, and what is due sooner is planned for then."""
    organisation = sending.lock_organisation(session, organisation_id)
    sending.pause_sending(session, organisation_id, problem, until)
    _postpone(session, organisation, Wait(until, problem))


def rest(session: Session, organisation_id: str, problem: str, until: datetime) -> None:
    """Nothing is tried before ``until``; for so short a time everything stays planned as it is."""
    sending.lock_organisation(session, organisation_id)
    sending.pause_sending(session, organisation_id, problem, until)


def put_off(session: Session, organisation_id: str, chaser_id: str, problem: str, until: datetime) -> None:
    """This chaser alone is not tried before ``until``; one whose slot closes before has its place in the next."""
    organisation = sending.lock_organisation(session, organisation_id)
    session.flush()
    its_slot = sending.slot_of(session, organisation_id, chaser_id, until)
    _plan_anew(session, organisation, Wait(until, problem), its_slot)


def join(session: Session, organisation_id: str) -> None:
    """What has just come back to planned waits with the others, if sending pauses."""
    organisation = sending.lock_organisation(session, organisation_id)
    if wait := wait_of(organisation, clock.now()):
        _postpone(session, organisation, wait)


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


def _postpone(session: Session, organisation: Organisation, wait: Wait) -> None:
    session.flush()  # rows just changed in this session are to wait as well
    sending.postpone(session, organisation.id, wait.until, wait.problem)
    _plan_anew(session, organisation, wait, sending.too_late(session, organisation.id, wait.until))


def _plan_anew(session: Session, organisation: Organisation, wait: Wait, chasers: Iterable[TooLate]) -> None:
    window = policy_of(organisation).window
    anew = {one.id: after(wait, window, one.contact_id, one.office, one.not_after) for one in chasers}
    sending.put_off(session, organisation.id, anew)
