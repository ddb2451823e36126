"""A second person's no, or silence, to what a practice asked for: the practice's own page says so."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kit.wording import N_
from store.queries import practice_sets as queries

ACTS = frozenset({"practice_run", "practice_undo"})


def not_done(session: Session, organisation_id: str, what: dict[str, Any], because: str) -> None:
    """It is not done: a switch came to nothing, or what was done stands and can be asked to be put back again."""
    found = queries.asked(session, organisation_id, what["run_id"])
    if found is None:
        return
    row = queries.run_client(session, organisation_id, what["run_id"])
    if row.state == "asked":
        row.state, row.said = "failed", N_(f"No second person said yes: {because}")
    elif row.state == "undo_asked":
        row.state, row.said = "done", N_(f"It was not put back. No second person said yes: {because}")
