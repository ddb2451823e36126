"""The one place where time is read.

In the demo, and only there, the clock can be moved: a file holds the seconds by which it is ahead of
the machine's, and every process reads the same file.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(slots=True)
class _DemoOffset:
    """The seconds in a file, read again when the file changes."""

    file: Path
    stamp: tuple[int, int] = (0, 0)
    seconds: float = 0.0

    def read(self) -> float:
        try:
            status = self.file.stat()
        except FileNotFoundError:
            return 0.0
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self.stamp:
            self.seconds = float(self.file.read_text() or 0)
            self.stamp = stamp
        return self.seconds


_demo: _DemoOffset | None = None


def follow(file: Path | None) -> None:
    """Follow the demo's clock file from now on, or the machine's clock alone (None)."""
    global _demo
    _demo = _DemoOffset(file) if file else None


def now() -> datetime:
    """This moment, as an aware datetime in UTC."""
    return machine_now() + timedelta(seconds=_demo.read()) if _demo else machine_now()


def machine_now() -> datetime:
    """This moment by the machine's clock, also where the demo's is ahead: for how long somebody is signed in."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """The calendar day that it is now in an IANA time zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def stopwatch() -> float:
    """Seconds of a clock that never jumps, for measuring how long something takes."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait so long, by the machine's clock."""
    time.sleep(seconds)
