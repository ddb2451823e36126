"""A background thread that hands things to somebody else's webhook and tries again when that fails.

Things wait for their delay, are handed over together when several are due, and a batch that was refused comes
back as the same batch after a growing pause. Delays are real seconds: the sandbox's clock may jump, a network
does not. The thread starts with the first thing to carry and dies with the process.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Thing = TypeVar("Thing")

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before each further try; a batch refused once more after the last pause is given up."""


class Courier(Generic[Thing]):
    """Carries things to `deliver`, which answers whether the whole batch arrived."""

    def __init__(
        self, deliver: Callable[[list[Thing]], bool], *, batch: int, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._deliver = deliver
        self._batch = batch
        self._pauses = tuple(pauses)
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, list[Thing], int]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, thing: Thing, *, delay: float = 0.0) -> None:
        """Carry this thing after `delay` seconds."""
        self._push([thing], delay=delay, tries=0)

    def _push(self, things: list[Thing], *, delay: float, tries: int) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._order), things, tries))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sandbox-courier", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            things, tries = self._next_batch()
            if not self._arrived(things) and tries < len(self._pauses):
                self._push(things, delay=self._pauses[tries], tries=tries + 1)

    def _arrived(self, things: list[Thing]) -> bool:
        try:
            return self._deliver(things)
        except Exception:  # as good as a refusal: the thread would end by it, and carry nothing any more
            log.exception("%d things could not be handed over", len(things))
            return False

    def _next_batch(self) -> tuple[list[Thing], int]:
        with self._changed:
            while not self._is_due():
                self._changed.wait(self._waiting[0][0] - time.monotonic() if self._waiting else None)
            _, _, things, tries = heapq.heappop(self._waiting)
            while tries == 0 and len(things) < self._batch and self._is_due() and self._waiting[0][3] == 0:
                things += heapq.heappop(self._waiting)[2]
            return things, tries

    def _is_due(self) -> bool:
        return bool(self._waiting) and self._waiting[0][0] <= time.monotonic()
