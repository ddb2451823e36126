"""What PostgreSQL's own processes take for us, which no clock of this process sees."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from services.app import App

_NANOSECONDS = 1e9


class Backends:
    """The processes that serve this app's database on this machine."""

    def __init__(self, app: App) -> None:
        self._app = app

    def cpu_seconds(self) -> float:
        """What they have had of the CPU so far, all together; 0 where there are none, or the system does not say.

        Linux counts it to the nanosecond (Documentation/scheduler/sched-stats.rst: the first number is time on the CPU).
        """
        if self._app.database.dialect == "sqlite":
            return 0
        with self._app.database.read_across() as session:
            found = session.scalars(
                text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            ).all()
        return sum(_of(pid) for pid in found)


def _of(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / _NANOSECONDS
    except (OSError, ValueError, IndexError):
        return 0
