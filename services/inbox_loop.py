"""Works through what the mail provider told us, one thing after the other, each in one transaction.

Whatever is taken is tried a few times at most: a thing that brings the work down comes last the next time,
and is parked in the end, so it holds up nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from kit import clock
from services.app import App
from store.queries import mail_inbox
from store.queries.mail_inbox import Waiting

_ROUNDS = 20
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
class Work:
    """How things of one source are handled: first understood, then applied in a transaction of its own."""

    source: str
    door: str
    at_once: int


def work_through(
    app: App,
    work: Work,
    read: Callable[[bytes], Read],
    apply: Callable[[Session, Waiting, Read, datetime], Done],
) -> None:
    """Handle what waits; rings again when there is too much of it for one job."""
    for _ in range(_ROUNDS):
        with app.database.write() as session:
            batch = mail_inbox.claim(
                session, work.source, clock.now(), limit=work.at_once, seconds=_CLAIM_SECONDS
            )
        if not batch:
            return
        for one in batch:
            _handle(app, one, read, apply)
    app.doorbell.ring(work.door)


def _handle(
    app: App,
    one: Waiting,
    read: Callable[[bytes], Read],
    apply: Callable[[Session, Waiting, Read, datetime], Done],
) -> None:
    now = clock.now()
    try:
        if one.attempts > _MOST_ATTEMPTS:
            raise Unusable(f"it was tried {_MOST_ATTEMPTS} times and never came to an end")
        understood = read(one.payload)
    except Unusable as problem:
        with app.database.write() as session:
            mail_inbox.finish(session, one.id, f"Parked: {problem}.", now)
        return
    with app.database.write() as session:
        done = apply(session, one, understood, now)
        mail_inbox.finish(session, one.id, done.outcome, now, forget=done.forget)
    for door, argument in done.bells:
        app.doorbell.ring(door, argument)
