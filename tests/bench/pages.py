"""How fast every page opens at so many open invoices and so many clients of a practice, beside a page that asks for nothing.

The pages are found in the table of addresses; lists and searches are opened in several ways beside that.
``python -m tests.bench.pages 20000 [words of addresses …]`` alone, or as a part of ``make bench``; ``--help`` says what else
there is: one database alone, more visits, more customers, years of reminders behind.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event

from kit import memory
from services.app import App
from tests.bench import world
from tests.bench.backends import Backends
from tests.bench.book import MORNING
from tests.bench.ground import databases, emptied, settings_for
from tests.bench.measure import Figure, Spent, spent
from tests.bench.world import Size, World
from tests.support import redis as redis_server
from tests.support.addresses import pages
from tests.support.visitor import Visitor
from web import create_app

SIZE, CLIENTS = 20_000, 200
KINDS = ("SQLite", "PostgreSQL")
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
    "/reports/counted/dso?currency=GBP", "/reports/counted/cei?currency=GBP",
    "/reports/counted/days_late.csv?currency=GBP",
)  # fmt: skip
"""What pages are asked for beside themselves."""


@dataclass(frozen=True, slots=True)
class Visits:
    """What opening a page took: the first time, and after that."""

    path: str
    first: Spent
    then: tuple[Spent, ...]
    database: float
    """Seconds of CPU that the database's own processes took for one visit; 0 for SQLite, which has none."""
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
            f"  least {min(one.seconds for one in self.then) * 1000:7.1f} ms"
            f"  CPU {cpu * 1000:6.1f}, p95 {self.slow_cpu * 1000:6.1f}, database {self.database * 1000:6.1f} ms"
            f"  first {self.first.seconds * 1000:7.1f} ms  {self.statements:4} statements"
            + (f"  {self.status}" if self.status != 200 else "")
            + (f"  ABOVE THE AIM, load {os.getloadavg()[0]:.1f}" if self.slow > AIM else "")
        )


def measure(
    app: App, kind: str, size: Size, only: Sequence[str] = (), times: int = _TIMES
) -> Iterator[Figure]:
    """Each page some times after a first one; ``only`` those whose address has one of these words."""
    stage = world.build(app, size)
    floor = 0.0
    for one in visits(app, stage, only, times):
        floor = floor or statistics.median(one.seconds for one in one.then)
        yield Figure(f"{kind}, {size.invoices:,}: {_short(one.path)}", one.words(floor))


def visits(app: App, stage: World, only: Sequence[str] = (), times: int = _TIMES) -> Iterator[Visits]:
    """The floor first, then every page as those see it who see the most of it."""
    web, backends = create_app(app), Backends(app)
    memory.settle()  # as the web's processes do
    visitor = Visitor(web)
    owner = visitor.signed_in_as(stage.cast.owner_id).client
    accountant = visitor.signed_in_as(stage.practice.admin_id).client
    customer = web.test_client()
    own = f"/organisations/{stage.cast.organisation_id}"
    for path in (_FLOOR, *pages(web, stage.ids), *(own + one for one in _MORE)):
        if path != _FLOOR and only and not any(word in path for word in only):
            continue
        who = accountant if path.startswith("/practice") else customer if path.startswith("/a/") else owner
        yield _visited(app, who, path, backends, times)


def _visited(app: App, who: FlaskClient, path: str, backends: Backends, times: int) -> Visits:
    counted = [0]

    def count(*_: object) -> None:
        counted[0] += 1

    times = min(times, _TIMES_OF_FILES) if path.endswith(_FILES) else times
    status, first = spent(lambda: who.get(path, buffered=True).status_code)
    event.listen(app.database.engine, "before_cursor_execute", count)
    before = backends.cpu_seconds()
    then = tuple(spent(lambda: who.get(path, buffered=True))[1] for _ in range(times))
    database = (backends.cpu_seconds() - before) / times
    event.remove(app.database.engine, "before_cursor_execute", count)
    return Visits(path, first, then, database, counted[0] // times, status)


def _short(path: str) -> str:
    """An address without its ids."""
    parts = [part if len(part) < 20 or not part.isalnum() else "…" for part in path.split("/")]
    return "/".join(parts).replace("/organisations/…", "") or "/"


def main(sizes: Sequence[Size], only: Sequence[str], kinds: Sequence[str], times: int) -> None:
    """Alone, on these databases."""
    folder = Path(tempfile.mkdtemp(prefix="dk-bench-"))
    folder.chmod(0o755)
    redis = redis_server.start(folder / "redis")
    try:
        with databases(folder) as found, time_machine.travel(MORNING, tick=True):
            for kind, size in product((one for one in found if one in kinds), sizes):
                emptied(found[kind])
                app = App(settings_for(found[kind], redis.url))
                for figure in measure(app, kind, size, only, times):
                    print(figure, flush=True)
                app.database.close()
    finally:
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    asked.add_argument(
        "words",
        nargs="*",
        help="numbers: open invoices; anything else: a part of the addresses that are opened",
    )
    asked.add_argument("--on", choices=KINDS, action="append", help="this database alone")
    asked.add_argument("--times", type=int, default=_TIMES, help="visits of each page")
    asked.add_argument("--clients", type=int, default=CLIENTS, help="clients of the practice")
    asked.add_argument("--customers", type=int, default=0, help="at the least; the others owe nothing")
    asked.add_argument("--reminders", type=int, default=0, help="that left in the last twelve months")
    return asked.parse_args()


if __name__ == "__main__":
    given = _asked()
    main(
        [
            Size(int(one), given.clients, given.customers, given.reminders)
            for one in [word for word in given.words if word.isdecimal()] or [SIZE]
        ],
        [word for word in given.words if not word.isdecimal()],
        given.on or KINDS,
        given.times,
    )
