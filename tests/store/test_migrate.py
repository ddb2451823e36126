"""Bringing a database to the newest schema, whatever happens meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from kit.errors import UserError
from kit.settings import ROOT
from store.database import Database
from store.migrate import is_current, upgrade
from tests.support.postgres import PostgresServer

_DIES = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from store.database import Database
from store.migrate import upgrade

left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def die(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade(Database(sys.argv[1]))
"""
"""An upgrade whose process is killed after so many statements."""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"e_{abs(hash(tmp_path)):x}"
    yield server.create_database(name)
    server.drop_database(name)


def test_many_upgraders_at_once_make_one_schema(empty_url: str) -> None:
    words = [sys.executable, "-m", "cli", "db", "upgrade"]
    env = {**os.environ, "DATABASE_URL": empty_url}
    processes = [
        subprocess.Popen(
            words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=180)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert _is_current(empty_url)


@pytest.mark.parametrize("statements", [4, 30, 75, 110])
def test_an_upgrade_killed_in_the_middle_is_simply_run_again(empty_url: str, statements: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DIES, empty_url, str(statements)], cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
        timeout=180,
    )  # fmt: skip
    assert done.returncode == -9
    assert not _is_current(empty_url)
    database = Database(empty_url)
    upgrade(database)
    database.close()
    assert _is_current(empty_url)


@pytest.mark.parametrize("statements", [30, 110])
def test_an_upgrade_of_sqlite_that_is_killed_leaves_nothing_behind(tmp_path: Path, statements: int) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    subprocess.run(
        [sys.executable, "-c", _DIES, url, str(statements)], cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
        timeout=180,
    )  # fmt: skip
    database = Database(url)
    assert inspect(database.engine).get_table_names() == []
    database.close()


def test_a_change_does_not_queue_everybody_behind_a_table_in_use(postgres_server: PostgresServer) -> None:
    server, name = postgres_server, "busy_tables"
    database = Database(server.create_database(name))
    with database.engine.connect() as connection:
        config = Config(str(ROOT / "alembic.ini"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    with database.engine.begin() as reader:
        reader.execute(text("LOCK TABLE communications IN ACCESS SHARE MODE"))  # as a long report does
        said: list[str] = []
        other = threading.Thread(target=lambda: said.append(_refusal(server.url(name))))
        other.start()
        other.join()
    database.close()
    server.drop_database(name)
    assert "run `dunnock db upgrade` again" in said[0]


def _refusal(url: str) -> str:
    database = Database(url)
    try:
        upgrade(database)
    except UserError as error:
        return str(error)
    finally:
        database.close()
    return ""


def _is_current(url: str) -> bool:
    database = Database(url)
    try:
        return is_current(database)
    finally:
        database.close()
