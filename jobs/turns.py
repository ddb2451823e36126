"""How a job of the urgent queue runs: in its organisation's turn, for a slice, then again behind the others."""

from __future__ import annotations

from collections.abc import Callable

from jobs.process import app


def in_turn(of: str, door: str, *ids: str, work: Callable[[], bool]) -> None:
    """Do the work unless somebody is at work for ``of``; then its bell rings again when they have finished.

    ``work`` tells whether there is more of it. Those who waited go first, so that no kind of work of an
    organisation keeps another from its turn.
    """
    bell = app().doorbell
    bell.answered(door, *ids)
    more, turn = False, None
    try:
        with app().turns.turn(of, " ".join((door, *ids))) as turn:
            if turn is not None:
                more = work()
    finally:
        for waiting in turn.waiting if turn else ():
            bell.ring(*waiting.split(" "))
    if more:
        bell.ring(door, *ids)
