"""The database is restarted, cut off, locked or full in the middle: nothing is lost, doubled, or acknowledged unstored."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.faults.cutting_proxy import CuttingProxy, cutting_proxy
from tests.faults.outages import OwnRedis, look_at, tell_news
from tests.faults.town import Firm, Town, open_town
from tests.support import postgres
from tests.support.postgres import PostgresServer

ROUNDS = int(os.environ.get("DUNNOCK_FAULT_ROUNDS", "1"))
"""How often each thing happens; a long run sets some dozens."""
CUSTOMERS = 8
_EVERY_SO_MANY_COMMITS = 4
_LONGER_THAN_ANYBODY_WAITS_SECONDS = 18


@pytest.fixture(scope="module")
def server(short_folder: Path) -> Iterator[PostgresServer]:
    """A server of these tests alone, because it is restarted again and again."""
    found = postgres.start(short_folder / "pg-outages")
    if found is None:
        pytest.skip("PostgreSQL is not installed on this machine and its wheel has no build for it")
    yield found
    with suppress(subprocess.CalledProcessError):
        found.stop()


@pytest.fixture(scope="module")
def line(server: PostgresServer) -> Iterator[CuttingProxy]:
    """The line between Dunnock and the server."""
    with cutting_proxy(server.socket_dir / ".s.PGSQL.5432") as found:
        yield found


@pytest.fixture(scope="module")
def town(
    server: PostgresServer,
    line: CuttingProxy,
    short_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE town")
    redis = OwnRedis(short_folder / "redis-outages-database")
    redis.start()
    servers = {
        "DATABASE_URL": f"postgresql://dunnock@127.0.0.1:{line.port}/town?sslmode=disable&gssencmode=disable",
        "REDIS_URL": redis.url,
    }
    try:
        with open_town(tmp_path_factory.mktemp("town"), servers) as found:
            yield found
    finally:
        redis.stop()


def _begin_to_send(town: Town, name: str, customers: int = CUSTOMERS) -> Firm:
    """A firm whose first mail has just left."""
    firm = town.firm(name, customers, live=True)
    town.until(firm.mails)
    return firm


def _end_well(town: Town, firm: Firm) -> None:
    """Once the database is back, everything comes to its end by itself, each mail and each note once."""
    town.pass_time()
    town.until(firm.is_done)
    town.until(lambda: "unknown" not in firm.statuses())
    town.until(firm.is_done)
    count = firm.check()
    assert count.states == {"delivered": count.chasers}


def test_postgresql_is_restarted_in_the_middle_of_sending(town: Town, server: PostgresServer) -> None:
    firm = _begin_to_send(town, "Restarted", CUSTOMERS * ROUNDS)
    for _ in range(2 * ROUNDS):
        server.restart()
        time.sleep(0.5)
    _end_well(town, firm)


def test_connections_are_ended_again_and_again(town: Town, server: PostgresServer) -> None:
    firm = _begin_to_send(town, "Terminated", CUSTOMERS * ROUNDS)
    for _ in range(6 * ROUNDS):
        with psycopg.connect(server.superuser_url("town"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = 'town' AND pid <> pg_backend_pid()"
            )
        time.sleep(0.3)
    _end_well(town, firm)


def test_a_commit_whose_answer_is_lost_doubles_and_loses_nothing(town: Town, line: CuttingProxy) -> None:
    firm = _begin_to_send(town, "Uncertain", 2 * CUSTOMERS * ROUNDS)
    line.every = _EVERY_SO_MANY_COMMITS
    try:
        town.until(lambda: line.cuts >= 3 * ROUNDS or firm.has_sent())
    finally:
        line.every = 0
    assert line.cuts
    _end_well(town, firm)


def test_while_postgresql_is_away_nothing_is_acknowledged_and_afterwards_all_goes_on(
    town: Town, server: PostgresServer
) -> None:
    firm = town.firm("Away", CUSTOMERS)
    page = f"/organisations/{firm.id}/queue"
    server.stop()
    try:
        assert tell_news(town, firm) == 503
        assert look_at(town, "/readyz") == 503
        assert look_at(town, page) == 503
        assert look_at(town, "/healthz") == 200
    finally:
        server.restart()
    town.until(lambda: look_at(town, "/readyz") == 200)
    assert tell_news(town, firm) == 200
    firm.go_live()
    _end_well(town, firm)


def test_sqlite_is_locked_by_somebody_else_in_the_middle_of_sending(tmp_path: Path) -> None:
    with open_town(tmp_path, {}) as town:
        firm = _begin_to_send(town, "Locked")
        with _locked(_database_file(town)):
            assert tell_news(town, firm) == 503
            assert look_at(town, "/healthz") == 200
            time.sleep(_LONGER_THAN_ANYBODY_WAITS_SECONDS)
        assert tell_news(town, firm) == 200
        _end_well(town, firm)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Another process holds the database for the block: a backup tool, say."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


def _database_file(town: Town) -> Path:
    url = town.stage.env.get("DATABASE_URL", "")
    return Path(url.removeprefix("sqlite:///")) if url else next(town.stage.folder.glob("*.db"))


def test_a_full_disk_stops_sending_and_nothing_is_lost_when_there_is_room_again(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk") as disk:
        servers = {"DATABASE_URL": f"sqlite:///{disk}/dunnock.db"}
        with open_town(tmp_path / "town", servers) as town:
            firm = town.firm("Full", CUSTOMERS)
            filler = disk / "filler"
            _fill(filler)
            assert tell_news(town, firm) == 503
            with pytest.raises(Exception, match="503"):
                firm.go_live()
            assert firm.mails() == []
            filler.unlink()
            assert tell_news(town, firm) == 200
            firm.go_live()
            town.until(firm.mails)
            _fill(filler)
            time.sleep(5)
            filler.unlink()
            _end_well(town, firm)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A disk of a few megabytes. Only root may mount one."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as full, suppress(OSError):
        while True:
            full.write(b"\0" * 4096)
