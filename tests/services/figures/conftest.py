"""An app without Redis on each database, for figures that are worked out twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.app import App
from tests.support.mirrored import make_app


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()
