"""What small organisations wait beside a large one, against what they wait alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.bench.measure import Figure, Ratio
from tests.support.fairness import measure as live_together
from tests.support.fairness import percentile


def measure(
    folder: Path, servers: Mapping[str, str], kind: str, *, large: int, small: int
) -> tuple[Ratio, Ratio, Figure]:
    """With ``servers`` as ``demo.processes.Stage`` wants them; empty for SQLite and the embedded Redis."""
    found = live_together(folder, servers, large=large, small=small)
    beside = f"beside {large:,} invoices, {kind}"
    return (
        Ratio(
            f"news of {small} small ones {beside}, p95",
            percentile(found.beside.news),
            percentile(found.alone.news),
            1.5,
            "s",
        ),
        Ratio(
            f"mails of {small} small ones {beside}, p95",
            percentile(found.beside.mails),
            percentile(found.alone.mails),
            1.5,
            "s",
        ),
        Figure(f"{small} small ones {beside}", f"alone {found.alone}; beside {found.beside}"),
    )
