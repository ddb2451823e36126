"""The organisation that most tests of services are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chasing import Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    """A connected organisation whose clock, ledger and mail provider the test moves, on each of the databases."""
    with chasing(database_url, tmp_path) as found:
        yield found
