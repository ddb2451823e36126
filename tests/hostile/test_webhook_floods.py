"""The web process as it is deployed, under bodies that are huge, endless, slow or strange: it refuses, and answers others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from kit import clock
from kit.settings import ROOT
from sandbox.config import generate_event_key
from sandbox.mail_events import EventSigner
from tests.hostile.conftest import SETTINGS
from tests.support.redis import free_port

SIGNER = EventSigner(generate_event_key())
KEY = SETTINGS["XERO_WEBHOOK_KEY"]
MOST_MEGABYTES = 50
"""By which a body may make the process grow."""


@dataclass
class Server:
    """A web process, seen from outside."""

    port: int
    pid: int
    database: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def megabytes(self) -> float:
        """What the process and its children hold."""
        return sum(_kilobytes(pid) for pid in _family(self.pid)) / 1024

    def stored(self) -> int:
        with sqlite3.connect(self.database) as connection:
            return int(connection.execute("SELECT count(*) FROM inbox_events").fetchone()[0])

    def post(self, path: str, body: bytes, **headers: str) -> int:
        return requests.post(self.url + path, data=body, headers=headers, timeout=120).status_code

    def xero(self, body: bytes) -> int:
        return self.post("/webhooks/xero", body, **{"x-xero-signature": signed(body)})

    def sendgrid(self, body: bytes) -> int:
        return self.post("/webhooks/sendgrid/events", body, **SIGNER.headers(body, clock.now()))


def _family(pid: int) -> list[int]:
    """The process and everything that it has started."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [one for child in children.read_text().split() for one in _family(int(child))]
    return found


def _kilobytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def signed(body: bytes) -> str:
    return base64.b64encode(hmac.digest(KEY.encode(), body, hashlib.sha256)).decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("flood")
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **SETTINGS,
        "PORT": str(port),
        "VAR_DIR": str(folder),
        "REDIS_URL": "redis://127.0.0.1:1",
        "SENDGRID_EVENT_PUBLIC_KEY": SIGNER.public_key(),
    }
    subprocess.run([sys.executable, "-m", "cli", "db", "upgrade"], cwd=ROOT, env=environment, check=True)
    log = (folder / "web.log").open("wb")
    started = subprocess.Popen([sys.executable, "-m", "cli", "web"], cwd=ROOT, env=environment, stderr=log)
    found = Server(port, started.pid, folder / "dunnock.db")
    _await(found)
    yield found
    started.terminate()
    started.wait(timeout=60)
    log.close()


def _await(server: Server) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{server.url}/healthz", timeout=5).ok:
                break
        except requests.ConnectionError:
            time.sleep(0.2)
    for _ in range(3):  # what a first request loads is not what a body costs
        server.xero(b'{"events": []}')
        server.sendgrid(b"[]")


def tiny(count: int) -> bytes:
    return b'{"events":[' + b",".join([b"{}"] * count) + b"]}"


