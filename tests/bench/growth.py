"""How the cost of each part grows with the size: tables, with a mark where it grows faster than the size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis

from kit.settings import ROOT
from tests.bench.ground import emptied
from tests.bench.measure import Sample

BOOK_PARTS = (
    "build",
    "first_day",
    "settled",
    "webhook",
    "sending",
    "pages",
    "lists",
    "sweep",
    "past",
    "ordinary_day",
    "figures",
)
"""In this order: each finds the database as the one before left it."""
CROWD_PARTS = ("build", "tick")
A_CROWD_EACH = 100
"""Open invoices of each organisation where organisations are counted."""

_WORSE = 1.3
"""Ten times the size may cost thirteen times as much: caches are smaller than large books, and indexes deeper."""
_TOO_SMALL = 0.05
"""Seconds below which a difference says nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part at one size."""

    size: int
    sample: Sample
    peak_megabytes: float
    in_process: bool
    """Whether the database is part of the process, so that its CPU tells all that was done."""

    @property
    def cost(self) -> float:
        """What growth is judged by: CPU where it tells all, because a busy machine changes it less."""
        return self.sample.cpu_seconds if self.in_process else self.sample.seconds


@dataclass(slots=True)
class Table:
    """One part on one database, from the smallest size up."""

    name: str
    unit: str
    lines: list[Line] = field(default_factory=list)

    def __str__(self) -> str:
        head = f"{self.name}\n  {self.unit:>14} {'seconds':>11} {'CPU':>11} {'ms per 1,000':>13} {'growth':>7} {'peak MB':>8}"
        return "\n".join([head, *self._rows()])

    def _rows(self) -> Iterator[str]:
        before: Line | None = None
        for line in self.lines:
            growth = growth_of(before, line) if before else None
            per_thousand = line.sample.seconds / line.size * 1_000_000
            yield (
                f"  {line.size:>14,} {line.sample.seconds:>11.4f} {line.sample.cpu_seconds:>11.4f}"
                f" {per_thousand:>13,.2f} {'' if growth is None else f'{growth:.2f}':>7} {line.peak_megabytes:>8,.0f}"
                f"  {line.sample.note}{_verdict(growth, line)}"
            )
            before = line


def growth_of(before: Line, line: Line) -> float:
    """How much more each costs than at the size before: 1 is linear, 0.1 is no growth at all in ten times."""
    return (line.cost / before.cost) / (line.size / before.size)


def _verdict(growth: float | None, line: Line) -> str:
    worse = growth is not None and growth > _WORSE and line.cost > _TOO_SMALL
    return "  WORSE THAN LINEAR" if worse else ""


def measure(
    kind: str, url: str, redis_url: str, sizes: Sequence[int], crowds: Sequence[int]
) -> Iterator[Table]:
    """Every part at every size on one database. A part that fails says so and costs only itself."""
    tables: dict[str, Table] = {}
    for size in sorted(sizes):
        _run_parts(tables, kind, url, redis_url, BOOK_PARTS, "open invoices", size, 1)
    for crowd in sorted(crowds):
        _run_parts(tables, kind, url, redis_url, CROWD_PARTS, "organisations", crowd, crowd)
    yield from tables.values()


def _run_parts(
    tables: dict[str, Table], kind: str, url: str, redis_url: str, parts: Sequence[str], unit: str, size: int,
    organisations: int,
) -> None:  # fmt: skip
    emptied(url)
    redis.Redis.from_url(
        redis_url
    ).flushall()  # it would tell of mails that the empty database knows nothing of
    invoices = size * A_CROWD_EACH if unit == "organisations" else size
    for part in parts:
        print(f"… {kind}: {part} with {size:,} {unit}", file=sys.stderr, flush=True)
        answer = _child(url, redis_url, part, invoices, organisations)
        if answer is None:
            print(f"{part} with {size:,} {unit} on {kind} FAILED; see above", flush=True)
            if part == "build":
                return
            continue
        for one in answer["samples"]:
            sample = Sample(**one)
            print(
                f"    {sample.name}: {sample.seconds:.4f} s, CPU {sample.cpu_seconds:.4f} s",
                file=sys.stderr,
                flush=True,
            )
            table = tables.setdefault(sample.name, Table(f"{sample.name}, {kind}", unit))
            table.lines.append(Line(size, sample, answer["peak_megabytes"], kind == "SQLite"))


def _child(url: str, redis_url: str, part: str, invoices: int, organisations: int) -> dict[str, Any] | None:
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "SEND_MODE": "live",
        "SECRET_KEY": "s" * 40,
        "TOKEN_KEYS": "t" * 40,
        "XERO_WEBHOOK_KEY": "bench-key",
        "METRICS_TOKEN": "bench",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.child", part, str(invoices), str(organisations)],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
