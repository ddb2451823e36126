"""The sandbox's time: real UTC plus an offset kept in a file that the product reads too.

This is the only place in the sandbox that reads the system's clock.
"""

from __future__ import annotations

import os
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path


class ClockNotMovable(Exception):
    """The sandbox was started without a clock file, so its time cannot be moved."""


class Clock:
    """Now, shifted by the decimal number of seconds written in `file`; a missing file means no shift."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._offset = timedelta()

    @property
    def movable(self) -> bool:
        """Whether this clock has a file to write its offset to."""
        return self._file is not None

    def now(self) -> datetime:
        """The sandbox's present moment, in UTC."""
        return real_now() + self.offset()

    def offset(self) -> timedelta:
        """How far the sandbox runs ahead of real time; read again whenever the file has changed."""
        if self._file is None:
            return timedelta()
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return timedelta()
        with self._lock:
            fingerprint = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if fingerprint != self._seen:
                self._offset = _read_offset(self._file)
                self._seen = fingerprint
            return self._offset

    def advance(self, step: timedelta) -> datetime:
        """Move the clock by `step` and return the new present."""
        self._write(self.offset() + step)
        return self.now()

    def set(self, moment: datetime) -> datetime:
        """Make `moment` (aware) the present and return it."""
        self._write(moment - real_now())
        return self.now()

    def _write(self, offset: timedelta) -> None:
        if self._file is None:
            raise ClockNotMovable(
                "This sandbox has no clock file; start it with --state-clock FILE to move time."
            )
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self._file.parent, prefix=self._file.name, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(f"{offset.total_seconds():.6f}\n")
        Path(draft).replace(self._file)


def real_now() -> datetime:
    """The system's present, unshifted: for what outside libraries compare with their own clock (id_token)."""
    return datetime.now(UTC)


def _read_offset(file: Path) -> timedelta:
    text = file.read_text(encoding="ascii").strip()
    try:
        return timedelta(seconds=float(text or "0"))
    except ValueError:
        raise ValueError(
            f"The clock file must hold one decimal number of seconds, not {text[:40]!r}."
        ) from None
