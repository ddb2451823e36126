"""SIGTERM: whatever is in hand is finished, and then the process ends. Platforms send it at every release."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.job import JobStatus
from rq.serializers import JSONSerializer

from kit.doorbell import BULK
from kit.settings import ROOT
from store.database import Database
from store.migrate import upgrade
from store.models import Lease
from tests.support.processes import children, with_luck
from tests.support.redis import free_port

_PATIENCE_SECONDS = 90


@pytest.fixture
def environment(tmp_path: Path, redis_url: str) -> dict[str, str]:
    """Of a process with an SQLite file of the newest schema."""
    url = f"sqlite:///{tmp_path / 'dunnock.db'}"
    database = Database(url)
    upgrade(database)
    database.close()
    values = {"DATABASE_URL": url, "REDIS_URL": redis_url, "VAR_DIR": str(tmp_path), "SECRET_KEY": "s" * 40}
    return {**os.environ, **values, "XERO_WEBHOOK_KEY": "key", "PORT": str(free_port())}


def test_a_worker_finishes_its_job_however_often_it_is_told_to_stop(
    environment: dict[str, str], redis_url: str
) -> None:
    connection = redis.Redis.from_url(redis_url)
    job = Queue(BULK, connection=connection, serializer=JSONSerializer).enqueue(
        "time.sleep", 4, result_ttl=600
    )
    with _process(environment, "cli", "worker") as worker:
        _until(lambda: job.get_status() == JobStatus.STARTED)
        everybody = [worker.pid, *children(worker.pid)]
        _tell(everybody)
        time.sleep(1.5)  # later than a second: RQ itself takes two signals within one for the same
        _tell(everybody)
        assert worker.wait(_PATIENCE_SECONDS) == 0
    assert job.get_status() == JobStatus.FINISHED


def test_the_web_server_answers_the_request_in_hand(environment: dict[str, str]) -> None:
    with _process(environment, "cli", "web") as web:
        _until(lambda: _ask(environment, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        with _connected(environment) as caller:
            caller.sendall(b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
            time.sleep(1)
            web.send_signal(signal.SIGTERM)
            time.sleep(1)
            caller.sendall(b"67890")
            answer = caller.recv(100)
        assert answer.startswith(b"HTTP/1.1 401")
        assert web.wait(_PATIENCE_SECONDS) == 0


def test_the_clock_leaves_its_place_to_the_next(environment: dict[str, str]) -> None:
    database = Database(environment["DATABASE_URL"])
    with _process(environment, "cli", "clock") as clock:
        _until(lambda: _clock_is_at_work(database))
        clock.send_signal(signal.SIGTERM)
        assert clock.wait(_PATIENCE_SECONDS) == 0
    assert not _clock_is_at_work(database)
    database.close()


def _tell(processes: list[int]) -> None:
    """Platforms tell every process to stop, and not only the first."""
    for pid in processes:
        with_luck(pid, signal.SIGTERM)


def _clock_is_at_work(database: Database) -> bool:
    with database.read_across() as session:
        return session.get(Lease, "clock") is not None


@contextmanager
def _process(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _connected(environment: dict[str, str]) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(environment["PORT"])), timeout=_PATIENCE_SECONDS)


def _ask(environment: dict[str, str], question: bytes) -> bytes:
    try:
        with _connected(environment) as caller:
            caller.sendall(question)
            return caller.recv(100)
    except OSError:
        return b""


def _until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            pytest.fail("it did not happen in time")
        time.sleep(0.1)
