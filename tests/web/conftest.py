"""The web side on an empty stage: the pages, with everybody of the cast to sign in as."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import settings
from services.app import App
from tests.support import cast
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor
from web import assemble
from web.connect import connect
from web.pages import PAGES


@pytest.fixture
def dunnock(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[App]:
    """The parts of a process, on each of the databases."""
    app = App(
        settings.load(
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "VAR_DIR": str(tmp_path),
                "SECRET_KEY": "a secret that is long enough for tests",
                "TOKEN_KEYS": "a key that is long enough for tests",
            }
        )
    )
    yield app
    app.database.close()


@pytest.fixture
def stage(dunnock: App) -> Cast:
    """The cast, with everything read from the ledger."""
    return cast.kept(dunnock.database, hostile=True)


@pytest.fixture
def visitor(dunnock: App) -> Visitor:
    """Somebody with a browser who has not signed in."""
    return Visitor(assemble(dunnock, *PAGES, connect))


@pytest.fixture
def owner(visitor: Visitor, stage: Cast) -> Member:
    """The owner of the organisation, signed in."""
    return visitor.signed_in_as(stage.owner_id)
