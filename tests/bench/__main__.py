"""``make bench``: ratios against bare floors, then how every part grows with the size, on both databases.

``make bench SIZES="1000 10000"`` stops at smaller books, and at as many organisations as share so many. All sizes take
hours; 100,000 open invoices some minutes.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kit import memory
from services.app import App
from tests.bench import calls, fairness, growth, importing, pages, webhook_rate, webhooks
from tests.bench.ground import databases, emptied, fresh_app, settings_for
from tests.bench.measure import Figure, Ratio
from tests.bench.world import Size
from tests.support import redis as redis_server

SIZES = (1_000, 10_000, 100_000, 1_000_000)
"""Open invoices of one organisation."""
CROWDS = (1, 10, 1_000)
"""Organisations, of a hundred open invoices each."""

LARGE, SMALL = 100_000, 40
"""Invoices of the large organisation, and how many small ones live beside it."""


def opened(kind: str, url: str, redis_url: str) -> list[Figure]:
    """Every page, and the search, on a fresh database."""
    emptied(url)
    app = App(settings_for(url, redis_url))
    try:
        return list(pages.measure(app, kind, Size(pages.SIZE, pages.CLIENTS)))
    finally:
        app.database.close()
        emptied(url)


def main(sizes: Sequence[int]) -> None:
    """Measure and print; what is above its aim, or grows worse than its size, says so."""
    crowds = [one for one in CROWDS if one * growth.A_CROWD_EACH <= max(sizes)]
    memory.settle()  # as the worker does
    folder = Path(tempfile.mkdtemp(prefix="dk-bench-"))
    folder.chmod(0o755)
    redis = redis_server.start(folder / "redis")
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}", flush=True)

    def show(*found: Ratio | Figure) -> None:
        for one in found:
            print(one, flush=True)

    try:
        show(*calls.measure(folder, redis.url))
        show(*fairness.measure(folder / "fair", {}, "SQLite", large=min(LARGE, max(sizes)), small=SMALL))
        with databases(folder) as found:
            for kind, url in found.items():
                show(*opened(kind, url, redis.url))
                with fresh_app(url, redis.url) as app:
                    show(webhooks.measure(app, kind))
                    show(importing.measure(app, kind))
                    show(*webhook_rate.measure(app, kind))
            for kind, url in found.items():
                for table in growth.measure(kind, url, redis.url, sizes, crowds):
                    print(table, flush=True)
    finally:
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
