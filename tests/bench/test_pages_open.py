"""The bench finds a page for every address and opens it, so that a new page is measured, or named among those that are not."""

from __future__ import annotations

from pathlib import Path

import time_machine

from kit.ids import derived_id
from services.app import App
from tests.bench import pages, world
from tests.bench.book import MORNING
from tests.bench.ground import settings_for
from tests.bench.world import Size

_SIZE = Size(100, 3, customers=30, reminders=50)
_ABSENT = ("/files/1", "/html", "/plan", derived_id("export"))
"""What this organisation has not: files of a mail, the page of an installation for pay, an export of one customer."""


def test_every_page_of_the_bench_opens(tmp_path: Path, redis_url: str) -> None:
    with time_machine.travel(MORNING, tick=True):
        app = App(settings_for(f"sqlite:///{tmp_path}/bench.db", redis_url))
        try:
            stage = world.build(app, _SIZE)
            found = {one.path: one.status for one in pages.visits(app, stage, times=1)}
        finally:
            app.database.close()
    assert sum(status == 200 for status in found.values()) > 200
    assert (
        sorted(path for path, status in found.items() if status >= 404 and not path.endswith(_ABSENT)) == []
    )
