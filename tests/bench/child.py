"""One part at one size, in a process of its own, so that its memory is its own: prints what it found as JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from datetime import timedelta

import time_machine

from kit import memory, settings
from services.app import App
from tests.bench.book import MORNING
from tests.bench.growing import PARTS


def main(part: str, invoices: int, organisations: int) -> None:
    """The database and Redis are those of the environment."""
    app = App(settings.load(os.environ))
    memory.settle()  # as the worker does
    morning = MORNING + timedelta(minutes=list(PARTS).index(part))  # later than the part before, as life is
    with time_machine.travel(morning, tick=True):
        found = PARTS[part](app, invoices, organisations)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    app.database.close()
    print(json.dumps({"samples": [asdict(one) for one in found], "peak_megabytes": peak}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
