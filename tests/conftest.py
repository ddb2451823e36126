"""Servers and databases that tests run on: both pairs, SQLite with the embedded Redis and PostgreSQL with a Redis server."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings

from kit import clock, memory
from store.database import Database
from tests.support import compiled_once, postgres
from tests.support import redis as redis_server
from tests.support.schema import create_tables
from tests.support.turns import DATABASES, on_one_by_turns

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Specifications and data that stand beside the checkout in CI, and nowhere else."""

_IN_MEMORY = Path("/dev/shm")  # on Linux a folder in memory: nothing waits for a disk there
_ROOM = 4 * 2**30
if "TMPDIR" not in os.environ and _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM:
    os.environ["TMPDIR"] = str(_IN_MEMORY)
    tempfile.tempdir = None

settings.register_profile("dunnock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dunnock")
"""No test is timed, so that a busy machine fails nothing that is right."""
compiled_once.begin()
memory.begin()


def pytest_xdist_auto_num_workers() -> int:
    """More workers than cores: the tests that run real processes wait most of the time."""
    return min(2 * (os.cpu_count() or 1), 8)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    on_one_by_turns(config, items)


def pytest_collection_finish() -> None:
    """Thousands of tests are not looked through for garbage again and again: a quarter of the time that tests take."""
    memory.settle()


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder with a short path, because sockets live in it."""
    folder = Path(tempfile.mkdtemp(prefix="dk-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(short_folder: Path) -> Iterator[postgres.PostgresServer]:
    server = postgres.start(short_folder / "pg")
    if server is None:
        pytest.skip("PostgreSQL is not installed on this machine and its wheel has no build for it")
    template = Database(server.create_database("template_dunnock"))
    create_tables(template)
    template.close()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _emptied_database(postgres_server: postgres.PostgresServer) -> postgres.EmptiedDatabase:
    return postgres.EmptiedDatabase(postgres_server, "emptied", "template_dunnock")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    create_tables(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database with our tables, of each kind (or of one by turns: see ``tests.support.turns``)."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "dunnock.db")
        return f"sqlite:///{tmp_path / 'dunnock.db'}"
    emptied: postgres.EmptiedDatabase = request.getfixturevalue("_emptied_database")
    return emptied.empty()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with our tables."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _redis_server(short_folder: Path) -> Iterator[redis_server.RedisServer]:
    server = redis_server.start(short_folder / "redis")
    yield server
    server.stop()


@pytest.fixture
def redis_url(_redis_server: redis_server.RedisServer) -> str:
    """The address of an empty Redis."""
    redis.Redis.from_url(_redis_server.url).flushall()
    return _redis_server.url


@pytest.fixture(autouse=True)
def _machine_clock() -> Iterator[None]:
    """No test leaves a moved clock behind."""
    yield
    clock.follow(None)
