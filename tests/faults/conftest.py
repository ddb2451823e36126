"""The two pairs of servers that the product runs on, each empty; and a town on each, where processes die on purpose."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
import redis
from sqlalchemy import create_engine, text

from tests.faults.points import Minefield
from tests.faults.town import Town, open_town

PAIRS = ("SQLite and the embedded Redis", "PostgreSQL and a Redis server")

_ON_BOTH = ("test_named_points", "test_random_kills", "test_lost_commits", "test_poison")
"""What depends on the database so much that even a quick run meets it on both pairs."""
_ELSEWHERE = "a run without DUNNOCK_FAULT_ROUNDS meets this on the other pair of servers"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A quick run meets every other scenario on one of the pairs, by turns; the long run on both."""
    if "DUNNOCK_FAULT_ROUNDS" in os.environ:
        return
    turns: dict[str, str] = {}
    for item in items:
        pair = next((one for one in PAIRS if one in item.nodeid), None)
        if pair is None or "tests/faults/" not in item.nodeid or any(one in item.nodeid for one in _ON_BOTH):
            continue
        turn = turns.setdefault(item.nodeid.replace(pair, ""), PAIRS[len(turns) % 2])
        if pair != turn:
            item.add_marker(pytest.mark.skip(reason=_ELSEWHERE))


@pytest.fixture(params=PAIRS)
def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL of the pair; nothing for SQLite and the embedded Redis."""
    return servers_of(request, request.param)


def servers_of(request: pytest.FixtureRequest, pair: str) -> dict[str, str]:
    """The pair by its name, for tests that need one of them alone."""
    if pair.startswith("SQLite"):
        return {}
    server = request.getfixturevalue("postgres_server")
    name = f"faults_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return {"DATABASE_URL": server.url(name), "REDIS_URL": _empty_redis(request)}


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
