"""Rings from web requests: a ring that is lost costs speed, and never the rings after it."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from kit.doorbell import Doorbell, SoftDoorbell


class Bell(Doorbell):
    """Has no Redis; it fails at the first ring in a way that nobody foresaw."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.rung = threading.Event()

    def ring(self, job: str, *ids: str, **_: Any) -> bool:
        self.heard.append(job)
        self.rung.set()
        if len(self.heard) == 1:
            raise ValueError("something that no one foresaw")
        return True


def test_a_ring_that_fails_is_told_and_the_next_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell()
    soft = SoftDoorbell(bell, gap=0)
    with caplog.at_level(logging.ERROR):
        for job in ("first", "second"):
            bell.rung.clear()
            soft.ring(job)
            assert bell.rung.wait(10), f"{job} was not rung"
    assert bell.heard == ["first", "second"]
    assert "a ring was lost" in caplog.text
