"""Processes are killed and Redis is emptied in the middle of sending: no mail comes twice, and no note is missing."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from demo.client import Api, Person, Sandbox
from demo.processes import Stage
from kit import settings
from kit.redis import connect
from tests.support.redis import free_port

ROUNDS = int(os.environ.get("DUNNOCK_KILL_ROUNDS", "8"))
"""How often something is killed; a long run sets some hundreds."""
CUSTOMERS = 40
MORNING = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)
_ENDED = ("delivered", "cancelled", "failed", "bounced")


@pytest.fixture(params=["SQLite and the embedded Redis", "PostgreSQL and a Redis server"])
def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """The two pairs that the product runs on."""
    if request.param.startswith("SQLite"):
        return {}
    server = request.getfixturevalue("postgres_server")
    admin = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE kills"))
    admin.dispose()
    return {"DATABASE_URL": server.url("kills"), "REDIS_URL": request.getfixturevalue("redis_url")}


@pytest.fixture
def stage(tmp_path: Path, servers: dict[str, str]) -> Iterator[Stage]:
    found = Stage(tmp_path, free_port(), free_port(), minutely_calls=6000, servers=servers)
    offset = (MORNING - datetime.now(UTC)).total_seconds()
    found.clock_file.write_text(f"{offset:.6f}\n")
    found.start_sandbox("--empty")
    try:
        yield found
    finally:
        found.stop()


def test_no_mail_twice_and_no_note_missing_whatever_is_killed(stage: Stage) -> None:
    sandbox = Sandbox(stage.sandbox_url)
    tenant = sandbox.load_book(
        "Kill Test", "GBP", MORNING.date().isoformat(), [_row(n) for n in range(CUSTOMERS)]
    )
    stage.start_product()
    Person(stage.app_url).connect(sandbox.user(), tenant)
    api = Api(stage.app_url, stage.command("token", "create", "--organisation", tenant, "--role", "owner"))
    _until(lambda: api.get("/organisation")["synced_at"])
    api.patch("/organisation", {"chasing": "live"})
    dice = random.Random(ROUNDS)
    for _ in range(ROUNDS):
        time.sleep(dice.uniform(0.1, 2.5))
        _kill(stage, dice.choice(("worker", "worker", "clock")))
        with connect(settings.load(stage.env)) as redis:
            redis.flushall()
    sandbox.set_clock(MORNING + timedelta(minutes=10))  # past the patience with abandoned claims
    _until(lambda: all(c["status"] in _ENDED for c in _chasers(api)))
    _until(lambda: all(n["status"] == "written" for n in api.each("/ledger-notes")))

    mails = Counter(mail["custom_args"]["dunnock_id"] for mail in sandbox.mails())
    assert len(mails) == CUSTOMERS and set(mails.values()) == {1}
    delivered = [c["id"] for c in _chasers(api) if c["status"] == "delivered"]
    assert sorted(delivered) == sorted(mails)
    noted = [note for notes in sandbox.notes(tenant).values() for note in notes]
    assert len(noted) == 2 * CUSTOMERS and len(set(noted)) == len(noted)


def _kill(stage: Stage, name: str) -> None:
    """SIGKILL the process and, a worker's children being on their own, those as well; then start it again."""
    process = stage.running[name]
    children = _children(process.pid)
    for pid in (process.pid, *children):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    stage.start(name)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _row(number: int) -> dict[str, Any]:
    return {
        "customer": f"Customer {number}",
        "invoice_number": f"K-{number}",
        "invoice_date": "2026-09-01",
        "due_date": "2026-10-01",
        "amount": "100.00",
        "currency": "GBP",
        "email": f"accounts@k{number}.example",
        "country": None,
        "settled_date": None,
    }


def _chasers(api: Api) -> list[dict[str, Any]]:
    return [c for c in api.each("/communications") if c["kind"] == "chaser"]


def _until(come: Any) -> None:
    deadline = time.monotonic() + 240
    while not come():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.5)
