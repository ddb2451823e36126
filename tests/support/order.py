"""Tests that start whole processes take most of the time, so each worker begins with its share of them.

Else the worker that happens to be handed most of them is still at work when the others have long been done.
"""

from __future__ import annotations

from itertools import cycle

import pytest

_LONG = ("tests/faults/", "tests/path/", "tests/browser/", "tests/hostile/test_tenants.py")


def spread(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests so that the slice which each worker is handed begins with some modules of the long ones."""
    count = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if item.nodeid.startswith(_LONG)]
    if count < 2 or len(long) == len(items):
        return
    shares: list[list[pytest.Item]] = [[] for _ in range(count)]
    for share, module in zip(cycle(shares), _modules(long), strict=False):
        share += module
    others = [item for item in items if not item.nodeid.startswith(_LONG)]
    size, ordered = len(items) // count, list[pytest.Item]()
    for share in shares:
        room = max(size - len(share), 0)
        ordered += [*share, *others[:room]]
        others = others[room:]
    items[:] = [*ordered, *others]


def _modules(items: list[pytest.Item]) -> list[list[pytest.Item]]:
    """Tests of one module stay together, because they share what they have started."""
    found: dict[str, list[pytest.Item]] = {}
    for item in items:
        found.setdefault(item.nodeid.partition("::")[0], []).append(item)
    return list(found.values())
