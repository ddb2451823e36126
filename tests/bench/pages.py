"""How fast every page opens at so many open invoices and so many clients of a practice, beside a page that asks for nothing.

The pages are found in the table of addresses; lists and searches are opened in several ways beside that.
``python -m tests.bench.pages 20000 [words of addresses …]`` alone, or as a part of ``make bench``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event

from services.app import App
from tests.bench import world
from tests.bench.book import MORNING
from tests.bench.ground import databases, settings_for
from tests.bench.measure import Figure, Spent, spent
from tests.bench.world import World
from tests.support import redis as redis_server
from tests.support.addresses import pages
from tests.support.visitor import Visitor
from web import create_app

SIZE, CLIENTS = 20_000, 200
AIM = 0.2
"""Seconds, of which no page should take more in the slowest twentieth of its visits."""
_TIMES = 20
_FILES, _TIMES_OF_FILES = (".csv", ".xlsx"), 3
"""Files of whole lists, for which the aim is that they begin at once and need no memory; so few visits tell."""
_FLOOR = "/healthz"
_MORE = (
    "/search?q=contact+77", "/search?q=INV-1977", "/search?q=1,234.50", "/search?q=department", "/search?q=9876.50",
    "/search?q=xylophone", "/contacts?show=overdue", "/contacts?q=contact+77", "/contacts?page=20",
    "/invoices?show=overdue", "/invoices?show=disputed", "/invoices?sort=customer", "/invoices?q=1977",
    "/queue?day=2026-10-15", "/audit-log?q=contact", "/inbox?show=settled", "/calls?page=3",
)  # fmt: skip
"""What pages are asked for beside themselves."""


@dataclass(frozen=True, slots=True)
class Visits:
    """What opening a page took: the first time, and after that."""

    path: str
    first: Spent
    then: tuple[Spent, ...]
    statements: int
    status: int

    @property
    def slow(self) -> float:
        """Seconds by the wall, of the slowest twentieth."""
        return sorted(one.seconds for one in self.then)[-(-len(self.then) * 95 // 100) - 1]

    @property
    def slow_cpu(self) -> float:
        return sorted(one.cpu_seconds for one in self.then)[-(-len(self.then) * 95 // 100) - 1]

    def words(self, floor: float) -> str:
        """For people; so many floors."""
        middle = statistics.median(one.seconds for one in self.then)
        cpu = statistics.median(one.cpu_seconds for one in self.then)
        return (
            f"p50 {middle * 1000:7.1f} ms ({middle / floor:6.1f} floors)  p95 {self.slow * 1000:7.1f} ms"
            f"  CPU {cpu * 1000:6.1f}, p95 {self.slow_cpu * 1000:6.1f} ms"
            f"  first {self.first.seconds * 1000:7.1f} ms  {self.statements:4} statements"
            + (f"  {self.status}" if self.status != 200 else "")
            + ("  ABOVE THE AIM" if self.slow > AIM else "")
        )


def measure(
    app: App, kind: str, invoices: int, clients: int = CLIENTS, only: Sequence[str] = ()
) -> Iterator[Figure]:
    """Each page some times after a first one; ``only`` those whose address has one of these words."""
    stage = world.build(app, invoices, clients)
    found = [
        one
        for one in visits(app, stage)
        if one.path == _FLOOR or not only or any(word in one.path for word in only)
    ]
    floor = statistics.median(one.seconds for one in found[0].then)
    for one in found:
        yield Figure(f"{kind}, {invoices:,}: {_short(one.path)}", one.words(floor))


def visits(app: App, stage: World, only: Sequence[str] = (), times: int = _TIMES) -> Iterator[Visits]:
    """The floor first, then every page as those see it who see the most of it."""
    web = create_app(app)
    visitor = Visitor(web)
    owner = visitor.signed_in_as(stage.cast.owner_id).client
    accountant = visitor.signed_in_as(stage.practice.admin_id).client
    customer = web.test_client()
    own = f"/organisations/{stage.cast.organisation_id}"
    for path in (_FLOOR, *pages(web, stage.ids), *(own + one for one in _MORE)):
        if path != _FLOOR and only and not any(word in path for word in only):
            continue
        who = accountant if path.startswith("/practice") else customer if path.startswith("/a/") else owner
        yield _visited(app, who, path, times)


def _visited(app: App, who: FlaskClient, path: str, times: int) -> Visits:
    counted = [0]

    def count(*_: object) -> None:
        counted[0] += 1

    times = min(times, _TIMES_OF_FILES) if path.endswith(_FILES) else times
    status, first = spent(lambda: who.get(path, buffered=True).status_code)
    event.listen(app.database.engine, "before_cursor_execute", count)
    then = tuple(spent(lambda: who.get(path, buffered=True))[1] for _ in range(times))
    event.remove(app.database.engine, "before_cursor_execute", count)
    return Visits(path, first, then, counted[0] // times, status)


def _short(path: str) -> str:
    """An address without its ids."""
    parts = [part if len(part) < 20 or not part.isalnum() else "…" for part in path.split("/")]
    return "/".join(parts).replace("/organisations/…", "") or "/"


def main(sizes: Sequence[int], only: Sequence[str]) -> None:
    """Alone, on both databases."""
    folder = Path(tempfile.mkdtemp(prefix="dk-bench-"))
    folder.chmod(0o755)
    redis = redis_server.start(folder / "redis")
    try:
        with databases(folder) as found, time_machine.travel(MORNING, tick=True):
            for kind, url in found.items():
                for size in sizes:
                    app = App(settings_for(url, redis.url))
                    for figure in measure(app, kind, size, only=only):
                        print(figure, flush=True)
                    app.database.close()
    finally:
        redis.stop()


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(
        [int(one) for one in asked if one.isdecimal()] or [SIZE],
        [one for one in asked if not one.isdecimal()],
    )