SMUGGLED = (
    b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n"
)
"""Two lengths, of which one hides a second request."""
BODIES = {
    "10 MB": b" " * (10 * 1024 * 1024),
    "a million events": tiny(1_000_000),
    "as many events as fit": tiny(340_000),
    "as many different events as fit": b'{"events":['
    + b",".join(b"%d" % n for n in range(100, 140_000))
    + b"]}",
    "deep": b"[" * 1_000_000,
    "deep events": b'{"events":[' + b'{"a":' * 200_000,
    "100,000 keys": b'{"events":[],' + b",".join(b'"k%d":1' % n for n in range(90_000)) + b"}",
    "a long number": b'{"events":[' + b"9" * 1_000_000 + b"]}",
    "a long text": b'{"events":[{"tenantId":"' + b"\\u0041" * 170_000 + b'"}]}',
    "NaN": b'{"events":[NaN,Infinity,-Infinity]}',
    "gzip": bytes.fromhex("1f8b0800000000000003") + b"\x00" * 1_000,
    "UTF-16": json.dumps({"events": []}).encode("utf-16"),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("sender", ["xero", "sendgrid"])
def test_a_well_signed_body_of_any_kind_costs_little_and_is_one_row_at_most(
    server: Server, sender: str, body: bytes
) -> None:
    before, stored = server.megabytes(), server.stored()
    status = (
        server.xero(body)
        if sender == "xero"
        else server.sendgrid(body.removeprefix(b'{"events":').removesuffix(b"}"))
    )
    assert status == 413 if len(body) > 6_000_000 else status in (200, 413)
    assert server.stored() - stored <= 3
    assert server.megabytes() - before < MOST_MEGABYTES + len(body) / 1024 / 1024


def test_nothing_unsigned_is_stored_whatever_it_is(server: Server) -> None:
    stored = server.stored()
    for body in (b"x" * 1_000_000, b'{"events":[]}', b""):
        for path in (
            "/webhooks/xero",
            "/webhooks/sendgrid/events",
            "/webhooks/sendgrid/inbound",
            "/webhooks/sendgrid/inbound?token=x",
        ):
            answer = requests.post(
                server.url + path, data=body, headers={"x-xero-signature": "x"}, timeout=60
            )
            assert (answer.status_code, answer.content) == (401, b"")
            assert "Set-Cookie" not in answer.headers and "Content-Type" not in answer.headers
    assert server.stored() == stored


def test_a_body_without_end_is_cut_off(server: Server) -> None:
    before = server.megabytes()
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < 300 * 1024 * 1024:
                line.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")
                sent += 65_536
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has heard enough
    assert sent < 300 * 1024 * 1024
    assert server.megabytes() - before < MOST_MEGABYTES
    assert server.xero(b'{"events": []}') == 200


def test_slow_bodies_do_not_keep_others_waiting(server: Server) -> None:
    """Ten senders who give a byte now and then; everybody else is answered meanwhile."""
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(10)]
    try:
        for line in slow:
            line.sendall(b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        for _ in range(5):
            for line in slow:
                line.sendall(b" ")
            assert server.xero(b'{"events": []}') == 200
            assert requests.get(f"{server.url}/healthz", timeout=60).ok
    finally:
        for line in slow:
            line.close()


def test_half_requests_and_smuggled_ones_do_no_harm(server: Server) -> None:
    stored = server.stored()
    for raw in (
        SMUGGLED,
        b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
        b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf",
        b"\x16\x03\x01\x02\x00",
        b"\x00" * 500,
        b"GET / HTTP/9.9\r\n\r\n",
        b"A" * 100_000,
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            try:
                answer = line.recv(65_536)
            except ConnectionResetError:
                answer = b""
        assert not answer.startswith(b"HTTP/1.1 2") and b"dunnock_" not in answer, raw
        assert not answer.startswith(b"HTTP/1.1 5") or b" 501 " in answer[:20], (raw, answer)
    assert server.stored() == stored
    assert server.xero(b'{"events": []}') == 200


def test_five_hundred_changes_of_a_signed_body_are_all_refused(server: Server) -> None:
    body = json.dumps({"events": [{"tenantId": "t", "resourceId": "r", "eventCategory": "INVOICE"}]}).encode()
    signature, dice, stored = signed(body), random.Random(4), server.stored()
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for number in range(500):
        changed = bytearray(body)
        place = dice.randrange(len(changed))
        match number % 4:
            case 0:
                changed[place] ^= 1 << dice.randrange(8)
            case 1:
                changed.insert(place, dice.randrange(256))
            case 2:
                del changed[place]
            case _:
                changed += dice.choice([b"\n", b" ", b"\x00", b"\r\n", b"{}"])
        line.request("POST", "/webhooks/xero", bytes(changed), {"x-xero-signature": signature})
        answer = line.getresponse()
        assert (answer.status, answer.read()) == (401, b""), bytes(changed)
    line.close()
    assert server.stored() == stored


def test_a_thousand_replays_are_one_event(server: Server) -> None:
    """Xero's signature has no date, so a body is good for ever: it must be worth nothing the second time."""
    body = json.dumps(
        {"events": [{"tenantId": "replayed", "resourceId": "r", "eventCategory": "INVOICE"}]}
    ).encode()
    stored = server.stored()
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(1_000):
        line.request("POST", "/webhooks/xero", body, {"x-xero-signature": signed(body)})
        answer = line.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
    line.close()
    assert server.stored() == stored + 1
