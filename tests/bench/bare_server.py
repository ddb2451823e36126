"""The floor of the webhook measurement: verifies a signature, inserts one row durably, answers 200.

Behind the same server with the same number of processes and threads, on the same kind of database.
``python -m tests.bench.bare_server PORT DATABASE_URL WORKERS``
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import sqlite3
import sys
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from gunicorn.app.base import BaseApplication

KEY = b"bench-key"
_local = threading.local()


class _Bare(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, port: int, url: str, workers: int) -> None:
        self._options = {
            "bind": f"127.0.0.1:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": 16,
            "keepalive": 5,
            "control_socket_disable": True,
            "loglevel": "warning",
        }
        self._url = url
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., list[bytes]]:
        return handler(self._url)


def handler(url: str) -> Callable[..., list[bytes]]:
    """The WSGI application; a connection for each thread."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        made = base64.b64encode(hmac.digest(KEY, body, "sha256")).decode()
        if not hmac.compare_digest(made, environ["HTTP_X_XERO_SIGNATURE"]):
            start("401 Unauthorized", [("Content-Length", "0")])
            return []
        if not hasattr(_local, "insert"):
            _local.insert = inserter(url)
        _local.insert(hashlib.sha256(body).hexdigest(), body)
        start("200 OK", [("Content-Length", "0")])
        return []

    return answer


def inserter(url: str) -> Callable[[str, bytes], object]:
    """Inserts and commits one row on a connection of its own."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///") + ".bare", isolation_level=None, timeout=15)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=FULL")
        file.execute("CREATE TABLE IF NOT EXISTS bare (key TEXT PRIMARY KEY, body BLOB)")
        return lambda key, body: file.execute("INSERT INTO bare VALUES (?, ?)", (key, body))
    server = psycopg.connect(url.replace("+psycopg", ""), autocommit=True, prepare_threshold=0)
    return lambda key, body: server.execute("INSERT INTO bare VALUES (%s, %s)", (key, body))


if __name__ == "__main__":
    _Bare(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])).run()
