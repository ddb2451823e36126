"""``make bench``: everything in one run, as ratios. ``make bench SIZES="20000"`` plans smaller books."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kit import memory
from tests.bench import calls, importing, planning, webhooks
from tests.bench.ground import databases, fresh_app
from tests.bench.measure import Figure, Ratio
from tests.support import redis as redis_server

SIZES = (100_000, 1_000_000)


def main(sizes: Sequence[int]) -> None:
    """Measure and print; what is above its aim says so."""
    memory.settle()  # as the worker does
    folder = Path(tempfile.mkdtemp(prefix="dk-bench-"))
    folder.chmod(0o755)
    redis = redis_server.start(folder / "redis")
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}", flush=True)

    def show(*found: Ratio | Figure) -> None:
        for one in found:
            print(one, flush=True)

    try:
        show(calls.measure(folder, redis.url))
        with databases(folder) as found:
            for kind, url in found.items():
                with fresh_app(url, redis.url) as app:
                    show(webhooks.measure(app, kind))
                    show(importing.measure(app, kind))
                    for size in sizes:
                        show(*planning.measure(app, kind, size))
    finally:
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
