"""A wall clock that the product's processes alone believe in, and that jumps while they run.

The ledger and the mail provider keep their own time, as they do in the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.town import MORNING


@dataclass
class WallClock:
    """The file from which the processes read how far their clock is from the machine's."""

    file: Path

    def __post_init__(self) -> None:
        self._right = (MORNING - datetime.now(UTC)).total_seconds()
        self.jump(timedelta())

    @property
    def env(self) -> dict[str, str]:
        return {"DEMO_CLOCK_FILE": str(self.file)}

    def jump(self, away: timedelta) -> None:
        """From now on the clock is so far ahead of the right time, or behind it."""
        fresh = self.file.with_suffix(".fresh")
        fresh.write_text(f"{self._right + away.total_seconds():.6f}\n")
        fresh.replace(self.file)
