"""No name, address, text or secret of anybody is in a log, in Redis, or readable in the database when it is a secret."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from demo.client import Sandbox
from demo.processes import Stage
from demo.story import Story
from kit import settings
from kit.doorbell import Doorbell
from kit.redis import connect
from kit.settings import ROOT
from services import doors
from tests.support import loaded
from tests.support.redis import free_port

MORNING = datetime(2026, 10, 14, 6, 0, tzinfo=UTC)
PEOPLE = ("Quillfeather", "Ravensbourne", "Silverthorne")
"""Names that occur nowhere else; each is a customer's name and part of their address."""
SIGNED_BY_A_MACHINE = re.compile(rb"eyJ[\w-]{10,}\.[\w-]{10,}")
"""A token of OAuth."""


@pytest.mark.parametrize("form", ["json", "line"])
def test_whatever_goes_wrong_its_words_stay_out_of_the_log_and_of_redis(redis_url: str, form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.process_that_fails", redis_url, form],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, "the last error is not caught"
    lines = done.stderr.splitlines()
    for secret in (
        "canary",
        "ashdown",
        "abcdefgh",
        "dk_0123456789abcdef",
        "the-token-of",
        "link-of-a-customer",
        "192.0.2.77",
        "\x1b",
    ):
        assert secret not in done.stderr, secret
    assert not any(line.startswith("FAKE LINE") for line in lines), "nobody can write a line of their own"
    told = " ".join(lines)
    for kept in (
        "OperationalError",
        "tests/hostile/process_that_fails.py",
        "a job failed",
        "KeyError",
        "0" * 32,
    ):
        assert kept in told
    if form == "json":
        found = [json.loads(line) for line in lines]
        assert all({"at", "level", "logger", "message"} <= set(line) for line in found)
        (job,) = (line for line in found if line["message"] == "a job failed")
        assert job["door"] == "tests.hostile.process_that_fails.fail" and len(job["job"]) == 36
    assert not _hits(b"canary", _redis(redis.Redis.from_url(redis_url)))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    found = Stage(tmp_path, free_port(), free_port(), minutely_calls=6000, begin=loaded.start)
    found.clock_file.write_text(f"{(MORNING - datetime.now(UTC)).total_seconds():.6f}\n")
    found.start_sandbox("--empty")
    try:
        yield found
    finally:
        found.stop()


def test_the_whole_story_and_its_mishaps_leave_nothing_of_anybody_behind(stage: Stage) -> None:
    sandbox = Sandbox(stage.sandbox_url)
    tenant = sandbox.load_book(
        "Canary Joinery", "GBP", MORNING.date().isoformat(), [_row(name) for name in PEOPLE]
    )
    stage.start_product()
    summary = Story(stage, sandbox, tenant).tell()
    assert summary.chasers_sent and summary.replies and summary.ledger_notes
    token = stage.command("token", "create", "--organisation", tenant, "--role", "owner").split()[-1]
    _knock_at_every_door(stage)
    _fail_everywhere(stage, sandbox)

    logs = {
        path.name: path.read_bytes()
        for path in (stage.folder / "logs").glob("*.log")
        if path.stem != "sandbox"
    }
    assert {"web.log", "worker.log", "clock.log"} == set(logs)
    with connect(settings.load(stage.env)) as connection:
        remembered = _redis(connection)
    people = [name.encode() for name in PEOPLE] + [
        b"Canary Joinery",
        b"look into it and come back",
        b"sandbox.example",
    ]
    secrets = [
        value.encode()
        for name, value in stage.env.items()
        if name.endswith(("KEY", "KEYS", "SECRET", "TOKEN"))
    ]
    for what in (*people, *secrets, token.encode(), b"-of-nobody"):
        for name, content in {**logs, "redis": remembered}.items():
            assert what.lower() not in content.lower(), f"{what!r} in {name}"
    kept = b"".join(path.read_bytes() for path in stage.folder.glob("dunnock.db*"))
    assert PEOPLE[0].encode() in kept, "the mirror is there"
    for what in (*secrets, token.encode()):
        assert what not in kept
    for content in (*logs.values(), remembered, kept):
        assert not SIGNED_BY_A_MACHINE.search(content)


def _row(name: str) -> dict[str, Any]:
    return {
        "customer": f"{name} Ltd",
        "invoice_number": f"INV-{name}",
        "invoice_date": "2026-09-01",
        "due_date": "2026-10-01",
        "amount": "120.00",
        "currency": "GBP",
        "email": f"{name.lower()}@sandbox.example",
    }


def _knock_at_every_door(stage: Stage) -> None:
    """Wrong signatures, tokens, bodies and addresses, each with something that must not be remembered."""
    for method, path, body in (
        ("POST", "/webhooks/xero", b'{"events": "Quillfeather"}'),
        ("POST", "/webhooks/sendgrid/events", b"Quillfeather"),
        ("POST", "/webhooks/sendgrid/inbound?token=guess-of-nobody", b"Quillfeather"),
        ("POST", f"/webhooks/sendgrid/inbound?token={stage.env['INBOUND_MAIL_TOKEN']}", b"Quillfeather"),
        ("GET", "/api/v1/contacts?name=Quillfeather", None),
        ("GET", "/connect/xero/callback?code=code-of-nobody&state=state-of-nobody", None),
        ("GET", "/Quillfeather%0AINFO%20a-line-of-nobody", None),
        ("GET", "/organisations/quillfeather@sandbox.example/contacts", None),
        ("POST", "/sign-out", b"Quillfeather"),
    ):
        headers = {"Authorization": "Bearer dk_token-of-nobody", "Cookie": "dunnock=cookie-of-nobody"}
        answer = requests.request(
            method, stage.app_url + path, data=body, headers=headers, timeout=60, allow_redirects=False
        )
        assert answer.status_code < 500


def _fail_everywhere(stage: Stage, sandbox: Sandbox) -> None:
    """The ledger falls ill in several ways, so that whatever asks it next has something to complain about."""
    for answer in ("html", "truncate", "500", "unknown-enum", "redirect"):
        fault = {"match": {"path_prefix": "/api.xro"}, "answer": answer, "times": 2}
        requests.post(f"{stage.sandbox_url}/sandbox/faults", json=fault, timeout=60).raise_for_status()
    sandbox.set_clock(
        datetime.fromisoformat(requests.get(f"{stage.sandbox_url}/sandbox/clock", timeout=60).json()["now"])
        + timedelta(minutes=45)
    )
    _until(lambda: b"cannot be read" in (stage.folder / "logs" / "worker.log").read_bytes())


def _until(come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _redis(connection: Any) -> bytes:
    """Everything that Redis holds, jobs unpacked."""
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"none": lambda _: b"",  # it has run out since it was listed
        b"string": connection.get,
        b"hash": lambda key: [part for pair in connection.hgetall(key).items() for part in pair],
        b"list": lambda key: connection.lrange(key, 0, -1),
        b"set": connection.smembers,
        b"zset": lambda key: connection.zrange(key, 0, -1),
        b"stream": lambda key: [
            part for _, entry in connection.xrange(key) for part in (*entry, *entry.values())
        ],
    }
    found: list[bytes] = []
    for key in connection.scan_iter():
        held = readers[connection.type(key)](key) or b""
        found += [key, *([held] if isinstance(held, bytes) else held)]
    return b"\n".join([*found, *map(_unpacked, found)])


def _unpacked(value: bytes) -> bytes:
    """What RQ has compressed, as it is or in base64; nothing for anything else."""
    for decode in (bytes, base64.b64decode):
        with suppress(zlib.error, ValueError):
            return zlib.decompress(decode(value))
    return b""


def _hits(word: bytes, content: bytes) -> bool:
    return word.lower() in content.lower()


def test_a_job_in_redis_is_ids_in_json(redis_url: str) -> None:
    """Never a pickle, which would let whoever can write to Redis run code in a worker."""
    connection = redis.Redis.from_url(redis_url)
    assert Doorbell(connection).ring(doors.SEND, "0" * 32)
    (key,) = (key for key in connection.scan_iter("rq:job:*") if connection.type(key) == b"hash")
    held = connection.hget(key, "data")
    assert isinstance(held, bytes)
    assert json.loads(_unpacked(held)) == [doors.SEND, None, ["0" * 32], {}]
    connection.close()
