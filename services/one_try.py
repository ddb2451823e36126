"""One try at handing over what waits in an outbox of mails or texts beside chasers, and when the next one is.

Whatever surely did not leave is tried again, later each time, for two days. What may have left is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.orm import Session

from credit_control.brakes import Kind
from integration.email.mailer import Mail, MailAccountProblem, Mailer, MailPostponed, MailRefused, MailUnsure
from integration.sms.texter import (
    NumberStopped,
    TextAccountProblem,
    Texter,
    TextMessage,
    TextPostponed,
    TextRefused,
    TextUnsure,
)
from services import brakes
from store.models import Organisation

PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_MOST_DOUBLINGS = 6
"""An hour is reached by then, and who tries for two days tries oftener than a length of time can be doubled."""
GIVEN_UP_AFTER: Final = timedelta(days=2)
ABANDONED_AFTER: Final = timedelta(minutes=10)
"""Whoever has not told the end of a hand-over by then tells it no more."""
_STOPPED = frozenset({Kind.STOP, Kind.STOP_ALL})


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a try. ``pending``: it surely did not leave; ``unknown``: nobody said whether it was taken."""

    status: Literal["sent", "refused", "pending", "unknown"]
    problem: str = ""
    """What the provider said against it."""
    pause: timedelta = PAUSE
    """For so long at least nothing is tried."""
    provider_id: str = ""
    number_stopped: bool = False
    """The number takes no texts any more."""


def by_mail(mailer: Mailer, mail: Mail) -> Tried:
    """Hand a mail over, once."""
    try:
        return Tried("sent", provider_id=mailer.send(mail))
    except MailRefused as error:
        return Tried("refused", str(error))
    except MailPostponed as error:
        return Tried("pending", str(error), timedelta(seconds=error.retry_after))
    except MailAccountProblem as error:
        return Tried("pending", str(error), LONGEST_PAUSE)
    except MailUnsure:
        return Tried("unknown")


def by_text(texter: Texter, text: TextMessage) -> Tried:
    """Hand a text message over, once."""
    try:
        return Tried("sent", provider_id=texter.send(text))
    except TextRefused as error:
        return Tried("refused", str(error), number_stopped=isinstance(error, NumberStopped))
    except TextPostponed as error:
        return Tried("pending", str(error), timedelta(seconds=error.retry_after))
    except TextAccountProblem as error:
        return Tried("pending", str(error), LONGEST_PAUSE)
    except TextUnsure:
        return Tried("unknown")


def next_at(now: datetime, pause: timedelta, attempts: int) -> datetime:
    """When it is tried again after so many tries: later each time, and not before the pause is over."""
    return now + max(pause, min(PAUSE * (1 << min(attempts, _MOST_DOUBLINGS)), LONGEST_PAUSE))


def stopped_by(session: Session, organisation: Organisation, now: datetime) -> str | None:
    """The switch that stops all mail just now, in words; other brakes hold chasers alone."""
    return next(
        (one.text for one in brakes.in_force(session, organisation, now) if one.kind in _STOPPED), None
    )
