"""What comes next to customers, the same wherever it is said: the queue's next mail, or else what a person is asked for.

What the queue foresees is stored (``services.foresight``) and read from there; of the few of which nothing is stored that
holds just now, the rules are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.facts import Action
from credit_control.tasks import asked_since
from kit.wording import N_
from services import foresight
from services.books import Desk
from services.foresight import Coming
from store.queries import foresights

_ASKED = {Action.CALL: N_("Call"), Action.LETTER: N_("Letter"), Action.REVIEW: N_("Review")}


@dataclass(frozen=True, slots=True)
class ComingNext:
    """A mail with the moment at which it is to leave, or what a person is to do, which is now."""

    step: str
    """The name of the mail's step; of what a person is to do, its kind."""
    at: datetime | None
    """None: as soon as somebody does it, or says yes to it."""
    by_person: bool = False


def next_of(session: Session, desk: Desk, contact_ids: Sequence[str], now: datetime) -> dict[str, ComingNext]:
    """What comes next to those of these customers to whom anything does."""
    basis = foresight.basis_of(desk)
    held = foresights.held(session, desk.organisation.id, basis, now, contact_ids)
    found = {
        key: _next(one.step, one.at, [Action(each) for each in one.asks], now) for key, one in held.items()
    }
    unknown = [key for key in contact_ids if key not in held]
    for one in foresight.coming(session, desk, unknown, now) if unknown else ():
        found[one.book.contact.id] = next_in(one, now)
    return {key: following for key, following in found.items() if following is not None}


def next_in(coming: Coming, now: datetime) -> ComingNext | None:
    """The same of what was just foreseen of one customer; None: nothing comes."""
    first = min(coming.mails, key=lambda one: one.planned_for, default=None)
    asks = list(asked_since(coming.book, coming.decision))
    return _next(first.step_name if first else None, first.planned_for if first else None, asks, now)


def _next(step: str | None, at: datetime | None, asks: Sequence[Action], now: datetime) -> ComingNext | None:
    """A moment that is over is never said to come: what was to leave then waits for a person, or leaves any minute."""
    if step is not None:
        return ComingNext(step, at if at and at > now else None)
    kind = next((one for one in _ASKED if one in asks), None)
    return ComingNext(_ASKED[kind], None, by_person=True) if kind else None
