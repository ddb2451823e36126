"""Waiting for processes to die where mines are laid, and letting the town go on after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from tests.faults.points import Minefield, Point
from tests.faults.town import ABANDONED, Town


def arm(mines: Minefield, where: Iterable[Point]) -> None:
    """Whoever comes to any of these dies there."""
    for point in where:
        mines.arm(point)


def await_each(
    town: Town, mines: Minefield, where: Sequence[Point], *, step: timedelta = ABANDONED, first: bool = False
) -> None:
    """Wait until somebody has died at each of these, which come one after the other; then let what they held go free.

    ``first``: what the first of them needs is held by a dead process already.
    """
    if first:
        _let_go(town, step)
    for before in range(len(where)):
        await_deaths(town, mines, where, before + 1)
        _let_go(town, step)


def _let_go(town: Town, step: timedelta) -> None:
    town.pass_time(step)
    town.end_turns()


def await_deaths(town: Town, mines: Minefield, where: Sequence[Point], deaths: int) -> None:
    """Wait until so many have died at these; the clock is started again each time."""

    def come() -> bool:
        hit = [point for point in where if mines.was_hit(point)]
        _revive(town, {mines.victim(point) for point in hit})
        return len(hit) >= deaths

    town.until(come, f"for {deaths} deaths at {[point.title for point in where]}")


def _revive(town: Town, victims: set[int]) -> None:
    """Start the clock again if it is among the dead; whoever else dies has somebody who starts it."""
    clock = town.stage.running["clock"]
    if clock.pid in victims:
        clock.wait()
        town.stage.start("clock")
