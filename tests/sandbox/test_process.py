"""The sandbox as a process of its own, as the demo starts it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--empty"]
    command += ["--state-clock", str(tmp_path / "clock"), "--app-url", "http://127.0.0.1:1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def test_it_says_where_it_serves_and_leaves_quietly_when_asked(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    url = process.stderr.readline().split()[-1]
    assert requests.get(f"{url}/sandbox/health", timeout=10).json() == {"status": "ok", "public_url": url}
    assert requests.post(f"{url}/sandbox/clock", json={"advance_days": 1}, timeout=10).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    assert process.stderr.read() == ""
