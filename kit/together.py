"""Work that several threads bring at the same time, done by one of them for all in one go.

Whoever comes while nobody is at work begins at once; whoever comes meanwhile is taken along the next time. So
one alone waits for nobody, and many share what is dear: a commit, which waits for the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class TookTooLong(Exception):
    """The work was not done in time; if it was begun, it may still come to its end."""


@dataclass(eq=False, slots=True)
class _Ticket(Generic[Item, Result]):
    item: Item
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: Exception | None = None


class Together(Generic[Item, Result]):
    """Gathers items and has them worked on together."""

    def __init__(self, patience: float, apart: type[Exception]) -> None:
        """``patience``: seconds that an item waits for its turn. ``apart``: errors that one item may cause for all."""
        self._patience = patience
        self._apart = apart
        self._waiting: list[_Ticket[Item, Result]] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def bring(self, item: Item, work: Callable[[Sequence[Item]], Result]) -> Result:
        """The result of the work on this item and those that came with it; its error is everybody's.

        Raises ``TookTooLong`` when its turn did not come.
        """
        ticket: _Ticket[Item, Result] = _Ticket(item)
        with self._guard:
            self._waiting.append(ticket)
        if self._turn.acquire(timeout=self._patience):
            try:
                if not ticket.done.is_set():
                    self._work(work)
            finally:
                self._turn.release()
        elif self._is_taken(ticket):
            ticket.done.wait(self._patience)
        if not ticket.done.is_set():  # nobody came to it in time, or whoever did was ended
            raise TookTooLong
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]  # set before done

    def _work(self, work: Callable[[Sequence[Item]], Result]) -> None:
        with self._guard:
            batch, self._waiting = self._waiting, []
        if not self._try(batch, work):
            for ticket in batch:
                self._try([ticket], work)
        for ticket in batch:
            ticket.done.set()

    def _try(self, batch: Sequence[_Ticket[Item, Result]], work: Callable[[Sequence[Item]], Result]) -> bool:
        """Do it for all of these; False if one of several may have spoilt it for the others."""
        try:
            result = work([ticket.item for ticket in batch])
        except Exception as error:  # noqa: BLE001  # raised again by everybody who waits for it
            if isinstance(error, self._apart) and len(batch) > 1:
                return False
            for ticket in batch:
                ticket.error = error
        else:
            for ticket in batch:
                ticket.result = result
        return True

    def _is_taken(self, ticket: _Ticket[Item, Result]) -> bool:
        """Whether somebody has it in hand; else nobody will."""
        with self._guard:
            if ticket not in self._waiting:
                return True
            self._waiting.remove(ticket)
            return False
