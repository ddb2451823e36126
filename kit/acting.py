"""Who acts: set once for a whole request, command or job, so that whatever is changed on the way knows it.

Nobody hands a name from function to function only to have it noted. A process in which nobody has said anything is
Dunnock itself, at work by its own clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acting:
    """Whoever acts just now, and the way on which they came."""

    name: str
    person_id: str | None
    via: str
    """page, api, command, clock, customer"""
    practice_id: str | None = None
    """The practice as whose staff a person acts; None: for themselves, or no person."""
    address: str | None = None
    """The network address that a request came from."""
    token_id: str | None = None
    """The API token by which it acts."""


DUNNOCK = Acting("Dunnock", None, "clock")
_acting: ContextVar[Acting] = ContextVar("acting", default=DUNNOCK)


def acting() -> Acting:
    """Who acts at this moment; Dunnock itself where nobody else has begun."""
    return _acting.get()


@contextmanager
def acting_as(who: Acting) -> Iterator[None]:
    """Everything within the block is done by them; afterwards by whoever it was before."""
    before = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(before)
