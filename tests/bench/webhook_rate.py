"""Accepting signed webhooks over HTTP, at our web process as it is deployed and at a bare handler beside it.

Both behind gunicorn with as many processes and threads, by turns, while our worker and clock run.
"""

from __future__ import annotations

import base64
import hmac
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import psycopg
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from kit.settings import ROOT
from services.app import App
from tests.bench.bare_server import KEY
from tests.bench.ground import TENANT
from tests.bench.measure import Figure, Ratio
from tests.support.fairness import percentile
from tests.support.redis import free_port

_CONNECTIONS = 8
_SECONDS = 2.0
_ROUNDS = 5
_LONGEST = 0.050
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class _Round:
    """Deliveries a second, and how long each took, in seconds."""

    rate: float
    took: list[float]


def measure(app: App, kind: str) -> tuple[Ratio, Figure]:
    """How many times longer ours takes than the floor for a delivery, and what the slowest hundredth took."""
    with _servers(app) as (our_port, bare_port):
        _load(our_port, 0.5)
        _load(bare_port, 0.5)
        rounds = [(_load(our_port, _SECONDS), _load(bare_port, _SECONDS)) for _ in range(_ROUNDS)]
    ours = statistics.median(mine.rate for mine, _ in rounds)
    bare = statistics.median(floor.rate for _, floor in rounds)
    slowest = percentile([one for mine, _ in rounds for one in mine.took], 0.99)
    floor_slowest = percentile([one for _, floor in rounds for one in floor.took], 0.99)
    verdict = "ok" if slowest < _LONGEST else "ABOVE THE AIM"
    return (
        Ratio(
            f"webhook accepted durably over HTTP, {kind}", 1000 / ours, 1000 / bare, round(1 / 0.6, 2), "ms"
        ),
        Figure(
            f"webhooks a second over HTTP, {kind}",
            f"{ours:,.0f}, bare {bare:,.0f} ({ours / bare:.0%}); p99 {slowest * 1000:.0f} ms (aim 50, {verdict}), "
            f"bare {floor_slowest * 1000:.0f} ms",
        ),
    )


@contextmanager
def _servers(app: App) -> Iterator[tuple[int, int]]:
    """Our web, worker and clock, and the bare handler."""
    url = app.settings.database_url
    _call_it_current(app)
    ours, bare = free_port(), free_port()
    if not url.startswith("sqlite"):
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
            server.execute("CREATE TABLE IF NOT EXISTS bare (key TEXT PRIMARY KEY, body BYTEA)")
    env = dict(os.environ) | {
        "DATABASE_URL": url,
        "REDIS_URL": app.settings.redis_url,
        "SECRET_KEY": app.settings.secret_key,
        "TOKEN_KEYS": ",".join(app.settings.token_keys),
        "XERO_WEBHOOK_KEY": KEY.decode(),
        "PORT": str(ours),
        "WEB_CONCURRENCY": "2",
    }
    workers = "1" if url.startswith("sqlite") else "2"
    commands = [["-m", "cli", name] for name in ("web", "worker", "clock")]
    commands.append(["-m", "tests.bench.bare_server", str(bare), url, workers])
    running = [_start(command, env) for command in commands]
    try:
        for port in (ours, bare):
            _await(port)
        yield ours, bare
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=60)


def _call_it_current(app: App) -> None:
    """Its tables were made from the models, which is quicker; the processes want to see a migrated database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with app.database.engine.connect().execution_options(dunnock_write=True) as connection:
        MigrationContext.configure(connection).stamp(ScriptDirectory.from_config(config), "head")
        connection.commit()


def _start(command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, start_new_session=True)


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nobody answers at port {port}")


def _load(port: int, seconds: float) -> _Round:
    """Deliver over some connections at once, each waiting for its answer before the next."""
    took: list[list[float]] = [[] for _ in range(_CONNECTIONS)]
    requests = [[_request() for _ in range(int(seconds * 600))] for _ in range(_CONNECTIONS)]
    stop = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_deliver, args=(port, mine, stop, times))
        for mine, times in zip(requests, took, strict=True)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    everything = [one for times in took for one in times]
    return _Round(len(everything) / elapsed, everything)


def _deliver(port: int, requests: list[bytes], stop: float, took: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            began = time.perf_counter()
            if began > stop:
                return
            connection.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                piece = connection.recv(4096)
                if not piece:
                    raise RuntimeError("the server hung up")
                answer += piece
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"a webhook was answered {answer[:40]!r}")
            took.append(time.perf_counter() - began)


def _request() -> bytes:
    """A signed delivery of one event, different from all before."""
    invoice = f"00000000-0000-0000-0000-{next(_numbers):012d}"
    body = (
        f'{{"events":[{{"resourceUrl":"https://api.xero.com/api.xro/2.0/Invoices/{invoice}",'
        f'"resourceId":"{invoice}","eventDateUtc":"2026-11-20T10:00:00.000","eventType":"UPDATE",'
        f'"eventCategory":"INVOICE","tenantId":"{TENANT}",'
        '"tenantType":"ORGANISATION"}],"firstEventSequence":1,"lastEventSequence":1,"entropy":"BENCH"}'
    ).encode()
    signature = base64.b64encode(hmac.digest(KEY, body, "sha256")).decode()
    return (
        "POST /webhooks/xero HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nx-xero-signature: {signature}\r\n\r\n"
    ).encode() + body
