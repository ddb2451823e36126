"""A ledger's past, replayed at its own moments, and its future, which waits for the clock.

A book of a year's trade has to look as if it had been kept for a year, with every record changed when it
really was, and what comes after today has to arrive as the sandbox's clock moves. Both are the same actions:
those up to the present run at once in a world whose clock stands at each action's moment and which raises no
webhook events; the others go to `World.schedule` and later run in the real world, with its events.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial

from sandbox.clock import Clock
from sandbox.world import World

Action = Callable[[World], object]


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """That time of day, in UTC."""
    return datetime.combine(day, time(hour, minute), UTC)


class StoppedClock(Clock):
    """A clock that shows the moment it was last put to."""

    def __init__(self, shown: datetime) -> None:
        super().__init__()
        self.shown = shown

    def now(self) -> datetime:
        """The moment this clock was put to."""
        return self.shown


class PastWorld(World):
    """Where the past is replayed: nobody is connected, so nothing is announced; ids follow from a seed."""

    def __init__(self, seed: str) -> None:
        self.stopped = StoppedClock(datetime.min.replace(tzinfo=UTC))
        super().__init__(self.stopped)
        self._ids = random.Random(seed)  # names records of a made-up ledger, guards nothing

    def new_id(self) -> str:  # type: ignore[override]  # the base needs no state for it, a seeded one does
        """The next id of the seed's sequence."""
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))


def _run(action: Action, world: World) -> None:
    action(world)


class Timeline:
    """Actions on a ledger with the moments they belong to; they run in order of time, then of adding."""

    def __init__(self) -> None:
        self._steps: list[tuple[datetime, int, Action]] = []

    def add(self, when: datetime, action: Action) -> None:
        """Let `action` happen at `when` (aware)."""
        self._steps.append((when, len(self._steps), action))

    def play(self, world: World, *, until: datetime, seed: str) -> None:
        """Replay everything up to `until` and put the rest on the world's agenda.

        No replayed record is newer than the world's present, also where `until` lies ahead of it. Ids follow from
        `seed` and from how many organisations there are: like the ledger's own, no two are alike.
        """
        past, present = PastWorld(f"{seed} {len(world.organisations)}"), world.now()
        with world.lock:
            for when, _, action in sorted(self._steps, key=lambda step: step[:2]):
                if when <= until:
                    past.stopped.shown = min(when, present)
                    action(past)
                else:
                    world.schedule(when, partial(_run, action, world))
