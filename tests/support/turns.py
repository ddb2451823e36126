"""Both pairs of servers cost twice the time, so an ordinary run meets some tests on one of them, by turns.

What stores, plans and sends is always met on both. Pages, routes, attacks, whole processes, brakes and what else services
do are met on one: of the cases of a test every other one on SQLite, the next on PostgreSQL. A long run meets everything
on both.
"""

from __future__ import annotations

import os

import pytest

DATABASES = ("sqlite", "postgresql")
PAIRS = ("SQLite and the embedded Redis", "PostgreSQL and a Redis server")
LONG_RUN = "DUNNOCK_FAULT_ROUNDS"
"""Set for a long run: how often the random faults strike."""

_BY_TURNS = (
    "tests/web/",
    "tests/hostile/",
    "tests/faults/",
    "tests/services/",
    "tests/path/test_fairness.py",
)
_ALWAYS_BOTH = (
    "test_lost_commits",
    "test_poison",
    "services/test_chasing_properties",
    "services/test_late_fees",
    "services/test_mirror",
    "services/test_news",
    "services/test_notes",
    "services/test_plan",
    "services/test_replies",
    "services/test_send",
    "services/test_set_back",
)
"""What depends on the database most."""


def on_one_by_turns(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other half of the tests that are met by turns."""
    if LONG_RUN in os.environ:
        return
    turns: dict[str, str] = {}
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        of = _server_of(item)
        turn = of and turns.setdefault(item.nodeid.replace(of, "…"), _twins(of)[len(turns) % 2])
        (kept if of == turn else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def _server_of(item: pytest.Item) -> str | None:
    """Which of two this test is about to meet; None: it is not met by turns."""
    met_by_turns = any(one in item.nodeid for one in _BY_TURNS)
    if not met_by_turns or any(one in item.nodeid for one in _ALWAYS_BOTH):
        return None
    values = (
        item.callspec.params.values()
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else ()
    )
    return next((one for one in values if isinstance(one, str) and one in (*DATABASES, *PAIRS)), None)


def _twins(of: str) -> tuple[str, str]:
    return DATABASES if of in DATABASES else PAIRS
