"""What the tests of outages share: a Redis to do anything to, and the looks of somebody outside at the product."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from redis import Redis

from tests.faults.town import Firm, Town, open_town
from tests.support import redis as redis_server
from tests.support.postgres import PostgresServer
from tests.support.redis import RedisServer, free_port

LEDGERS_PATIENCE_SECONDS = 5
"""So long the ledger waits for the answer to a webhook."""


@dataclass
class OwnRedis:
    """A Redis server of the test's own, at one address whatever is done to it. Keeps nothing."""

    folder: Path
    port: int = field(default_factory=free_port)
    server: RedisServer | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """A server with nothing in it."""
        self.server = redis_server.start(self.folder, self.port)

    def kill(self) -> None:
        """As a machine that is gone."""
        self._running.stop()
        self.server = None

    def freeze(self) -> None:
        """Connections stay open and nothing answers."""
        self._running.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._running.process.send_signal(signal.SIGCONT)

    def tell(self, *command: str) -> None:
        """An administrator's command."""
        with Redis.from_url(self.url) as client:
            client.execute_command(*command)

    def stop(self) -> None:
        if self.server:
            self.server.stop()

    @property
    def _running(self) -> RedisServer:
        assert self.server, "Redis does not run"
        return self.server


def new_database(request: pytest.FixtureRequest) -> str:
    """The address of an empty PostgreSQL database."""
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database(f"faults_{uuid.uuid4().hex[:12]}")


@contextmanager
def town_on(pair: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Town]:
    """A town on one of the two pairs of servers, for the tests of a whole module."""
    if pair.startswith("SQLite"):
        with open_town(folder, {}) as town:
            yield town
        return
    with tempfile.TemporaryDirectory(prefix="dk-") as short:
        redis = OwnRedis(Path(short))
        redis.start()
        try:
            with open_town(folder, {"DATABASE_URL": new_database(request), "REDIS_URL": redis.url}) as town:
                yield town
        finally:
            redis.stop()


@contextmanager
def worker_with(town: Town, **environment: str) -> Iterator[None]:
    """For the block, the worker runs with other settings."""
    usual = dict(town.stage.env)
    town.stage.env.update(environment)
    town.kill("worker")
    try:
        yield
    finally:
        town.stage.env.update(usual)
        town.kill("worker")


def tell_news(town: Town, firm: Firm) -> int:
    """Deliver a signed webhook as the ledger does, and give it up after as long; the answer's status."""
    event = {
        "resourceUrl": "https://ledger.example/x",
        "resourceId": str(uuid.uuid4()),
        "eventDateUtc": town.now().strftime("%Y-%m-%dT%H:%M:%S.000"),
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": firm.tenant,
        "tenantType": "ORGANISATION",
    }
    body = json.dumps({"events": [event], "firstEventSequence": 1, "lastEventSequence": 1}).encode()
    key = town.stage.env["XERO_WEBHOOK_KEY"].encode()
    signature = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
    answer = requests.post(
        f"{town.stage.app_url}/webhooks/xero",
        data=body,
        headers={"x-xero-signature": signature, "Content-Type": "application/json"},
        timeout=LEDGERS_PATIENCE_SECONDS,
    )
    return answer.status_code


def look_at(town: Town, path: str) -> int:
    """Open a page in the browser of the person who connected; the answer's status."""
    town.person.browser.close()  # a connection that the server is just closing, which a browser would open anew
    answer = town.person.browser.get(town.stage.app_url + path, timeout=30, allow_redirects=False)
    return answer.status_code
