"""``make bench``: everything in one run, as ratios."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from pathlib import Path

from kit import memory
from tests.bench import calls, importing, planning, webhooks
from tests.bench.ground import databases, fresh_app
from tests.bench.measure import Figure, Ratio
from tests.support import redis as redis_server

SIZES = (100_000, 1_000_000)


def main() -> int:
    """Measure, print, and exit 1 when something is above its aim."""
    memory.settle()  # as the worker does
    folder = Path(tempfile.mkdtemp(prefix="dk-bench-"))
    folder.chmod(0o755)
    redis = redis_server.start(folder / "redis")
    ratios: list[Ratio] = []
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}", flush=True)

    def show(*found: Ratio | Figure) -> None:
        for one in found:
            print(one, flush=True)
            if isinstance(one, Ratio):
                ratios.append(one)

    try:
        with databases(folder) as found:
            for kind, url in found.items():
                with fresh_app(url, redis.url) as app:
                    show(webhooks.measure(app, kind))
                    show(importing.measure(app, kind))
                    for size in SIZES:
                        show(*planning.measure(app, kind, size))
            show(calls.measure(folder, redis.url))
    finally:
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return int(any(ratio.value > ratio.aim for ratio in ratios))


if __name__ == "__main__":
    sys.exit(main())
