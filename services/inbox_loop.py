"""Works through what the mail provider told us, one thing after the other, each in one transaction.

Whatever is taken is tried a few times at most: a thing that brings the work down comes last the next time
and alone, and is parked in the end, so it holds up nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from kit import clock
from kit.turns import SLICE_SECONDS
from kit.wording import N_
from services.app import App
from store.away import AWAY
from store.queries import mail_inbox
from store.queries.mail_inbox import Waiting

log = logging.getLogger(__name__)

_MOST_ATTEMPTS = 5
_CLAIM_SECONDS = 60.0

Read = TypeVar("Read")


class Unusable(Exception):
    """What arrived can never be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one thing: in words, and the bells (door, id) to ring once it is stored."""

    outcome: str
    bells: tuple[tuple[str, str], ...] = ()
    forget: bool = False
    """What arrived is kept elsewhere now."""


@dataclass(frozen=True, slots=True)
class Work(Generic[Read]):
    """How things of one source are handled: first understood, then applied in a transaction of its own."""

    source: str
    at_once: int
    read: Callable[[bytes], Read]
    apply: Callable[[Session, Waiting, Read, datetime], Done]
    whose: Callable[[App, Read], str | None]
    """Which organisation's rows what was read is about, the only ones that it may touch; None: nobody's."""


def work_through(app: App, work: Work[Any]) -> bool:
    """Handle what waits. True when there is too much of it for one job."""
    until = clock.stopwatch() + SLICE_SECONDS
    while clock.stopwatch() < until:
        with app.database.write_across() as session:
            batch = mail_inbox.claim(
                session, work.source, clock.now(), limit=work.at_once, seconds=_CLAIM_SECONDS
            )
        if not batch:
            return False
        for one in batch:
            _try(app, work, one)
    return True


def _try(app: App, work: Work[Any], one: Waiting) -> None:
    """Handle it; a fault that only this one meets is left to its next try."""
    try:
        _handle(app, work, one)
    except AWAY:
        raise
    except Exception:  # whatever is wrong with one must not keep the others waiting
        log.exception("inbox event %s cannot be handled", one.id)


def _handle(app: App, work: Work[Any], one: Waiting) -> None:
    now = clock.now()
    try:
        if one.attempts > _MOST_ATTEMPTS:
            raise Unusable(N_(f"it was tried {_MOST_ATTEMPTS} times and never came to an end"))
        understood = work.read(one.payload)
    except Unusable as problem:
        with app.database.write_across() as session:
            mail_inbox.finish(session, one.id, N_(f"parked: {problem}"), now)
        return
    organisation_id = work.whose(app, understood)
    database = app.database
    with database.write(organisation_id) if organisation_id else database.write_across() as session:
        done = work.apply(session, one, understood, now)
        mail_inbox.finish(session, one.id, done.outcome, now, forget=done.forget)
    for door, argument in done.bells:
        app.doorbell.ring(door, argument)
