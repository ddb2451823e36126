"""The two pairs of servers that the product runs on, each empty; and a town on each, where processes die on purpose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from tests.faults.outages import new_database
from tests.faults.points import Minefield
from tests.faults.town import Town, open_town
from tests.support.turns import PAIRS


@pytest.fixture(params=PAIRS)
def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL of the pair; nothing for SQLite and the embedded Redis."""
    return servers_of(request, request.param)


def servers_of(request: pytest.FixtureRequest, pair: str) -> dict[str, str]:
    """The pair by its name, for tests that need one of them alone."""
    if pair.startswith("SQLite"):
        return {}
    return {"DATABASE_URL": new_database(request), "REDIS_URL": _empty_redis(request)}


def _empty_redis(request: pytest.FixtureRequest) -> str:
    """What ``redis_url`` gives, for fixtures that live as long as a module."""
    server = request.getfixturevalue("_redis_server")
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
    return str(server.url)


@pytest.fixture(scope="module", params=PAIRS)
def mined_town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, Minefield]]:
    """Starting nine processes costs more than most tests in them, so the tests of a module share a town."""
    mines = Minefield(tmp_path_factory.mktemp("mines"))
    folder = tmp_path_factory.mktemp("town")
    with open_town(folder, servers_of(request, request.param), env=mines.env()) as town:
        yield town, mines


@pytest.fixture
def town(mined_town: tuple[Town, Minefield]) -> Town:
    return mined_town[0]


@pytest.fixture
def mines(mined_town: tuple[Town, Minefield]) -> Minefield:
    """The town's mines, none of them armed or hit."""
    mined_town[1].clear()
    return mined_town[1]
