"""How a ratio is measured: ours and the floor by turns, so that a machine that slows down slows both."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the floor ours takes; ``aim`` is the most it should be."""

    name: str
    ours: float
    floor: float
    aim: float
    unit: str
    cpu: tuple[float, float] | None = None
    """The same of this process's CPU alone, which a busy machine changes less."""

    @property
    def value(self) -> float:
        return self.ours / self.floor

    def __str__(self) -> str:
        verdict = "ok" if self.value <= self.aim else "ABOVE THE AIM"
        cpu = f" (CPU {self.cpu[0]:,.2f} and {self.cpu[1]:,.2f})" if self.cpu else ""
        return (
            f"{self.name:<62} {self.value:6.2f}   aim {self.aim:<4}  {verdict:<13} "
            f"ours {self.ours:,.2f} {self.unit}, floor {self.floor:,.2f} {self.unit}{cpu}"
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured that has no floor to be compared with."""

    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.name:<62} {self.words}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What some work took: seconds by the wall, seconds of this process's CPU, and its memory at the most."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:,.1f} s, CPU {self.cpu_seconds:,.1f} s, peak {self.peak_megabytes:,.0f} MB"


def once(work: Callable[[], T]) -> tuple[T, Spent]:
    """What the work gave, and what it took, with nothing left over from before to be cleared away."""
    gc.collect()
    return spent(work)


def spent(work: Callable[[], T]) -> tuple[T, Spent]:
    """The same of something small, among which the clearing away falls where it falls."""
    begun, cpu_begun = time.perf_counter(), time.process_time()
    found = work()
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun
    return found, Spent(seconds, cpu_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


@dataclass(slots=True)
class Sample:
    """What so many things took, in seconds by the wall and of this process's CPU."""

    name: str
    seconds: float
    cpu_seconds: float
    count: int
    note: str = ""

    def each(self, count: int) -> Sample:
        """What one of them took, on average."""
        return Sample(self.name, self.seconds / count, self.cpu_seconds / count, 1, self.note)


def sampled(name: str, work: Callable[[], object], count: int) -> Sample:
    """Do the work, which is about so many things, and measure it."""
    spent = once(work)[1]
    return Sample(name, spent.seconds, spent.cpu_seconds, count)


def by_turns(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    rounds: int,
    aim: float,
    scale: int = 1,
) -> Ratio:
    """The medians of both over the rounds, in milliseconds for each of ``scale`` things that a round does."""
    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(once(ours)[1])
        theirs.append(once(floor)[1])

    def median(found: list[float]) -> float:
        return statistics.median(found) * 1000 / scale

    return Ratio(
        name,
        median([one.seconds for one in mine]),
        median([one.seconds for one in theirs]),
        aim,
        "ms",
        (median([one.cpu_seconds for one in mine]), median([one.cpu_seconds for one in theirs])),
    )
