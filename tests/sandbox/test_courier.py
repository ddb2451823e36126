"""What is to be handed over arrives, whatever goes wrong before."""

from __future__ import annotations

import threading

from sandbox.courier import Courier


def test_an_error_that_nobody_foresaw_ends_nothing_and_the_same_batch_comes_again() -> None:
    tried: list[list[str]] = []
    arrived = threading.Event()

    def deliver(things: list[str]) -> bool:
        tried.append(things)
        if len(tried) == 1:
            raise ValueError("nobody foresaw this")
        arrived.set()
        return True

    Courier(deliver, batch=1, pauses=(0.01,)).put("a thing")
    assert arrived.wait(10)
    assert tried == [["a thing"], ["a thing"]]
